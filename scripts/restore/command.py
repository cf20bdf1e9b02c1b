"""`python -m scripts restore FILE` and `python -m scripts clean FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.restore.restoration import restore


def main(argv: list[str]) -> int:
    """Print the restored text of the file named in `argv` to stdout, byte exact."""
    path = Path(argv[0])
    text = path.read_bytes().decode("utf-8")
    sys.stdout.buffer.write(restore(text).encode("utf-8"))
    return 0

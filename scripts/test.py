"""`make test`: the whole gate. The site is built once (tests/conftest.py), then pytest runs over it."""
import os
import subprocess
import sys

from scripts import build
from scripts.environment import ROOT, browser


def main(argv):
    """Checks, all notebooks, build, tests; extra arguments go to pytest."""
    failed = build.main([])
    if failed:
        return failed
    env = {**os.environ, "CHROME_PATH": browser(), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run([sys.executable, "-m", "pytest", *(argv or ["tests"])], cwd=ROOT, env=env).returncode

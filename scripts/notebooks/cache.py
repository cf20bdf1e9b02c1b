"""Where a notebook's run is kept, and when it is still valid.

The key covers everything a run depends on: the notebook, the locked packages, the
interpreter, and the code that executes. Nothing else decides whether a run is reused.
"""
import functools
import hashlib
import json
import platform
from pathlib import Path

from scripts.environment import CACHE, LOCK, ROOT

NOTEBOOKS = ROOT / "notebooks"
RUNS = CACHE / "runs"
HERE = Path(__file__).parent


def all_notebooks():
    """Every notebook on disk, sorted: this list is what gets executed, there is no other."""
    return sorted(p for p in NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)


def concept_of(path):
    """`topic/concept` of a notebook's path."""
    parts = path.with_suffix("").parts
    return "/".join(parts[len(parts) - parts[::-1].index("notebooks"):])


@functools.cache
def _surroundings():
    parts = [LOCK.read_bytes(), platform.python_version().encode(), platform.platform(terse=True).encode()]
    for name in ("execute.py", "run.py", "outputs.py", "matplotlibrc", "kernelspec/llm-notes/launch.py",
                 "kernelspec/llm-notes/nursery.py"):
        parts.append((HERE / name).read_bytes())
    return hashlib.sha256(b"\0".join(parts)).digest()


def key(path):
    """The run's key, 32 hex digits."""
    return hashlib.sha256(_surroundings() + path.read_bytes()).hexdigest()[:32]


def run_folder(path):
    """Folder of the valid run of this notebook; it may not exist yet."""
    return RUNS / key(path)


def load(path):
    """The record of the valid run (a dict, see execute.record), or None when it must be executed."""
    record = run_folder(path) / "record.json"
    return json.loads(record.read_text(encoding="utf-8")) if record.exists() else None


def last_seconds(path):
    """CPU seconds that this notebook took when last executed, whatever its text was; None if never."""
    durations = CACHE / "durations.json"
    known = json.loads(durations.read_text(encoding="utf-8")) if durations.exists() else {}
    return known.get(concept_of(path))


def remember_seconds(seconds):
    """Merge {concept: seconds} into the durations by which later runs are ordered."""
    durations = CACHE / "durations.json"
    known = json.loads(durations.read_text(encoding="utf-8")) if durations.exists() else {}
    durations.write_text(json.dumps({**known, **seconds}, indent=1, sort_keys=True), encoding="utf-8")

"""Where a notebook's run is kept, and when it is still valid.

The key covers everything a run depends on: the notebook, the locked packages, the
interpreter, the kind of machine, and the code that executes. Nothing else decides whether a run is reused.
"""
import functools
import hashlib
import json
import platform
import tempfile
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
    parts = [LOCK.read_bytes(), platform.python_version().encode(), f"{platform.system()} {platform.machine()}".encode()]
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
    return (read_whole(CACHE / "durations.json") or {}).get(concept_of(path))


def remember_seconds(seconds):
    """Merge {concept: seconds} into the durations by which later runs are ordered."""
    durations = CACHE / "durations.json"
    write_whole(durations, json.dumps({**(read_whole(durations) or {}), **seconds}, indent=1, sort_keys=True))


def read_whole(path):
    """The JSON that is kept there; None when there is none, or what a build that was killed has left of it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def write_whole(path, text):
    """Two builds at once, or one that is killed: each writes its own file and moves it there whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as new:
        new.write(text)
    Path(new.name).replace(path)

"""Runs of stale notebooks, begun before mkdocs is loaded; only the pages that show one wait for it.

Loading mkdocs and rendering all other pages takes as long as a short notebook, and leaves a core to it.
"""
import atexit
import subprocess
import sys
import time

from scripts.environment import ROOT
from scripts.notebooks import cache, execute

begun = []  # notebooks, in the order in which they are executed
_process, _asked = None, False


def begin():
    """Start executing what is stale, in a process of its own; once, until `end`."""
    global _process, _asked
    if not _asked:
        _asked = True
        begun[:] = execute.stale()
        if begun:
            _process = subprocess.Popen([sys.executable, "-m", "scripts.notebooks.execute"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
            # Whatever ends this process: kernels must not compute on for nobody.
            atexit.register(_process.terminate)


def wait(notebook):
    """Wait for the run of one notebook; return what was said on stderr when there will be none, else ""."""
    record = cache.run_folder(notebook) / "record.json"
    while _process and _process.poll() is None and not record.exists():
        time.sleep(0.01)
    return "" if cache.load(notebook) else end()


def end():
    """Wait for all; return what was said on stderr when a notebook has no run, else ""."""
    global _process, _asked
    _asked = False
    if _process is None:
        return ""
    said = _process.communicate()[1]
    atexit.unregister(_process.terminate)
    failed, _process = _process.returncode, None
    return said if failed else ""

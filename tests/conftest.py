"""The built site, a browser, and a copy of the project that a test may break."""
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

from scripts import build
from scripts.environment import CACHE, ROOT, browser
from scripts.notebooks import cache, execute, run
from scripts.serving import serve


@pytest.fixture(scope="session")
def site():
    """Folder of the built site; `make test` has built it, a bare pytest run builds it here."""
    if not build.SITE.exists():
        assert build.main([]) == 0
    return build.SITE


@pytest.fixture(scope="session")
def address(site):
    """Where the site is served, under a sub-path as on GitHub Pages."""
    with serve(site) as base:
        yield base


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=browser(), args=flags)
        yield found
        found.close()


class Copy:
    """A copy of the project in a scratch folder, sharing the installed packages and the runs."""

    def __init__(self, root):
        self.root = root

    def edit(self, name, old, new):
        """Replace text in one file; the old text must be there."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")

    def run(self, *command, **env):
        """`python -m scripts …` inside the copy; returns the finished process."""
        return subprocess.run([sys.executable, "-m", "scripts", *command], cwd=self.root, capture_output=True, text=True,
                              timeout=300, env={**os.environ, "PYTHONPATH": str(self.root), **env})


@pytest.fixture
def copy(tmp_path):
    """A fresh Copy. Without symlinks (Windows without rights) the test machine must allow them."""
    root = tmp_path / "project"
    skip = shutil.ignore_patterns(".git", ".venv", ".cache", "site", "__pycache__", ".pytest_cache", ".hypothesis")
    shutil.copytree(ROOT, root, ignore=skip, symlinks=True)
    (root / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    (root / ".cache").mkdir()
    for name in ("npm", "stamps"):
        (root / ".cache" / name).symlink_to(CACHE / name, target_is_directory=True)
    shutil.copytree(CACHE / "runs", root / ".cache" / "runs")
    return Copy(root)


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A project of tiny notebooks: `room(a="code", …)` writes them and returns their paths in that order."""
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(execute.os, "cpu_count", lambda: 2)
    for name in ("NOTEBOOKS", "RUNS", "CACHE"):
        monkeypatch.setattr(cache, name, tmp_path / name.lower())
        (tmp_path / name.lower()).mkdir()

    def write(**codes):
        paths = []
        for name, code in codes.items():
            path = cache.NOTEBOOKS / f"{name}.ipynb"
            nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code, id="cell-00")]), path)
            paths.append(path)
        return paths

    return write


def errors_of(notebooks, run=execute.execute_all):
    """execute_all in a thread of its own: Playwright, once started, leaves a running loop in pytest's main thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run, notebooks, lambda line: None).result()

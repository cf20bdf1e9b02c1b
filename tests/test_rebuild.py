"""What a build need not do again, it does not: modules loaded late, pages and notebooks kept."""
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

from scripts import bench_scale, concepts
from scripts.hooks import notebooks, search
from scripts.mkdocs_cli import LATER, later
from scripts.notebooks import cache
from tests.test_rules import code

# Builds as the command line does, then tells what was loaded for it.
BUILD = """
import json, runpy, sys
sys.argv = ["mkdocs", "build", "-q", "--no-strict"]
try:
    runpy.run_module("scripts.mkdocs_cli", run_name="__main__")
except SystemExit as end:
    assert not end.code, end
import jieba
from scripts.formulas import katex
names = ("nbconvert", "nbclient", "jupytext.formats", "bs4.element")
print(json.dumps({**{name: name in sys.modules for name in names}, "words": jieba.dt.initialized, "katex": hasattr(katex._local, "render")}))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A small project, built once."""
    root = tmp_path_factory.mktemp("rebuild")
    bench_scale.generate(root, bench_scale.OTHERS + 2 * (1 + concepts.pages().index("alignment/rlaif")))  # up to the notebook that is changed below
    runs = root / ".cache" / "runs"
    runs.unlink()  # a link to the project's own: what a test runs must not stay there
    for path in (root / "notebooks").rglob("*.ipynb"):
        kept = cache.run_folder(cache.NOTEBOOKS / path.relative_to(root / "notebooks"))
        shutil.copytree(kept, runs / kept.name)
    build(root)
    return root


def run(root):
    return subprocess.run([sys.executable, "-c", BUILD], cwd=root, capture_output=True, text=True,
                          env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(root)})


def build(root):
    done = run(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def content(root):
    return {path.relative_to(root): path.read_bytes() for path in (root / "site").rglob("*.html")}


def test_a_build_in_which_nothing_changed_loads_nothing_that_makes_pages_and_makes_the_same(site):
    before = content(site)
    loaded = build(site)
    assert loaded == dict.fromkeys(loaded, False)
    assert content(site) == before


def test_a_changed_text_is_cut_into_words_and_shown_but_no_notebook_is_converted(site):
    page = next(p for p in sorted((site / "docs").glob("*/*.md")) if p.name != "index.md" and p.parent.name != "source")
    page.write_text(page.read_text(encoding="utf-8") + "\n这里加了一句话。\n", encoding="utf-8")
    loaded = build(site)
    assert loaded["words"] and not loaded["nbconvert"] and not loaded["nbclient"]
    assert "这里加了一句话" in (site / "site" / page.parent.name / page.stem / "index.html").read_text(encoding="utf-8")
    index = (site / "site" / "search" / "search_index.json").read_text(encoding="utf-8").replace("\u200b", "")
    assert "这里加了一句话" in index


def test_a_changed_notebook_runs_in_a_process_of_its_own_and_its_pages_wait_for_it(site):
    path = site / "notebooks" / "alignment" / "rlaif.ipynb"
    code("changed = 'by the test'")(path)
    loaded = build(site)
    assert loaded["nbconvert"]
    assert "by the test" in (site / "site" / "notebooks" / "alignment" / "rlaif" / "index.html").read_text(encoding="utf-8")
    made = {p.relative_to(site): p.read_bytes() for p in (site / "site").rglob("*") if p.is_file() and p.name != "sitemap.xml.gz"}
    page = (site / "site" / "alignment" / "rlaif" / "index.html").read_text(encoding="utf-8")
    figures = re.findall(r'src="\.\./\.\./(assets/figures/[^"#]+)', page)
    assert figures and all(Path("site", name) in made for name in figures)
    # Pages that waited stand where they stand when nothing waits: in the list of files, in the search index, in the sitemap.
    build(site)
    assert {p.relative_to(site): p.read_bytes() for p in (site / "site").rglob("*") if p.is_file() and p.name != "sitemap.xml.gz"} == made


def test_a_changed_notebook_that_fails_ends_the_build_with_its_name(site):
    path = site / "notebooks" / "alignment" / "rlaif.ipynb"
    before = path.read_bytes()
    code("raise ValueError('no such reward')")(path)
    done = run(site)
    path.write_bytes(before)
    assert done.returncode == 1
    assert "notebooks/alignment/rlaif.ipynb:单元 2: [RUN-1] ValueError: no such reward；改法：" in done.stdout + done.stderr


def test_a_stand_in_becomes_the_module_when_something_of_it_is_asked(monkeypatch):
    name = "colorsys"
    monkeypatch.delitem(sys.modules, name, raising=False)
    later(name)
    import colorsys

    assert "rgb_to_hsv" not in vars(colorsys)
    assert colorsys.rgb_to_hsv(1, 0, 0) == (0, 1, 1)
    assert isinstance(sys.modules[name], types.ModuleType) and "rgb_to_hsv" in vars(sys.modules[name])
    with pytest.raises(AttributeError, match="no_such_thing"):
        colorsys.no_such_thing


def test_every_module_loaded_late_exists():
    for name in LATER:
        assert importlib.util.find_spec(name), name


@pytest.mark.parametrize("name", ["notebooks.py", "images.py", "markdown.py", "plain.py"])
def test_a_kept_page_does_not_outlive_the_code_that_made_it(monkeypatch, name):
    before, read = notebooks._version.__wrapped__(), Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + (b"#" if path.name == name else b""))
    assert notebooks._version.__wrapped__() != before


def test_a_kept_page_cut_short_is_made_again(tmp_path, monkeypatch):
    kept = tmp_path / "page.json"
    kept.write_text('{"content": "<p>', encoding="utf-8")
    monkeypatch.setattr(notebooks, "_kept", lambda path: kept)
    monkeypatch.setattr(notebooks, "mend", lambda content: {"content": content, "toc": [], "title": "题"})
    monkeypatch.setattr(notebooks.ahead, "begun", [])
    renders = []
    for _ in range(2):
        page = types.SimpleNamespace(file=types.SimpleNamespace(src_uri="notebooks/x/y.ipynb"), url="notebooks/x/y/", meta={}, content="<p>新</p>",
                                     render=lambda config, files: renders.append(1))
        notebooks.on_pre_page(page, None, None).render(None, None)
        assert page.content == "<p>新</p>" and page.title == "题"
    assert len(renders) == 1 and [p.name for p in tmp_path.iterdir()] == ["page.json"]


def test_kept_entries_of_the_text_index_cut_short_are_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(search, "KEPT", tmp_path)
    (tmp_path / "x--y.md.json").write_text('{"key": "', encoding="utf-8")
    page = types.SimpleNamespace(url="x/y/", title="题", meta={}, content="<p>正文</p>", toc=[], file=types.SimpleNamespace(src_uri="x/y.md"))
    for reads in (True, False):
        index, read = types.SimpleNamespace(entries=[]), []
        search._add(index, lambda page: (read.append(page), index.entries.append({"location": page.url})), [], page)
        assert bool(read) is reads and index.entries == [{"location": "x/y/"}]

"""The faults of tests/README.md: its table is whole, and what a kernel does wrong is caught within its deadline."""
import re
import sys
import time

import markdown
import nbformat
import pytest
from mkdocs.config import load_config

from scripts.checks import registry, site
from scripts.environment import ROOT
from scripts.hooks import page as pages
from scripts.notebooks import cache, run
from tests.conftest import errors_of
from tests.test_rules import FAULTS

TABLE = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
limited = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits per process to ask for")


@pytest.mark.parametrize("code, rule, says", [
    pytest.param("x = bytearray(7 << 30)", "RUN-1", "MemoryError", marks=limited),
    pytest.param("f = open('big', 'wb')\nfor _ in range(300): f.write(bytes(1 << 20))", "RUN-1", "File too large", marks=limited),
    ("open('left', 'w').write('x')", "RUN-5", "left"),
    ("print('x' * 3_000_000)", "RUN-7", "上限"),
    ("while True: print('x' * 10_000)", "RUN-7", "上限"),
    ("import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()", "RUN-6", "Exception in thread"),
    ("import os\nos._exit(0)", "RUN-4", "内核中途退出"),
], ids=["memory", "disk", "writes", "output", "flood", "thread", "exits"])
def test_a_kernel_that_goes_too_far_is_named(room, code, rule, says):
    [path] = room(victim=code)
    [error] = errors_of([path])
    assert f"victim.ipynb:单元 1: [{rule}]" in error or f"victim.ipynb:1: [{rule}]" in error, error
    assert says in error and "改法" in error
    assert not cache.run_folder(path).exists(), "a failed run was kept"


def test_many_short_cells_meet_the_deadline_of_the_whole(room, monkeypatch):
    monkeypatch.setattr(run, "TOTAL_SECONDS", 6)
    [path] = room(slow="")
    cells = [nbformat.v4.new_code_cell("import time\ntime.sleep(2)", id=f"cell-{n:02}") for n in range(30)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    start = time.monotonic()
    [error] = errors_of([path])
    assert "[RUN-3]" in error and time.monotonic() - start < 30


def test_a_notebook_cannot_relax_the_rules(room):
    """Tags, allow_errors and a timeout of its own are refused by NB-3 and NB-4; the executor does not read them either."""
    tagged, allowed, endless = room(tagged="1 / 0", allowed="1 / 0", endless="1 / 0")
    for path, change in ((tagged, lambda n: n.cells[0].metadata.update(tags=["raises-exception", "skip-execution"])),
                         (allowed, lambda n: n.metadata.update(execution={"allow_errors": True})),
                         (endless, lambda n: n.metadata.update(execution={"timeout": -1}, kernelspec={"name": "ir", "display_name": "R"}))):
        notebook = nbformat.read(path, as_version=4)
        change(notebook)
        nbformat.write(notebook, path)
    errors = errors_of([tagged, allowed, endless])
    assert len(errors) == 3 and all("[RUN-1] ZeroDivisionError" in e for e in errors), errors


GOOD = '<meta http-equiv="Content-Security-Policy" content="x"><h1 id="top">x</h1>'


@pytest.mark.parametrize("rule, body", [
    ("SITE-1", '<a href="gone/">x</a>'), ("SITE-1", '<a href="#nowhere">x</a>'), ("SITE-1", '<a href="other/#没有">x</a>'),
    ("SITE-1", '<a href="Other/">x</a>'), ("SITE-1", '<a href="javascript:alert(1)">x</a>'), ("SITE-1", '<img src="gone.png">'),
    ("SITE-1", '<script src="gone.js"></script>'), ("SITE-2", '<h2 id="top">y</h2>'), ("SITE-3", '<script src="https://cdn.invalid/x.js"></script>'),
    ("SITE-3", '<img src="//cdn.invalid/x.png">'), ("SITE-7", "<p>{{ rows.1 }}</p>"), ("SITE-7", "<p>\\(x\\)</p>"),
    ("SITE-7", "<!-- widget: parameter-count-->"), ("SITE-7", "<!-- map-->"), ("SITE-7", "<!--cards -->"),
    ("SITE-9", "<script>alert(1)</script>"), ("SITE-9", '<script type="application/json">{}</script>'),
    ("SITE-9", '<script src="notes.txt"></script>'), ("SITE-9", '<p onclick="alert(1)">x</p>'), ("SITE-9", "<svg/onload=alert(1)>"),
    ("SITE-9", '<button formaction="JavaScript:alert(1)">x</button>'), ("SITE-9", '<form action="https://x.invalid">x</form>'),
    ("SITE-9", '<iframe srcdoc="x"></iframe>'), ("SITE-9", '<object data="x"></object>'), ("SITE-9", '<embed type="x">'),
    ("SITE-9", '<base target="x">'), ("SITE-9", "<style>p { color: red }</style>"),
    ("SITE-9", '<meta http-equiv="Refresh" content="0; url=//x.invalid">'),
])
def test_a_built_page_with_a_fault_is_named(tmp_path, monkeypatch, rule, body):
    monkeypatch.setattr(cache, "all_notebooks", lambda: [])
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "index.html").write_text(GOOD, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("alert(1)", encoding="utf-8")
    page = tmp_path / "index.html"
    page.write_text(GOOD + '<a href="other/#top">x</a>', encoding="utf-8")
    assert site.faults(tmp_path) == []
    page.write_text(GOOD + body, encoding="utf-8")
    [fault] = site.faults(tmp_path)
    assert fault.startswith(f"index.html:1: [{rule}]") and "改法" in fault


def test_only_a_policy_in_the_head_is_a_policy(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "all_notebooks", lambda: [])
    for text in ("<!-- 允许乱码示例 Content-Security-Policy --><p>x</p>", GOOD.replace("<meta", "<p>x</p><meta")):
        (tmp_path / "index.html").write_text(text, encoding="utf-8")
        [fault] = site.faults(tmp_path)
        assert fault.startswith("index.html:1: [SITE-5]")


@pytest.fixture(scope="module")
def config():
    """mkdocs.yml as the build reads it; the theme's scripts are learnt from its templates."""
    found = load_config(str(ROOT / "mkdocs.yml"))
    pages.on_env(found.theme.get_env(), found, None)
    return found


@pytest.mark.parametrize("text", [
    "    ```\n\n<script>alert(1)</script>\n\n    ```", "<script\n>alert(2)</script>", '[点](x){ onclick="alert(1)" }',
    "<svg/onload=alert(1)>", "<img src=x\nonerror=alert(1)>", '<form\naction="https://x.invalid"></form>',
    "<!--><img src=x\nonerror=alert(1)>-->", '<svg><script\nid="__data" type="application/json"><img src=x\nonerror=alert(1)></script></svg>',
])
def test_what_passes_the_check_of_the_source_is_neither_signed_nor_published(tmp_path, monkeypatch, config, text):
    """The source is read line by line, the page as a browser reads it."""
    monkeypatch.setattr(cache, "all_notebooks", lambda: [])
    body = markdown.markdown(f"# x\n\n{text}", extensions=config.markdown_extensions, extension_configs=config.mdx_configs)
    signed = pages.with_policy(f'<!doctype html><html><head><meta charset="utf-8"></head><body>{body}</body></html>')
    assert "sha256-" not in signed
    (tmp_path / "index.html").write_text(signed, encoding="utf-8")
    assert [fault for fault in site.faults(tmp_path) if "[SITE-9]" in fault], body


def test_the_theme_s_own_scripts_are_signed(config):
    env = config.theme.get_env()
    for base in (".", "../..", "/llm-notes/"):
        scripts = [env.get_template(f"partials/javascripts/{name}.html").render(config=config, features=[], base_url=base)
                   for name in ("base", "palette", "content")]
        assert pages.with_policy('<meta charset="utf-8">' + "".join(scripts)).count("'sha256-") == 3


def test_the_table_names_every_fault_and_only_what_exists():
    rows = dict(re.findall(r"^\| (F\d+) \|.*?\| ([^|]+) \|$", TABLE, re.M))
    assert list(rows) == [f"F{n}" for n in range(1, 40)]
    registry.run()
    proved = {rule for rule, _, _ in FAULTS}
    for fault, proof in rows.items():
        assert proof.strip(), fault
        for rule in re.findall(r"\b(?:TEXT|PAGE|ADDR|LINK|FIG|TEX|NB|NAME|PAIR|PRE|CLAIM|WF)-\d+\b", proof):
            assert rule in {r.id for r in registry.RULES} & proved, f"{fault}: {rule}"
        for module, name in re.findall(r"`(\w+)::(\w+)`", proof):
            [file] = (ROOT / "tests").rglob(f"{module}.py")
            assert f"def {name}(" in file.read_text(encoding="utf-8"), f"{fault}: {module}::{name}"

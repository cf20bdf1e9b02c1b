"""A renamed page is still found at its old address, with what stands after #."""
from scripts import concepts
from scripts.checks import site
from scripts.environment import ROOT
from scripts.hooks import redirects
from scripts.notebooks import cache
from scripts.serving import serve

PAGE = '<meta http-equiv="Content-Security-Policy" content="x"><title>新</title><h1>新</h1><h2 id="定义">x</h2>'


def renamed(tmp_path, monkeypatch):
    docs, built = tmp_path / "docs", tmp_path / "site"
    monkeypatch.setattr(concepts, "DOCS", docs)
    monkeypatch.setattr(cache, "all_notebooks", lambda: [])
    (docs / "topic").mkdir(parents=True)
    (docs / "topic" / "new.md").write_text("---\ntitle: 新 <名>\nformerly: [topic/old, elsewhere/older]\n---\n", encoding="utf-8")
    for place in ("topic/new", "notebooks/topic/new"):
        (built / place).mkdir(parents=True)
        (built / place / "index.html").write_text(PAGE, encoding="utf-8")
    (built / "assets").mkdir()
    (built / "assets" / "moved.js").write_bytes((ROOT / "docs" / "assets" / "moved.js").read_bytes())
    redirects.on_post_build({"site_dir": str(built)})
    return built


def test_each_old_address_is_a_page_that_passes_the_site_checks(tmp_path, monkeypatch):
    built = renamed(tmp_path, monkeypatch)
    for old in ("topic/old", "elsewhere/older", "notebooks/topic/old", "notebooks/elsewhere/older"):
        assert "新 &lt;名&gt;" in (built / old / "index.html").read_text(encoding="utf-8")
    assert site.faults(built) == []


def test_a_browser_arrives_with_its_fragment(tmp_path, monkeypatch, chromium):
    with serve(renamed(tmp_path, monkeypatch)) as home, chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{home}elsewhere/older/?q=1#定义")
        page.wait_for_url("**/topic/new/?q=1#*")
        assert page.evaluate("decodeURIComponent(location.hash)") == "#定义"
        page.goto(f"{home}notebooks/topic/old/")
        page.wait_for_url("**/notebooks/topic/new/")

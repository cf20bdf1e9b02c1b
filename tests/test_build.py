"""The build as a whole: the same commit gives the same site, and the output keeps its promises."""
import hashlib
import os
import re
from types import SimpleNamespace

import pytest

from scripts import build, concepts
from scripts.hooks import errata, source


def fingerprints(folder):
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(folder.rglob("*")) if p.is_file()}


def test_two_builds_are_the_same_byte_for_byte(copy):
    assert copy.run("build").returncode == 0
    first = fingerprints(copy.root / "site")
    (copy.root / "site").rename(copy.root / "first")
    done = copy.run("build")
    assert done.returncode == 0, done.stderr
    second = fingerprints(copy.root / "site")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_every_page_is_light_and_closed_to_foreign_hosts(site):
    from scripts.checks.site import faults
    assert faults(site) == []
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?https?:|@import", path.read_text(encoding="utf-8")), path


def test_proof_lines_name_version_and_commit(site):
    text = (site / "position" / "rope" / "index.html").read_text(encoding="utf-8")
    lines = re.findall(r'<span class="proof"[^>]*>(.*?)</span>', text)
    assert lines and all(re.fullmatch(r"由笔记本运行得出 · 提交 [0-9a-f]{7,}\S* · torch 2\.\d+\S*", line) for line in lines), lines


def test_errata_page_lists_every_correction_and_links_to_it(site):
    from scripts.hooks import errata
    placed = errata.placed()
    assert len(placed) >= 50
    text = (site / "errata" / "index.html").read_text(encoding="utf-8")
    for claim, concept in placed.items():
        anchor = f"erratum-{claim.lower()}"
        assert f"{concept}/#{anchor}" in text
        assert f'id="{anchor}"' in (site / concept / "index.html").read_text(encoding="utf-8")


def test_a_quotation_is_the_notes_own_and_stands_where_its_link_leads(site):
    """Word for word, formulas drawn; what is left out is marked."""
    sections = dict(concepts.sections((concepts.DOCS / "source" / "notes.md").read_text(encoding="utf-8")))
    for claim in concepts.ledger().values():
        assert "quote" not in claim or concepts.quote_end(claim["quote"], sections[source.section(claim["id"])]) > 0, claim["id"]
    page = (site / "attention" / "scaled-dot-product" / "index.html").read_text(encoding="utf-8")
    said = re.search(r'id="erratum-a1-08".*?<q>(.*?)</q>', page, re.S)[1]
    assert "期望值与维度成正比" in said and 'class="katex"' in said


def test_what_this_site_had_wrong_is_corrected_in_the_open(monkeypatch):
    """A registered R-1 is quoted on its page as the page's own words and listed among the corrections."""
    entry = {"id": "R-1", "date": "2026-12-01", "claim": "原来<的>话", "verdict": "错误", "issue": 1}
    where = next(iter(concepts.pages()))
    monkeypatch.setattr(concepts, "corrections", lambda: {"R-1": entry})
    monkeypatch.setattr(errata, "placed", lambda: {"R-1": where})
    page = SimpleNamespace(file=SimpleNamespace(src_uri=f"{where}.md"))
    said = errata.on_page_content('<div class="admonition erratum">\n<p class="admonition-title">R-1</p><p>真相</p></div>', page, None, None)
    assert 'id="erratum-r-1"' in said and "本页错误" in said and "本页原话：<q>原来&lt;的&gt;话</q>" in said
    table = errata.table("errata/")
    assert "本站自己更正的 1 条" in table and f"{where}/#erratum-r-1" in table


def test_a_correction_added_during_a_preview_is_known_at_once(tmp_path, monkeypatch):
    path = tmp_path / "corrections.yml"
    monkeypatch.setattr(concepts, "CORRECTIONS", path)
    for second, (text, ids) in enumerate([("[]\n", []), ("- {id: R-1, claim: 原话}\n", ["R-1"])]):
        path.write_text(text, encoding="utf-8")
        os.utime(path, (second, second))
        assert list(concepts.corrections()) == ids


@pytest.fixture
def places(tmp_path, monkeypatch):
    """(previous site, where it stands aside, new site), none of them there yet."""
    monkeypatch.setattr(build, "CACHE", tmp_path)
    monkeypatch.setattr(build, "SITE", tmp_path / "site")
    monkeypatch.setattr(build, "NEW", tmp_path / "site-new")
    return build.SITE, tmp_path / "site-old", build.NEW


def page(folder, text):
    folder.mkdir()
    (folder / "index.html").write_text(text, encoding="utf-8")


def test_the_new_site_takes_the_place_of_the_old(places):
    site, aside, new = places
    page(site, "old")
    page(aside, "older")
    page(new, "new")
    assert build._publish() == []
    assert (site / "index.html").read_text(encoding="utf-8") == "new" and not aside.exists() and not new.exists()


@pytest.mark.parametrize("begun", [False, True], ids=["whole", "killed-between-the-renames"])
def test_a_new_site_that_cannot_be_moved_leaves_the_old_one(places, begun):
    site, aside, new = places  # the new one is missing: its rename fails
    page(aside if begun else site, "old")
    for _ in range(2):
        [fault] = build._publish()
        assert fault.startswith("site/:1: [SITE-0]") and "改法" in fault
        assert (site / "index.html").read_text(encoding="utf-8") == "old"

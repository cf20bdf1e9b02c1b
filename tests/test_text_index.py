"""Entries of the text index are kept while all that they are made of is the same, and no longer."""
from types import SimpleNamespace

import pytest

from scripts.hooks import search


@pytest.fixture
def add(tmp_path, monkeypatch):
    """`add(page, around)` puts one page in a fresh index; returns (its entries, how often it was read)."""
    monkeypatch.setattr(search, "KEPT", tmp_path / "search")

    def one(page, around=("terms",)):
        index, reads = SimpleNamespace(entries=[{"location": "other/"}]), []

        def read(page):
            reads.append(page)
            index.entries.append({"location": page.url, "text": page.content})

        search._add(index, read, list(around), page)
        return index.entries[1:], len(reads)

    return one


def page(**changes):
    item = SimpleNamespace(id="a", url="#a", children=[])
    made = {"url": "x/y/", "title": "题", "meta": {}, "content": "<p>正文</p>", "toc": [item], "file": SimpleNamespace(src_uri="x/y.md")}
    return SimpleNamespace(**{**made, **changes})


def test_the_same_page_is_read_once(add):
    first, reads = add(page())
    assert reads == 1
    again, reads = add(page())
    assert reads == 0 and again == first


@pytest.mark.parametrize("changes", [{"content": "<p>新的正文</p>"}, {"title": "新题"}, {"meta": {"search": {"boost": 0.5}}}, {"toc": []}])
def test_a_changed_page_is_read_again(add, changes):
    add(page())
    entries, reads = add(page(**changes))
    assert reads == 1 and len(entries) == 1


def test_new_terms_make_every_page_be_read_again(add):
    add(page())
    assert add(page(), around=("terms", "new"))[1] == 1

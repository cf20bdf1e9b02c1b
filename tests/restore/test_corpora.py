"""The texts that the models are learnt from: read out of every kind of file, never a held-out one among them."""

import gzip
import io
import json
import sqlite3
import zipfile

import numpy as np

from scripts.restore import build_words, corpora, extract, invent, names


def test_each_kind_of_file_gives_its_text():
    assert extract.text("a.html", "<div><p>甲<b>乙</b></p><p>丙</p></div>".encode()) == "甲乙\n丙"
    assert extract.text("a.json", json.dumps({"键": ["值", {"x": "<b>二</b>"}]}).encode()) == "值\n二"
    assert extract.text("a.ipynb", json.dumps({"cells": [{"source": ["一\n", "二"]}]}).encode()) == "一\n二"
    assert extract.text("a.ftl", "# 注\nkey = 你好 <b>世界</b>".encode()) == " 你好 世界"
    assert extract.text("zh.1.gz", gzip.compress("'\\\" t\n.SH 名称\n\\fBls\\fR \\- 列出".encode())) == "名称\nls - 列出"
    assert extract.text("199801.txt", "19980101-01/m １９９８年/t [中国/ns 人民/n]nt".encode()) == "1998年中国人民"
    assert extract.text("a.tsv", "词\t意思".encode()) == "词\n意思"
    assert extract.text("a.py", 'r"""实例的<b>名称</b>\n    :param _Name: 实例的名称'.encode()) == "实例的名称"
    assert extract.text("a.js", 'x("第一\\n第二", "plain")'.encode()) == "第一\n第二"


def test_the_civil_code_is_left_to_the_held_out_text(tmp_path):
    path = tmp_path / "laws.db"
    with sqlite3.connect(path) as base:
        base.execute("create table articles (id integer, law_name text, article_text text)")
        base.executemany("insert into articles values (?, ?, ?)", [
            (1, "中华人民共和国民法典", "甲"), (2, "中华人民共和国海商法", "乙"),
        ])
    assert extract.text("laws.db", path.read_bytes()) == "乙"


def test_lines_of_archives_inside_archives():
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("b.txt", "这是一行文字\n短\n这是一行文字")
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("a.xpi", inner.getvalue())
    assert list(corpora.lines(corpora.unzip(outer.getvalue()))) == ["这是一行文字"]


def test_held_out_lines_are_barred(tmp_path, capsys):
    held = next(corpora.HELD_OUT.glob("*.txt")).read_text(encoding="utf-8")
    line = max(held.split("\n"), key=len)
    corpora.write(tmp_path / "x.txt", [line, "另外写下的一行文字，与测量无关。"], "无")
    assert (tmp_path / "x.txt").read_text(encoding="utf-8") == "另外写下的一行文字，与测量无关。\n"


def test_words_are_drawn_by_their_probability():
    level = invent.Level(np.array([7, 8, 9]), np.array([0, 0.5, 0.75, 1.0]), np.zeros(3, np.int64))
    drawn = invent.draw(level, np.zeros(3, np.int64), np.full(3, 2), np.array([0.1, 0.6, 0.9]))
    assert drawn.tolist() == [0, 1, -1]


def test_sentences_around_names_hold_whole_names():
    streets = json.dumps({"浙江省": {"杭州市": {"西湖区": ["转塘街道"]}}}).encode()
    assert list(names.divisions(streets)) == [("浙江省", "杭州市", "西湖区", "转塘街道")]
    made = list(names.texts(streets))
    assert len(made) == names.SENTENCES + 2
    assert all(any(part in line for part in ("浙江", "杭州", "西湖", "转塘")) for line in made[-2:])
    assert not any("{" in line for line in made)


def test_words_are_added_that_are_new_and_ambiguous():
    assert build_words.missing(["中奖率", "的的", "模型", "中奖率"], {"模型": -9.0}) == ["中奖率"]

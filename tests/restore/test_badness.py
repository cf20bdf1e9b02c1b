"""The guard finds damage of every kind, and leaves ordinary text alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.restore import bench
from scripts.restore.badness import WAIVER, find_damage
from scripts.restore.characters import is_hanzi
from scripts.restore.codec import damage

LEAST_HANZI = 6  # a line of code says nothing about damage
LINES = [line for text in bench.held_out().values() for line in text.split("\n")
         if len(line) > 12 and sum(map(is_hanzi, line)) >= LEAST_HANZI]


def wrong_reading(line: str, wrote: str, read: str, errors: str) -> str:
    return line.encode(wrote).decode(read, errors)


KINDS = {
    "utf8 as gbk": lambda line: wrong_reading(line, "utf-8", "gb18030", "replace"),
    "utf8 as gbk, losses gone": lambda line: wrong_reading(line, "utf-8", "gb18030", "ignore"),
    "utf8 as cp1252": lambda line: damage(line, "cp1252", ()),
    "utf8 as cp1254, bytes lost": damage,
    "utf8 as latin-1": lambda line: damage(line, "latin-1", ()),
    "gbk as utf8": lambda line: wrong_reading(line, "gb18030", "utf-8", "replace"),
    "gbk as latin-1": lambda line: wrong_reading(line, "gb18030", "latin-1", "strict"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_nearly_every_damaged_line_is_found(kind):
    damaged = [KINDS[kind](line) for line in LINES]
    assert sum(bool(find_damage(line)) for line in damaged) >= 0.98 * len(damaged)


def test_no_false_alarm_on_text_held_apart():
    assert [finding for text in bench.held_out().values() for finding in find_damage(text)] == []


@pytest.mark.parametrize("text", [
    "café naïve Größe señor", "× ÷ ± µ ° © ® « » ½", "→ ⇒ ≤ ∑ ∇ ∂ ρ Ξ", "👩‍💻 1️⃣ ❤️", "真的吗？？？", "什么？！", "a ?? b",
    "繁體字與簡體字混排", "鬱鬱蔥蔥的龍鱗", "「引号」『双层』", "カタカナ", "plain ??? text",
])
def test_ordinary_text_is_left_alone(text):
    assert find_damage(text) == []


@pytest.mark.parametrize("text, column, rule", [
    ("好\ufffd坏", 2, "U+FFFD"), ("前\u951f\u65a4\u62f7后", 2, "锟斤拷"), ("\ufeff开头", 1, "BOM"), ("一\r\n二", 2, "CRLF"),  # 允许乱码示例
    ("空\x00白", 2, "控制"), ("左\u202e右", 2, "双向"), ("零\u200b宽", 2, "零宽"), ("部首\u2f08", 3, "部首"),
    ("中文????中文", 3, "问号"), ("私\ue123用", 2, "私用区"),
])
def test_each_rule_names_its_place(text, column, rule):
    (finding,) = find_damage(text)
    assert (finding.line, finding.column) == (1, column) and rule in finding.rule


def test_repair_is_offered_where_it_is_certain():
    text = "模型的参数量"
    assert find_damage(damage(text, "cp1252", ()))[0].repaired == text
    assert find_damage("部首\u2f08")[0].repaired == "人"
    assert find_damage("空\x00白")[0].repaired == ""


def test_waiver_silences_one_line_only():
    bad = "坏\ufffd字"
    assert [f.line for f in find_damage(f"{bad} {WAIVER}\n{bad}")] == [2]


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=80))
def test_never_an_exception_and_columns_point_at_what_was_found(text):
    for finding in find_damage(text):
        assert finding.line >= 1 and finding.column >= 1 and finding.found

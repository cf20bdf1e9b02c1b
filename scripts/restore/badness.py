"""Find damaged characters in a text that ought to be clean: the guard at the door.

`find_damage` is pure: text in, findings out. Every rule names what it found and,
where it can be had, the repaired text. Rules look for what no one writes on
purpose; the number of false alarms was measured on Chinese text of others.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from scripts.restore.characters import is_hanzi
from scripts.restore.lossless import GBK_RUN, ORDINARY, common_share, fix_once, utf8_read_as_gbk

WAIVER = "允许乱码示例"  # a line that shows damage on purpose carries these words


class Finding(NamedTuple):
    """One finding; line and column count from 1. `repaired` is None if nothing certain can be said."""

    line: int
    column: int
    found: str
    repaired: str | None
    rule: str


# Leftovers of well-known accidents: U+FFFD read as GBK, uninitialised memory.
CLASSICS = re.compile("\u951f\u65a4\u62f7|\u951f\u65a4|\u65a4\u62f7\u951f|\u70eb{3}|\u5c6f{3}|\u951f\ufffd")
REPLACEMENT = re.compile("\ufffd+")
MARKS_FOR_LOST = re.compile(r"[?？]{4,}")
CHINESE = re.compile("[\u3001-\u3011\u4e00-\u9fff\uff01-\uff5e]")
CONTROL = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]+")
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]+")
# U+200D joins emoji, U+FE0F follows them: allowed there. U+2061 comes from copied KaTeX.
ZERO_WIDTH = re.compile("[\u200b\u200c\u2060-\u2064\u00ad\u180e]+|\ufeff|\u200d")
RADICAL = re.compile("[\u2e80-\u2fdf]+")
PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]+")
# UTF-8 through a Western code page: a lead byte and what was left of its tail.
WESTERN_TAIL = "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122"
WESTERN = re.compile(f"(?:[\u00e2-\u00ef][{WESTERN_TAIL}]{{1,2}}){{2,}}|[\u00e2-\u00ef][{WESTERN_TAIL}]{{2}}|(?:[\u00c2-\u00cf][{WESTERN_TAIL}]){{2,}}|(?:\u011f|\u00f0)\u0178[{WESTERN_TAIL}]{{1,2}}")
LATIN_HEAP = re.compile("[\u00a1-\u00ff]{4,}")
PICTURE = re.compile("[\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff\ufe0f]")


def emoji_joiner(text: str, at: int) -> bool:
    """Whether the U+200D at `at` stands between two pictures."""
    return (
        0 < at < len(text) - 1
        and PICTURE.match(text[at - 1]) is not None
        and PICTURE.match(text[at + 1]) is not None
    )


def western_repair(found: str) -> str | None:
    """What `found` was before, if no byte is lost."""
    fixed, kind = fix_once(found)
    return fixed if kind else None


def gbk_repair(run: str) -> str | None:
    """`run` read back from GBK, a few lost bytes tolerated; None if it is ordinary text.

    The run must not be mostly common hanzi as it stands, and must be so afterwards.
    """
    if common_share(run) >= ORDINARY:  # nearly every run there is: nothing else is tried
        return None
    whole = utf8_read_as_gbk(run)
    if whole is not None:
        return whole
    data = run.encode("gb18030", "ignore")
    text = data.decode("utf-8", "ignore")
    lost = len(data) - len(text.encode("utf-8"))
    hanzi = sum(map(is_hanzi, text))
    if hanzi >= 3 and lost <= max(2, len(data) // 5) and common_share(text) >= 0.9 and common_share(run) < 0.7:
        return text
    return None


WINDOW = 6  # hanzi that four damaged characters turn into


def gbk_part(run: str) -> tuple[int, int] | None:
    """(start, end) of a damaged part of a run that is otherwise clean; None if there is none."""
    first = last = None
    for start in range(len(run) - WINDOW + 1):
        if gbk_repair(run[start:start + WINDOW]) is not None:
            first = start if first is None else first
            last = start + WINDOW
    return None if first is None else (first, last)


def line_findings(number: int, line: str, chinese: bool) -> list[Finding]:
    """All findings of one line, in order of their columns; `chinese`: the text around it is Chinese."""
    findings: list[Finding] = []
    taken: list[tuple[int, int]] = []

    def add(span: tuple[int, int], repaired: str | None, rule: str) -> None:
        start, end = span
        if any(low < end and start < high for low, high in taken):
            return
        taken.append((start, end))
        findings.append(Finding(number, start + 1, line[start:end], repaired, rule))

    for match in REPLACEMENT.finditer(line):
        add(match.span(), None, "U+FFFD，解码时丢失的字")
    for match in CLASSICS.finditer(line):
        add(match.span(), None, "锟斤拷一类，丢失后又转过一次码")  # 允许乱码示例
    for match in WESTERN.finditer(line):
        add(match.span(), western_repair(match.group()), "UTF-8 被当作西文代码页")
    for match in LATIN_HEAP.finditer(line):
        add(match.span(), western_repair(match.group()), "GBK 或 UTF-8 被当作西文代码页")
    for match in GBK_RUN.finditer(line):
        repaired = gbk_repair(match.group())
        if repaired is not None:
            add(match.span(), repaired, "UTF-8 被当作 GBK")
        elif (part := gbk_part(match.group())) is not None:
            add((match.start() + part[0], match.start() + part[1]), None, "UTF-8 被当作 GBK")
    for match in PRIVATE.finditer(line):
        add(match.span(), None, "私用区字符，只在某个人的字体里有意义")
    for match in CONTROL.finditer(line):
        add(match.span(), "", "控制字符")
    for match in BIDI.finditer(line):
        add(match.span(), "", "双向控制字符，会让文字看起来与实际不同")
    for match in ZERO_WIDTH.finditer(line):
        if match.group() != "\u200d" or not emoji_joiner(line, match.start()):
            add(match.span(), "", "看不见的零宽字符")
    for match in RADICAL.finditer(line):
        repaired = unicodedata.normalize("NFKC", match.group())
        add(match.span(), repaired if repaired != match.group() else None, "部首字符，看着像汉字却搜不到")
    if chinese:
        for match in MARKS_FOR_LOST.finditer(line):
            add(match.span(), None, "一串问号，多半是丢失的字")
    return sorted(findings)


def find_damage(text: str) -> list[Finding]:
    """Every damaged place of `text`, in order. Lines with the words of `WAIVER` are skipped."""
    findings: list[Finding] = []
    if text.startswith("\ufeff"):
        findings.append(Finding(1, 1, "\ufeff", "", "BOM，文件开头的字节序标记"))
        text = text[1:]
    if "\r" in text:
        at = text.index("\r")
        findings.append(Finding(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), "\r", "", "回车符（CRLF 换行），应为 LF"))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    chinese = CHINESE.search(text) is not None
    # Only these line ends: str.splitlines would also cut at the characters we look for.
    for number, line in enumerate(text.split("\n"), start=1):
        plain = line.isascii() and not CONTROL.search(line) and not (chinese and MARKS_FOR_LOST.search(line))
        if plain or WAIVER in line:
            continue
        findings.extend(line_findings(number, line, chinese))
    return findings

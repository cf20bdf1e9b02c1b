"""Damage that lost nothing: undo it by encoding and decoding, no guess needed.

Each step is one wrong reading, undone. Western code pages are left to ftfy, which
knows many oddities; GBK, which ftfy does not treat, is done here.
"""

from __future__ import annotations

import re
from functools import lru_cache

import ftfy

from scripts.restore.characters import is_hanzi

# UTF-8 Chinese seen through GBK is a run of hanzi, many of them rare, with a few
# signs and the odd € or private-use character between.
GBK_RUN = re.compile("[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef\u20ac\ue000-\uf8ff\u3400-\u4dbf]{3,}")
LATIN_RUN = re.compile("[\u00a1-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]{4,}")


ORDINARY = 0.8  # common characters in a text that reads as it was written


@lru_cache(maxsize=None)
def is_common(character: str) -> bool:
    """Whether it is of the first level of GB 2312, the 3,755 common hanzi, or a Chinese sign."""
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    # Rows of signs, full-width forms and the common hanzi; Greek, Cyrillic and kana are not asked for.
    return len(code) == 1 or code[0] in (0xA1, 0xA3) or 0xB0 <= code[0] <= 0xD7


def common_share(text: str) -> float:
    """Share of common characters."""
    return sum(map(is_common, text)) / len(text) if text else 0.0


def utf8_read_as_gbk(run: str) -> str | None:
    """`run` read back, or None if it is not UTF-8 seen through GBK."""
    try:
        text = run.encode("gb18030").decode("utf-8")
    except UnicodeError:
        return None
    hanzi = sum(map(is_hanzi, text))
    if len(text) < len(run) and hanzi >= 2 and common_share(text) >= ORDINARY and common_share(run) < ORDINARY:
        return text
    return None


def gbk_read_as_latin(run: str) -> str | None:
    """`run` read back, or None if it is not GBK seen through a Western code page."""
    for codepage in ("cp1252", "latin-1"):
        try:
            text = run.encode(codepage).decode("gbk")
        except UnicodeError:
            continue
        if len(text) >= 2 and common_share(text) >= 0.9:
            return text
    return None


def fix_once(text: str) -> tuple[str, str]:
    """(text with one wrong reading undone, what was done); ("" if nothing)."""
    done = []

    def swap(pattern: re.Pattern[str], repair, name: str, value: str) -> str:
        def one(match: re.Match[str]) -> str:
            repaired = repair(match.group())
            if repaired is None:
                return match.group()
            if name not in done:
                done.append(name)
            return repaired

        return pattern.sub(one, value)

    text = swap(GBK_RUN, utf8_read_as_gbk, "UTF-8 被当作 GBK", text)
    text = swap(LATIN_RUN, gbk_read_as_latin, "GBK 被当作西文代码页", text)
    if ftfy.badness.is_bad(text):
        fixed = ftfy.fix_encoding(text)
        if fixed != text and "\ufffd" not in fixed:
            text = fixed
            done.append("UTF-8 被当作西文代码页")
    return text, "、".join(done)

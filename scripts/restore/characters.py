"""How plausible a character is by itself, before any context is looked at.

A damaged symbol has candidates such as ❌ ⌌ ⎌ ⏌; nobody writes the last three.
This table says so. Scores are natural logarithms on the scale of word
frequencies; a common hanzi lies between -3 and -8.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Symbols that occur in notes, manuals and chats, most frequent first in each
# group. Only those whose UTF-8 form can lose a byte compete with anything.
COMMON_SYMBOLS = (
    "、”！＝～…“‘’—–，。：；？（）《》【」「』『·×"
    "←∞∝∏●◎□①②③④⑤⑥⑦⑧⑨⑩⇐☐☝✏✍❎➕➖❗❓⭐⭕〝〞¹²³‐"
    "ρΞΝÁÍíÝîÎéúóа"  # 允许乱码示例
)
COMMON_EMOJI = (
    "❌🔍🎯🚀💡📝🔎🐍👍🎉🤔😀😂🔐🏁🍎🎁📍🐞🎓📎🔁👏🙏🌟🔔🎨🎵📁📏📐🔝🐛🐘🎬📖📌"
    "🏠🏆🍀🌍🌱🎤🎧🎮🎲👀👉👎💎💰💻📅📈📉📊📋📚📞📢📦📧📷🔄🔊🔋🔑🔒🔗🔥🔧🕐"
    "😁😅😉😊😍😎😭🙂🙃🤖🤝🥇🥳🧠🧩🧪🧹🛠🛑🚫🚧🚨"
)
# Written by programs, unseen by people: KaTeX puts U+2061 after log and exp,
# emoji carry variation selectors and joiners.
INVISIBLE = "\ufe0f\u2061\u200d\u200b\u2009\u00ad\ufeff"

SYMBOL_START, SYMBOL_STEP = -7.0, 0.05
UNKNOWN_SYMBOL = -22.0
LATIN_LETTER = -15.0
RARE_HANZI, RARE_HANZI_OUTSIDE = -21.0, -25.0


def is_hanzi(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


@lru_cache(maxsize=None)
def in_gb2312(character: str) -> bool:
    """GB 2312 holds the 6,763 hanzi that modern simplified text uses."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _rank(character: str) -> float | None:
    for group in (COMMON_SYMBOLS, COMMON_EMOJI, INVISIBLE):
        at = group.find(character)
        if at >= 0:
            return SYMBOL_START - SYMBOL_STEP * at
    return None


@lru_cache(maxsize=None)
def prior(character: str) -> float:
    """Log plausibility of a character that is no word of the dictionary."""
    if is_hanzi(character):
        return RARE_HANZI if in_gb2312(character) else RARE_HANZI_OUTSIDE
    ranked = _rank(character)
    if ranked is not None:
        return ranked
    category = unicodedata.category(character)
    if category in ("Cn", "Co", "Cs"):
        return UNKNOWN_SYMBOL - 20  # unassigned or private use: only if nothing else is left
    if category == "Cc":
        return UNKNOWN_SYMBOL - 10
    if category.startswith("L") and ord(character) < 0x0600:
        return LATIN_LETTER  # Latin, Greek, Cyrillic
    return UNKNOWN_SYMBOL

"""Choose among candidates by context: a lattice of dictionary words.

The input is a list of candidate tuples, one per character. Every path through
it is a reading of the text; the best path is the one whose words are most
frequent. Frequencies and words come from the dictionary that ships with jieba.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

import jieba

LONGEST_WORD = 8  # characters; the dictionary holds a few longer names, none of use here
UNKNOWN_LEVEL_1 = 0.02  # pretended frequency of a hanzi of GB 2312 that is no word by itself
UNKNOWN_OTHER = 0.0002
PUNCTUATION = frozenset("、。，：；？！“”‘’（）《》【】—…–×·～⁡​️✅❌📌🔍🎯➕")
PUNCTUATION_COST = -8.0  # as frequent as a middling word
STRANGER_COST = -25.0  # any other character that is no hanzi


@lru_cache(maxsize=1)
def dictionary() -> tuple[dict[str, int], frozenset[str], float]:
    """(word -> frequency, every prefix of a word, log of the total) from jieba's dictionary."""
    words: dict[str, int] = {}
    prefixes: set[str] = set()
    path = Path(jieba.__file__).with_name("dict.txt")
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            word, count, _ = line.rsplit(" ", 2)
            if len(word) <= LONGEST_WORD:
                words[word] = int(count)
                prefixes.update(word[:end] for end in range(1, len(word) + 1))
    return words, frozenset(prefixes), math.log(sum(words.values()))


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


def single_score(character: str, alone: bool) -> float:
    """Log weight of one character standing as its own word; `alone`: nothing else was possible."""
    words, _, total = dictionary()
    if is_hanzi(character):
        unknown = UNKNOWN_LEVEL_1 if in_gb2312(character) else UNKNOWN_OTHER
        return math.log(words.get(character) or unknown) - total
    return PUNCTUATION_COST if alone or character in PUNCTUATION else STRANGER_COST


def choose(slots: list[tuple[str, ...]]) -> list[str]:
    """The best reading of `slots`, one character each. Time is linear in their number."""
    words, prefixes, total = dictionary()
    size = len(slots)
    score = [-math.inf] * (size + 1)
    step: list[tuple[int, str]] = [(0, "")] * (size + 1)
    score[0] = 0.0
    for start in range(size):
        here = score[start]
        for character in slots[start]:
            value = here + single_score(character, len(slots[start]) == 1)
            if value > score[start + 1]:
                score[start + 1], step[start + 1] = value, (start, character)
        partial = [""]
        for end in range(start, min(size, start + LONGEST_WORD)):
            partial = [p + c for p in partial for c in slots[end] if p + c in prefixes]
            if not partial:
                break
            if end == start:
                continue
            for word in partial:
                if word not in words:
                    continue
                value = here + math.log(words[word] + 0.3) - total
                if value > score[end + 1]:
                    score[end + 1], step[end + 1] = value, (start, word)
    chosen: list[str] = []
    position = size
    while position:
        start, word = step[position]
        chosen.extend(reversed(word))
        position = start
    chosen.reverse()
    return chosen

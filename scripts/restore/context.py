"""Choose by what stands around: a log-linear model over hashed context features.

Each feature pairs a candidate with something near it: the next characters to the
left and right, the part of speech of the neighbouring words, whether 在 stands
earlier in the clause, whether 相 or 之间 comes later. All weights live in one
table of signed bytes, found by hashing; `train` fills it. Scores, damped by
`TRUST`, add to those of `lattice`.
"""

from __future__ import annotations

import lzma
from functools import lru_cache
from pathlib import Path

import numpy as np

from scripts.restore.lattice import dictionary

WEIGHTS = Path(__file__).with_name("data") / "context.xz"
TABLE_BITS = 23
MASK64 = (1 << 64) - 1
LARGEST = 5.0  # the weight that byte 127 stands for
TRUST = 0.5  # the training texts are not the text at hand

SKIPPED = frozenset(ord(c) for c in " *`_\u00a0\u200b\ufe0f\u2061")
LATIN, DIGIT, EDGE = 1, 2, 3
CLAUSE_END = frozenset(map(ord, "，。；：、？！|（）()\n"))
PLACE_WORDS = frozenset(map(ord, "在从于当"))
PAIR_WORDS = frozenset(map(ord, "相同致关别间差似异"))
REACH = 20  # characters that a trigger may be away

# The features: which of the context columns go together.
# Columns: l1 to l4, r1 to r4, left tag, right tag, place trigger, pair trigger.
L1, L2, L3, L4, R1, R2, R3, R4, LEFT_TAG, RIGHT_TAG, PLACE, PAIR = range(12)
NEAREST = 4  # signs on each side that have a column
TEMPLATES = (
    (),
    (L1,), (R1,), (L1, L2), (R1, R2), (L1, R1), (L2,), (R2,),
    (L1, L2, L3), (R1, R2, R3), (L1, L2, R1), (L1, R1, R2),
    (L1, L2, L3, L4), (R1, R2, R3, R4), (L1, L2, R1, R2), (L2, L3), (R2, R3),
    (LEFT_TAG,), (RIGHT_TAG,), (LEFT_TAG, RIGHT_TAG), (L1, RIGHT_TAG), (LEFT_TAG, R1),
    (PLACE,), (PAIR,), (PLACE, RIGHT_TAG), (PAIR, RIGHT_TAG), (PLACE, R1),
)


def reduce_text(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Drop blanks and emphasis marks, shrink each run of Latin letters or digits to one sign.

    `codes`: code points, int64 [n]. Returns the reduced codes [m] and, for every
    input position, the index of its reduced sign (of the one before, if dropped).
    """
    is_digit = (codes >= 48) & (codes <= 57)
    is_latin = is_digit | ((codes >= 65) & (codes <= 90)) | ((codes >= 97) & (codes <= 122))
    first = is_latin.copy()
    first[1:] &= ~is_latin[:-1]
    keep = ~np.isin(codes, list(SKIPPED)) & (~is_latin | first)
    signs = np.where(is_digit, DIGIT, np.where(is_latin, LATIN, np.where(codes == 10, EDGE, codes)))
    return signs[keep], np.cumsum(keep) - 1


def _distance_flag(signs: np.ndarray, wanted: frozenset[int]) -> np.ndarray:
    """1 where one of `wanted` stands to the left within reach and within the clause."""
    index = np.arange(len(signs))
    last = np.maximum.accumulate(np.where(np.isin(signs, list(wanted)), index, -10 * REACH))
    stop = np.maximum.accumulate(
        np.where(np.isin(signs, list(CLAUSE_END)) | (signs == EDGE), index, -20 * REACH)
    )
    flag = (last > stop) & (index - last <= REACH)
    result = np.zeros(len(signs), np.int64)
    result[1:] = flag[:-1]  # the character itself does not count
    return result


@lru_cache(maxsize=1)
def _tag_numbers() -> dict[str, int]:
    tags = dictionary().tags
    return {tag: number for number, tag in enumerate(sorted(set(tags.values())), start=10)}


def _tag_right(text: str, at: int) -> int:
    """Number of the part of speech of the longest word that starts at `at`; 0 if none does."""
    tags = dictionary().tags
    for end in range(min(len(text), at + 4), at, -1):
        tag = tags.get(text[at:end])
        if tag is not None:
            return _tag_numbers()[tag]
    return ord(text[at]) if at < len(text) and ord(text[at]) < 0x3100 else 0


def _tag_left(text: str, at: int) -> int:
    """The same for the longest word that ends before `at`."""
    tags = dictionary().tags
    for start in range(max(0, at - 4), at):
        tag = tags.get(text[start:at])
        if tag is not None:
            return _tag_numbers()[tag]
    return ord(text[at - 1]) if at and ord(text[at - 1]) < 0x3100 else 0


def columns(text: str, positions: np.ndarray) -> np.ndarray:
    """The context columns of the characters at `positions` of `text`: int64 [k, 12]."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64)
    signs, index = reduce_text(codes)
    place = _distance_flag(signs, PLACE_WORDS)
    pair = _distance_flag(signs[::-1], PAIR_WORDS)[::-1]
    padded = np.pad(signs, NEAREST, constant_values=EDGE)
    at = index[positions]
    reduced = "".join(map(chr, signs.tolist()))
    left = [_tag_left(reduced, p) for p in at.tolist()]
    right = [_tag_right(reduced, p + 1) for p in at.tolist()]
    near = [padded[at + NEAREST - away] for away in range(1, NEAREST + 1)]
    near += [padded[at + NEAREST + away] for away in range(1, NEAREST + 1)]
    tags = [np.array(left, np.int64), np.array(right, np.int64)]
    return np.stack([*near, *tags, place[at], pair[at]], axis=1)


def hashed(context: np.ndarray, characters: np.ndarray) -> np.ndarray:
    """Table indices of all features: [k, len(TEMPLATES)] for contexts [k, 12] and code points [k]."""
    result = np.empty((len(characters), len(TEMPLATES)), np.int64)
    context = context.astype(np.uint64)
    base = characters.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for number, template in enumerate(TEMPLATES):
        value = base + np.uint64(((number + 1) * 0xD1B54A32D192ED03) & MASK64)
        for column in template:
            value = (value ^ context[:, column]) * np.uint64(0xFF51AFD7ED558CCD)
            value ^= value >> np.uint64(32)
        value *= np.uint64(0xC4CEB9FE1A85EC53)
        result[:, number] = (value >> np.uint64(64 - TABLE_BITS)).astype(np.int64)
    return result


@lru_cache(maxsize=1)
def weights() -> np.ndarray:
    """The weight table, int8 [2 ** TABLE_BITS]: as bytes it stays in the processor's cache."""
    return np.frombuffer(lzma.decompress(WEIGHTS.read_bytes()), np.int8)


def scores(context: np.ndarray, characters: np.ndarray) -> np.ndarray:
    """Sum of the weights of all features, damped by `TRUST`: float64 [k]."""
    return weights()[hashed(context, characters)].sum(axis=1, dtype=np.int32) * (TRUST * LARGEST / 127)

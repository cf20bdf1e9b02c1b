"""How likely words follow each other, up to three at a time: a second opinion where a doubt remains.

`data/triples.xz` is a cut-down language model of general Chinese, learnt from other
texts than `pairs` (see data/README.md for origin and licence); `build_triples` makes
it. The lattice mixes its pairs in (`pairs.value`). Where all scores together leave a
doubt, `scores` reads the few characters around with each candidate in its place.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scripts.restore import packed
from scripts.restore.characters import is_hanzi

if TYPE_CHECKING:
    from scripts.restore import pairs  # which imports this module

TRIPLES = Path(__file__).with_name("data") / "triples.xz"
STEP = 0.1  # nats per unit of the stored bytes
LONGEST = 5  # characters of a word
UNKNOWN = -16.0  # log probability of a character that the model does not have
READINGS = 2  # ways to cut the characters so far into words that are followed up
REACH = 6  # characters on each side that are read
NEAR = 4.0  # nats; only candidates this near the best are asked about
NEAR_SIDE = 2  # characters on each side that `fits` reads a second time
TRUST = 0.8  # the scores so far know part of what this model knows


class Words(NamedTuple):
    """The model; `int` numbers name words in order of frequency, or pairs."""

    number: dict[str, int]
    contested: list[int]  # 1 if the damage leaves a choice for the word
    cost: list[float]  # log probability of each word
    backoff: list[float]  # log weight of what the word's pairs leave over
    pairs: list[int]  # first pair of each word, and the end of the last
    second: memoryview  # second word of each pair, rising within a word
    pair_cost: np.ndarray  # bytes, as those below
    pair_backoff: np.ndarray
    triples: memoryview  # first triple of each pair, and the end of the last
    third: memoryview
    triple_cost: np.ndarray


@lru_cache(maxsize=1)
def load() -> Words:
    """Read the file; a third of a second."""
    stored = packed.unpack(TRIPLES)
    words = bytes(stored["words"]).decode("utf-8").split("\n")

    def ends(counts: np.ndarray) -> np.ndarray:
        return np.concatenate([[0], np.cumsum(counts, dtype=np.int32)]).astype(np.int32)

    def numbers(steps: np.ndarray) -> memoryview:
        return memoryview((np.cumsum(steps, dtype=np.int64) % len(words)).astype(np.int32))

    return Words(
        {word: number for number, word in enumerate(words)},
        stored["contested"].tolist(),
        (-STEP * stored["cost"].astype(np.float64)).tolist(),
        (-STEP * stored["backoff"].astype(np.float64)).tolist(),
        ends(stored["seconds"]).tolist(),
        numbers(stored["second"]),
        stored["pair_cost"],
        stored["pair_backoff"],
        memoryview(ends(stored["thirds"])),
        numbers(stored["third"]),
        stored["triple_cost"],
    )


def pair(model: Words | pairs.Pairs, first: int, second: int) -> int:
    """The number of the pair in either model, -1 if it does not have it."""
    end = model.pairs[first + 1]
    at = bisect_left(model.second, second, model.pairs[first], end)
    return at if at < end and model.second[at] == second else -1


def ratio(first: int, second: int) -> float:
    """P(second | first) / P(second); 1 if the model does not know one of them (-1)."""
    if first < 0 or second < 0:
        return 1.0
    model = load()
    at = pair(model, first, second)
    return math.exp(model.backoff[first] if at < 0 else -STEP * int(model.pair_cost[at]) - model.cost[second])


@lru_cache(maxsize=1 << 17)
def step(first: int, second: int, third: int) -> float:
    """Log probability of the third word after the two before it; -1 stands for none, or one that is not known."""
    model = load()
    if third < 0:
        return UNKNOWN
    if second < 0:
        return model.cost[third]
    opening = pair(model, first, second) if first >= 0 else -1
    if opening >= 0:
        end = model.triples[opening + 1]
        at = bisect_left(model.third, third, model.triples[opening], end)
        if at < end and model.third[at] == third:
            return -STEP * int(model.triple_cost[at])
    left_over = -STEP * int(model.pair_backoff[opening]) if opening >= 0 else 0.0
    closing = pair(model, second, third)
    if closing >= 0:
        return left_over - STEP * int(model.pair_cost[closing])
    return left_over + model.backoff[second] + model.cost[third]


def likelihood(stretch: str) -> float:
    """Log probability of the likeliest way to read a stretch of hanzi as words."""
    number = load().number
    size = len(stretch)
    # Readings that end at a place: (log probability, the word before the last, the last).
    readings: list[list[tuple[float, int, int]]] = [[] for _ in range(size + 1)]
    readings[0].append((0.0, -1, -1))
    for start, here in enumerate(readings[:-1]):
        best = sorted(here, reverse=True)[:READINGS]
        for end in range(start + 1, min(size, start + LONGEST) + 1):
            word = number.get(stretch[start:end], -1)
            if word >= 0 or end == start + 1:
                for total, before, last in best:
                    readings[end].append((total + step(before, last, word), last, word))
    return max(readings[size])[0]


def stretch_around(text: str, at: int) -> tuple[str, str]:
    """The hanzi right before and right after a place, `REACH` at most on each side."""
    start = at
    while start > 0 and at - start < REACH and is_hanzi(text[start - 1]):
        start -= 1
    end = at + 1
    while end < len(text) and end - at <= REACH and is_hanzi(text[end]):
        end += 1
    return text[start:at], text[at + 1:end]


def scores(
    text: str, positions: np.ndarray, starts: np.ndarray, owner: np.ndarray, codes: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """Score of every candidate row [k], 0 for the best of its place and where nothing was asked.

    `text` is the current reading, `positions` [p] the ambiguous places, `starts` [p] the
    first row of each, `owner` [k] the place of each row, `known` [k] what all other scores
    say together. Rows that were not asked about get what the worst of the asked ones got.
    """
    result = np.zeros(len(codes))
    hanzi = (codes >= 0x4E00) & (codes <= 0x9FFF)
    asked = hanzi & (known >= np.maximum.reduceat(np.where(hanzi, known, -np.inf), starts)[owner] - NEAR)
    ends = np.append(starts[1:], len(codes))
    for place in np.flatnonzero(np.add.reduceat(asked.astype(np.int64), starts) > 1).tolist():
        start, end = int(starts[place]), int(ends[place])
        before, after = stretch_around(text, int(positions[place]))
        rows = start + np.flatnonzero(asked[start:end])
        said = np.array([likelihood(before + chr(code) + after) for code in codes[rows].tolist()])
        result[start:end] = said.min()
        result[rows] = said
        result[start:end] -= said.max()
    return TRUST * result


def fits(text: str, positions: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """How well the chosen hanzi fit in, [p, 4]; 0 where `asked` [p] says no, and for signs.

    What the character adds to the stretch around it, the same with two characters on
    each side, what a character of the stretch costs on average, and how many there
    are. A name or an odd word fits badly, however far ahead of its rivals it is.
    """
    result = np.zeros((len(positions), 4))
    for place in np.flatnonzero(asked).tolist():
        at = int(positions[place])
        if not is_hanzi(text[at]):
            continue
        before, after = stretch_around(text, at)
        whole = likelihood(before + text[at] + after)
        near_before, near_after = before[-NEAR_SIDE:], after[:NEAR_SIDE]
        length = len(before) + 1 + len(after)
        result[place] = (
            whole - likelihood(before) - likelihood(after),
            likelihood(near_before + text[at] + near_after) - likelihood(near_before) - likelihood(near_after),
            whole / length, length,
        )
    return result

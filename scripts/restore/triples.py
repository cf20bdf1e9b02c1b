"""How likely words follow each other, up to three at a time: a second opinion where a doubt remains.

`data/triples.xz` is a cut-down language model of general Chinese, learnt from other
texts than `pairs` (see data/README.md for origin and licence); `build_triples` makes
it. The lattice mixes its pairs in (`pairs.value`). Where all scores together leave a
doubt, `scores` reads the few characters around with each candidate in its place.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scripts.restore import packed, trie
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
    """The model; numbers name words in order of frequency, or pairs."""

    number: dict[str, int]
    tree: trie.Trie
    contested: np.ndarray  # 1 if the damage leaves a choice for the word
    cost: np.ndarray  # log probability of each word
    backoff: np.ndarray  # log weight of what the word's pairs leave over
    pairs: np.ndarray  # int64, rising: first word * words + second word
    pair_cost: np.ndarray  # bytes, as those below
    pair_backoff: np.ndarray
    triples: np.ndarray  # int64, rising: pair * words + third word
    triple_cost: np.ndarray


def keys(counts: np.ndarray, steps: np.ndarray, words: int) -> np.ndarray:
    """What came before * words + the word that follows, int64 and rising, from how many follow each and the steps between them."""
    before = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    return before * words + np.cumsum(steps, dtype=np.int64) % words


@lru_cache(maxsize=1)
def load() -> Words:
    """Read the file; a second."""
    stored = packed.unpack(TRIPLES)
    words = bytes(stored["words"]).decode("utf-8").split("\n")
    return Words(
        {word: number for number, word in enumerate(words)},
        trie.build(trie.code_points(words, LONGEST)),
        stored["contested"],
        -STEP * stored["cost"].astype(np.float64),
        -STEP * stored["backoff"].astype(np.float64),
        keys(stored["seconds"], stored["second"], len(words)),
        stored["pair_cost"],
        stored["pair_backoff"],
        keys(stored["thirds"], stored["third"], len(words)),
        stored["triple_cost"],
    )


def pair(model: Words | pairs.Pairs, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The number of each pair in either model, -1 if it does not have it, or one of its words (-1)."""
    return np.where((first < 0) | (second < 0), -1, trie.find(model.pairs, first * len(model.backoff) + second))


def ratio(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """P(second | first) / P(second); 1 where the model does not know one of them (-1)."""
    model = load()
    at = pair(model, first, second)
    worth = np.exp(np.where(at < 0, model.backoff[first], -STEP * model.pair_cost[at] - model.cost[second]))
    return np.where((first < 0) | (second < 0), 1.0, worth)


def step(opening: np.ndarray, second: np.ndarray, third: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(log probability of each third word after the two before it, the number of the pair that it ends).

    `opening`: the pair of the two before, `second` the last of them; -1 stands for none, or one that is not known.
    """
    model = load()
    closing = pair(model, second, third)
    left_over = np.where(opening >= 0, -STEP * model.pair_backoff[opening], 0.0)
    backed_off = np.where(second >= 0, left_over + model.backoff[second], 0.0) + model.cost[third]
    result = np.where(closing >= 0, left_over - STEP * model.pair_cost[closing], backed_off)
    asked = np.flatnonzero((opening >= 0) & (third >= 0))
    at = trie.find(model.triples, opening[asked] * len(model.cost) + third[asked])
    result[asked[at >= 0]] = -STEP * model.triple_cost[at[at >= 0]]
    result[third < 0] = UNKNOWN
    return result, closing


def likelihoods(stretches: list[str]) -> np.ndarray:
    """Log probability of the likeliest way to read each stretch of hanzi as words, [n]. All take their steps together."""
    tree = load().tree
    size = max(map(len, stretches), default=0)
    letters = trie.code_points(stretches, size)
    length = (letters > 0).sum(1)
    # Readings that end at a place, two from each beginning: their log probability, last pair and last word.
    total = np.full((size + 1, len(stretches), LONGEST * READINGS), -np.inf)
    pairs_, words = np.full(total.shape, -1), np.full(total.shape, -1)
    total[0, :, 0] = 0.0
    for start in range(size):
        lanes = np.flatnonzero(length > start)
        here = total[start, lanes]
        best = []
        for _ in range(READINGS):
            column = here.argmax(1)
            each = np.arange(len(lanes)), column
            best.append((here[each], pairs_[start, lanes, column], words[start, lanes, column]))
            here[each] = -np.inf
        node = np.zeros(len(lanes), np.int64)
        for more in range(min(LONGEST, size - start)):
            node = trie.follow(tree, node, letters[lanes, start + more])
            word = tree.word[node]
            for number, (sum_, opening, last) in enumerate(best):
                go = np.flatnonzero(((word >= 0) | (more == 0)) & (sum_ > -np.inf))
                cost, closing = step(opening[go], last[go], word[go])
                into = start + more + 1, lanes[go], READINGS * more + number
                total[into], pairs_[into], words[into] = sum_[go] + cost, closing, word[go]
    return total[length, np.arange(len(stretches))].max(1)


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
    places = np.flatnonzero(np.add.reduceat(asked.astype(np.int64), starts) > 1)
    asked &= np.isin(owner, places)
    stretches = []
    for place, code in zip(owner[asked].tolist(), codes[asked].tolist()):
        before, after = stretch_around(text, int(positions[place]))
        stretches.append(before + chr(code) + after)
    said = np.full(len(codes), np.nan)
    said[asked] = likelihoods(stretches)
    for start, end in zip(starts[places].tolist(), ends[places].tolist()):
        here = said[start:end]
        result[start:end] = np.where(np.isnan(here), np.nanmin(here), here) - np.nanmax(here)
    return TRUST * result


def fits(text: str, positions: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """How well the chosen hanzi fit in, [p, 4]; 0 where `asked` [p] says no, and for signs.

    What the character adds to the stretch around it, the same with two characters on
    each side, what a character of the stretch costs on average, and how many there
    are. A name or an odd word fits badly, however far ahead of its rivals it is.
    """
    result = np.zeros((len(positions), 4))
    places = [place for place in np.flatnonzero(asked).tolist() if is_hanzi(text[positions[place]])]
    stretches, lengths = [], []
    for place in places:
        at = int(positions[place])
        before, after = stretch_around(text, at)
        near_before, near_after = before[-NEAR_SIDE:], after[:NEAR_SIDE]
        stretches += [before + text[at] + after, before, after, near_before + text[at] + near_after, near_before, near_after]
        lengths.append(len(before) + 1 + len(after))
    if places:
        whole, left, right, near, near_left, near_right = likelihoods(stretches).reshape(-1, 6).T
        size = np.array(lengths)
        result[places] = np.column_stack([whole - left - right, near - near_left - near_right, whole / size, size])
    return result

"""What two neighbouring words are worth together, and how frequent a word is on the web.

`data/pairs.xz` holds a cut-down bigram model of general Chinese: word
frequencies, and the probability of a pair where the damage leaves a choice for
one of its words. It is derived from open-gram (see data/README.md for origin
and licence); `build_pairs` makes it. What `triples` knows of words and pairs is
mixed in; the two files stay apart, their licences do not allow one file.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from scripts.restore import packed, triples

PAIRS = Path(__file__).with_name("data") / "pairs.xz"
DICTIONARY_SHARE = 0.3  # jieba's part in the mixed frequencies
TRIPLES_SHARE = 0.28  # the part of `triples`; the rest is that of `pairs.xz`
PAIR_WEIGHT = 0.95
STEP = 0.1  # nats per unit of the stored bytes


class Pairs(NamedTuple):
    """The model of `pairs.xz`; numbers name words in order of frequency."""

    number: dict[str, int]
    probability: list[float]
    backoff: list[float]  # weight of what the word's pairs leave over
    contested: list[int]  # 1 if the damage leaves a choice for the word
    pairs: list[int]  # first pair of each word, and the end of the last
    second: memoryview  # second word of each pair, rising within a word
    ratio: list[float]  # of each pair: P(second | first) / P(second)


@lru_cache(maxsize=1)
def load() -> Pairs:
    """Read the file."""
    stored = packed.unpack(PAIRS)
    words = bytes(stored["words"]).decode("utf-8").split("\n")
    return Pairs(
        {word: number for number, word in enumerate(words)},
        np.exp(-STEP * stored["cost"].astype(np.float64)).tolist(),
        np.exp(-STEP * stored["backoff"].astype(np.float64)).tolist(),
        stored["contested"].tolist(),
        [0, *np.cumsum(stored["count"], dtype=np.int64).tolist()],
        memoryview((np.cumsum(stored["second"], dtype=np.int64) % len(words)).astype(np.int32)),
        np.exp(STEP * stored["gain"].astype(np.float64)).tolist(),
    )


# word -> (its number in pairs.xz, in triples, -1 if not there; whether one of them calls it contested;
# the parts of its frequency that are from the two)
_known: dict[str, tuple[int, int, bool, float, float]] = {}


def adjust(scores: dict[str, float]) -> None:
    """Mix both models' frequencies into `scores` (word -> log frequency) and prepare `value`.

    Words that only `triples` has are added where the damage leaves a choice for them.
    """
    web, other = load(), triples.load()
    for word, number in other.number.items():
        if other.contested[number] and word not in scores:
            scores[word] = other.cost[number]
    web_share = 1 - DICTIONARY_SHARE - TRIPLES_SHARE
    for word, score in scores.items():
        here, there = web.number.get(word, -1), other.number.get(word, -1)
        if here < 0 and there < 0:
            scores[word] = math.log(DICTIONARY_SHARE) + score
            continue
        from_web = web_share * web.probability[here] if here >= 0 else 0.0
        from_other = TRIPLES_SHARE * math.exp(other.cost[there]) if there >= 0 else 0.0
        mixed = DICTIONARY_SHARE * math.exp(score) + from_web + from_other
        scores[word] = math.log(mixed)
        contested = here >= 0 and web.contested[here] or there >= 0 and other.contested[there]
        _known[word] = (here, there, bool(contested), from_web / mixed, from_other / mixed)
    for word, number in web.number.items():
        if word not in scores:  # a sign
            _known[word] = (number, -1, bool(web.contested[number]), 1 - DICTIONARY_SHARE, 0.0)


def ratio(model: Pairs, first: int, second: int) -> float:
    """P(second | first) / P(second) in `pairs.xz`; 1 if it does not know one of them (-1)."""
    if first < 0 or second < 0:
        return 1.0
    at = triples.pair(model, first, second)
    return model.backoff[first] if at < 0 else model.ratio[at]


@lru_cache(maxsize=1 << 18)
def value(first: str, second: str) -> float:
    """Log worth of the pair, 0 where the models have nothing to say."""
    before, after = _known.get(first), _known.get(second)
    if before is None or after is None:
        return 0.0
    here, there, contested, _, _ = before
    here_too, there_too, contested_too, from_web, from_other = after
    if not (contested or contested_too):
        return 0.0
    return PAIR_WEIGHT * math.log(
        1 - from_web - from_other
        + from_web * ratio(load(), here, here_too) + from_other * triples.ratio(there, there_too)
    )

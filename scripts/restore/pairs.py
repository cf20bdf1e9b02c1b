"""What two neighbouring words are worth together, and how frequent a word is on the web.

`data/pairs.xz` holds a cut-down bigram model of general Chinese: word
frequencies, and the probability of a pair where the damage leaves a choice for
one of its words. It is derived from open-gram (see data/README.md for origin
and licence); `build_pairs` makes it. What `triples` knows of words and pairs is
mixed in; the two files stay apart, their licences do not allow one file.
"""

from __future__ import annotations

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
    probability: np.ndarray
    backoff: np.ndarray  # weight of what the word's pairs leave over
    contested: np.ndarray  # 1 if the damage leaves a choice for the word
    pairs: np.ndarray  # int64, rising: first word * words + second word
    ratio: np.ndarray  # of each pair: P(second | first) / P(second)


class Parts(NamedTuple):
    """What the two models have of each word; row 0 stands for all that neither knows."""

    here: np.ndarray  # its number in pairs.xz, -1 if not there
    there: np.ndarray  # its number in triples.xz
    contested: np.ndarray  # whether one of them calls it contested
    from_web: np.ndarray  # the part of its frequency that is from pairs.xz
    from_other: np.ndarray  # and from triples.xz


@lru_cache(maxsize=1)
def load() -> Pairs:
    """Read the file."""
    stored = packed.unpack(PAIRS)
    words = bytes(stored["words"]).decode("utf-8").split("\n")
    return Pairs(
        {word: number for number, word in enumerate(words)},
        np.exp(-STEP * stored["cost"].astype(np.float64)),
        np.exp(-STEP * stored["backoff"].astype(np.float64)),
        stored["contested"],
        triples.keys(stored["count"], stored["second"], len(words)),
        np.exp(STEP * stored["gain"].astype(np.float64)),
    )


def mixed(scores: dict[str, float]) -> tuple[dict[str, float], dict[str, int], Parts]:
    """Both models' frequencies mixed into `scores` (word -> log frequency), word -> its row in the parts, the parts.

    Words that only `triples` has are added where the damage leaves a choice for them.
    Signs that the web has get a row, but no score.
    """
    web, other = load(), triples.load()
    added = [word for word, number in other.number.items() if other.contested[number] and word not in scores]
    words = [*scores, *added]
    known = set(words)
    signs = [word for word in web.number if word not in known]
    here = np.array([-1, *(web.number.get(word, -1) for word in words + signs)])
    there = np.array([-1, *(other.number.get(word, -1) for word in words), *(-1 for _ in signs)])
    base = np.concatenate([[-np.inf], list(scores.values()), other.cost[[other.number[word] for word in added]], np.full(len(signs), -np.inf)])
    from_web = np.where(here >= 0, (1 - DICTIONARY_SHARE - TRIPLES_SHARE) * web.probability[here], 0.0)
    from_other = np.where(there >= 0, TRIPLES_SHARE * np.exp(other.cost[there]), 0.0)
    both = DICTIONARY_SHARE * np.exp(base) + from_web + from_other
    both[0] = 1.0
    contested = (here >= 0) & (web.contested[here] > 0) | (there >= 0) & (other.contested[there] > 0)
    from_web, from_other = from_web / both, from_other / both
    from_web[1 + len(words):] = 1 - DICTIONARY_SHARE
    rows = {word: row for row, word in enumerate(words + signs, start=1)}
    return (
        dict(zip(words, np.log(both[1:1 + len(words)]).tolist())), rows,
        Parts(here, there, contested, from_web, from_other),
    )


def ratio(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """P(second | first) / P(second) in `pairs.xz`; 1 where it does not know one of them (-1)."""
    model = load()
    at = triples.pair(model, first, second)
    worth = np.where(at < 0, model.backoff[first], model.ratio[at])
    return np.where((first < 0) | (second < 0), 1.0, worth)


def value(parts: Parts, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Log worth of each pair of words, given as rows of the parts; 0 where the models have nothing to say."""
    result = np.zeros(len(first))
    asked = np.flatnonzero(parts.contested[first] | parts.contested[second])
    before, after = first[asked], second[asked]
    web, other = parts.from_web[after], parts.from_other[after]
    result[asked] = PAIR_WEIGHT * np.log(
        1 - web - other
        + web * ratio(parts.here[before], parts.here[after]) + other * triples.ratio(parts.there[before], parts.there[after])
    )
    return result

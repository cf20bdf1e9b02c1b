"""What two neighbouring words are worth together, and how frequent a word is on the web.

`data/pairs.xz` holds a cut-down bigram model of general Chinese: word
frequencies, and the probability of a pair where the damage leaves a choice for
one of its words. It is derived from open-gram (see data/README.md for origin
and licence); `build_pairs` makes it.
"""

from __future__ import annotations

import io
import lzma
import math
from functools import lru_cache
from pathlib import Path

import numpy as np

PAIRS = Path(__file__).with_name("data") / "pairs.xz"
DICTIONARY_SHARE = 0.3  # jieba's part in the mixed frequencies
PAIR_WEIGHT = 0.8
STEP = 0.1  # nats per unit of the stored bytes


@lru_cache(maxsize=1)
def load() -> tuple[list[str], dict[str, np.ndarray]]:
    """(vocabulary, arrays `cost` [v], `backoff` [v], `contested` [v], `count` [v], `second` [n], `gain` [n])."""
    with np.load(io.BytesIO(lzma.decompress(PAIRS.read_bytes()))) as file:
        arrays = {name: file[name] for name in file.files}
    words = bytes(arrays.pop("words")).decode("utf-8").split("\n")
    return words, arrays


_value: dict[str, dict[str, float]] = {}  # first word -> second word -> worth
_absent: dict[str, float] = {}  # first word -> log backoff weight
_floor: dict[str, tuple[float, bool]] = {}  # word -> (web share, contested)


def adjust(scores: dict[str, float]) -> None:
    """Mix the web's frequencies into `scores` (word -> log frequency) and prepare `value`."""
    words, arrays = load()
    probability = np.exp(-STEP * arrays["cost"].astype(np.float64))
    web = dict(zip(words, probability.tolist()))
    share = 1 - DICTIONARY_SHARE
    for word, score in scores.items():
        own = math.exp(score)
        scores[word] = math.log(DICTIONARY_SHARE * own + share * web.get(word, 0.0))
    # P(b|a) is mixed in the same proportion; a table entry is log(P(b|a) / P(b)).
    mixed = np.array([math.exp(scores[w]) if w in scores else p for w, p in web.items()])
    part = np.minimum(share * probability / mixed, 1.0)
    second = np.cumsum(arrays["second"], dtype=np.int64) % len(words)
    worth = np.log(np.exp(STEP * arrays["gain"]) * part[second] + 1 - part[second]) * PAIR_WEIGHT
    seconds = second.tolist()
    worths = worth.tolist()
    at = 0
    for word, count in zip(words, arrays["count"].tolist()):
        if count:
            _value[word] = {words[s]: v for s, v in zip(seconds[at:at + count], worths[at:at + count])}
            at += count
    backoff = np.exp(-STEP * arrays["backoff"].astype(np.float64))
    contested = arrays["contested"].astype(bool).tolist()
    for word, weight, fraction, open_choice in zip(words, backoff.tolist(), part.tolist(), contested):
        _absent[word] = weight
        _floor[word] = (fraction, open_choice)


@lru_cache(maxsize=1 << 18)
def value(first: str, second: str) -> float:
    """Log worth of the pair, 0 where the model has nothing to say."""
    known = _value.get(first)
    if known is not None:
        worth = known.get(second)
        if worth is not None:
            return worth
    before, after = _floor.get(first), _floor.get(second)
    if before is None or after is None or not (before[1] or after[1]):
        return 0.0
    return PAIR_WEIGHT * math.log(_absent[first] * after[0] + 1 - after[0])

"""Make up Chinese text by open-gram's word triples: plausible word by word, without meaning.

`texts` reads the two files that `build_pairs` reads. The models learn from it which
words of general Chinese stand next to which.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from scripts.restore import build_pairs
from scripts.restore.build_pairs import WORD_MASK

CHAINS = 4000  # texts that grow side by side
LINE_END = 0.3  # probability of a new line after a full stop
SURE = 0.9  # pairs that the model knows are drawn at least this often, where they are not too rare
LEAST_MASS = 0.2
STOPS = "。！？…"


class Level(NamedTuple):
    """The nodes of one order of the model, and the running sum of their probabilities."""

    words: np.ndarray  # int64 [n]
    total: np.ndarray  # float64 [n + 1]
    child: np.ndarray  # int64 [n], first node of the next order


def summed(level: build_pairs.Level) -> Level:
    """The level as words are drawn from it: no marks."""
    chance = np.where(level.words < build_pairs.FIRST_WORD, 0, level.probability.astype(np.float64))
    return Level(level.words, np.concatenate([[0], np.cumsum(chance)]), level.child)


def draw(level: Level, low: np.ndarray, high: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Per chain a node in [low, high) drawn by its probability, -1 where `chance` passes what is there."""
    wanted = level.total[low] + chance
    node = np.searchsorted(level.total, wanted, "right") - 1
    return np.where((wanted < level.total[high]) & (node < high), node, -1)


def grow(levels: list[Level], count: int, seed: int = 0) -> np.ndarray:
    """Word ids drawn, int64 [steps, CHAINS]; each column is one text of about `count / CHAINS` words."""
    single, pair, triple = levels
    last_single = len(single.words) - 1  # the last node of a level only marks the end
    last_pair = len(pair.words) - 1
    row_of = np.full(WORD_MASK + 1, 0)
    row_of[single.words[:last_single]] = np.arange(last_single)
    owner = np.repeat(np.arange(last_single), np.diff(single.child[:last_single + 1]))
    keys = owner * (WORD_MASK + 1) + pair.words[:len(owner)]
    generator = np.random.default_rng(seed)
    row = np.zeros(CHAINS, np.int64)  # node of the last word
    node = np.full(CHAINS, -1)  # node of the last pair, -1 if the model has none
    steps = []
    for _ in range(count // CHAINS):
        known = np.maximum(node, 0)
        drawn = draw(triple, triple_low := pair.child[known],
                     np.where((node >= 0) & (node < last_pair), pair.child[known + 1], triple_low),
                     generator.random(CHAINS))
        word = np.where(drawn >= 0, triple.words[np.maximum(drawn, 0)], -1)
        low, high = single.child[row], single.child[row + 1]
        mass = pair.total[high] - pair.total[low]
        ceiling = np.where(mass > LEAST_MASS, np.minimum(mass / SURE, 1), 1)
        drawn = draw(pair, low, high, generator.random(CHAINS) * ceiling)
        word = np.where((word < 0) & (drawn >= 0), pair.words[np.maximum(drawn, 0)], word)
        chance = generator.random(CHAINS) * single.total[last_single]
        free = single.words[np.searchsorted(single.total, chance, "right") - 1]
        word = np.where(word < 0, free, word)
        key = row * (WORD_MASK + 1) + word
        at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        node = np.where(keys[at] == key, at, -1)
        row = row_of[word]
        steps.append(word)
    return np.array(steps)


def texts(model: Path, dictionary: Path, count: int) -> Iterator[str]:
    """Texts of `count` words in all, made up by the two files; each may hold line ends."""
    names = build_pairs.read_words(dictionary)
    generator = np.random.default_rng(1)
    for column in grow([summed(level) for level in build_pairs.read_model(model)], count).T:
        parts = []
        for word in column.tolist():
            parts.append(names[word])
            if names[word] in STOPS and generator.random() < LINE_END:
                parts.append("\n")
        yield "".join(parts)

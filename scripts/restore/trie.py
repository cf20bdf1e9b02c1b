"""Words as a tree of characters, kept in sorted arrays: many places ask in one go."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

WIDTH = 1 << 21  # more than any code point


class Trie(NamedTuple):
    """Node 0 is the root, node i + 1 the one that `keys[i]` leads to."""

    keys: np.ndarray  # int64, rising: node before * WIDTH + code point
    word: np.ndarray  # number of the word that ends at each node, -1 if none does, and -1 at the end for node -1


def find(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each of `wanted` stands in `keys`, which rise; -1 if it does not."""
    if not len(keys):
        return np.full(len(wanted), -1)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)


def code_points(words: list[str], longest: int) -> np.ndarray:
    """The characters of each word, 0 after its end: int32 [n, longest]; none of a longer word."""
    letters = np.array(words, f"U{longest + 1}").reshape(-1, 1).view(np.uint32).astype(np.int32)
    letters[letters[:, longest] > 0] = 0
    return letters[:, :longest]


def build(letters: np.ndarray) -> Trie:
    """The tree of the words whose code points are given: [n, longest], no word twice; empty ones are left out."""
    node = np.zeros(len(letters), np.int64)
    keys: list[np.ndarray] = []
    size = 1
    for column in letters.T:
        longer = np.flatnonzero(column)
        level, which = np.unique(node[longer] * WIDTH + column[longer], return_inverse=True)
        node[longer] = size + which
        size += len(level)
        keys.append(level)
    word = np.full(size + 1, -1)
    word[node] = np.arange(len(letters))
    word[0] = -1
    return Trie(np.concatenate(keys), word)


def follow(tree: Trie, nodes: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """The node that each code point leads to from each node (or from -1, nowhere); -1 if there is none."""
    found = find(tree.keys, nodes * WIDTH + codes)
    return np.where(found < 0, -1, found + 1)

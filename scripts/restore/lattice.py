"""Choose among candidates by words: every path through a lattice is one reading.

The input is one tuple of candidates per character. A path is a sequence of
dictionary words and single characters. Its score is the sum of the logarithms
of their frequencies, plus what each pair of neighbours is worth together (`pairs`).
Words come from the dictionary that ships with jieba and from the project's own
`data/lexicon.txt`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import jieba

from scripts.restore import pairs
from scripts.restore.characters import is_hanzi, prior

LONGEST_WORD = 8  # characters; the dictionary holds longer names, none of use here
LEXICON = Path(__file__).with_name("data") / "lexicon.txt"
LEXICON_SHARE = 3e-5  # least relative frequency of our own words, twice that for longer ones
MINUS_INFINITY = -1e9
SINGLES_KEPT = 8  # candidates per slot that may stand as a word of one character
SINGLES_FAR = 14.0  # nats behind the most frequent one


def read_lexicon(path: Path = LEXICON) -> list[str]:
    """The project's own words: separated by blanks, `#` starts a comment line."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return [word for line in lines if not line.startswith("#") for word in line.split()]


@lru_cache(maxsize=1)
def dictionary() -> tuple[dict[str, float], frozenset[str], dict[str, str]]:
    """(word -> log frequency, every proper prefix of a word, word -> part of speech)."""
    counts: dict[str, int] = {}
    tags: dict[str, str] = {}
    with Path(jieba.__file__).with_name("dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, count, tag = line.rstrip("\n").rsplit(" ", 2)
            if len(word) <= LONGEST_WORD:
                counts[word] = int(count)
                tags[word] = tag
    total = math.log(sum(counts.values()))
    scores = {word: math.log(count + 0.3) - total for word, count in counts.items()}
    pairs.adjust(scores)
    for word in read_lexicon():
        share = math.log(LEXICON_SHARE * (2 if len(word) > 2 else 1))
        scores[word] = max(scores.get(word, share), share)
        tags.setdefault(word, "n")
    prefixes = frozenset(word[:end] for word in scores for end in range(1, len(word)))
    return scores, prefixes, tags


@lru_cache(maxsize=None)
def single_score(character: str) -> float:
    """Log weight of one character standing by itself."""
    score = dictionary()[0].get(character)
    return prior(character) if score is None else score


@lru_cache(maxsize=8192)
def singles(slot: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """The candidates of a slot worth trying as words of one character, best first."""
    ranked = sorted(((c, single_score(c)) for c in slot), key=lambda item: -item[1])
    best = ranked[0][1]
    return tuple(item for item in ranked[:SINGLES_KEPT] if item[1] > best - SINGLES_FAR)


class Node(NamedTuple):
    """A word at a place of the lattice."""

    start: int
    end: int
    word: str
    score: float


def nodes(slots: list[tuple[str, ...]]) -> list[list[Node]]:
    """For each start: every word that fits the candidates there."""
    scores, prefixes, _ = dictionary()
    size = len(slots)
    result = []
    for start, slot in enumerate(slots):
        here = [Node(start, start + 1, character, score) for character, score in singles(slot)]
        partial = [character for character in slot if character in prefixes]
        for end in range(start + 1, min(size, start + LONGEST_WORD)):
            if not partial:
                break
            if len(slots[end]) == 1:
                last = slots[end][0]
                grown = [head + last for head in partial]
            else:
                grown = [head + last for head in partial for last in slots[end]]
            for word in grown:
                score = scores.get(word)
                if score is not None:
                    here.append(Node(start, end + 1, word, score))
            partial = [word for word in grown if word in prefixes]
        result.append(here)
    return result


def marginals(
    slots: list[tuple[str, ...]], neighbour: str = "", follower: str = ""
) -> tuple[list[dict[str, tuple[float, str]]], str, str]:
    """The best reading through every candidate of a stretch of hanzi.

    `neighbour`, `follower`: the word or sign before and after the stretch.
    Returns, per position, candidate -> (score of the best path through it, its
    word on that path), and the first and last word of the best path. The best
    reading takes the highest candidate everywhere. Linear in the number of slots.
    """
    size = len(slots)
    graph = nodes(slots)
    ending: list[list[tuple[Node, float]]] = [[] for _ in range(size + 1)]
    ending[0].append((Node(0, 0, neighbour, 0.0), 0.0))
    links: list[list[list[float]]] = []  # links[start][node][predecessor]: what the pair is worth
    value = pairs.value
    for start, here in enumerate(graph):
        before = ending[start]
        rows = []
        for node in here:
            word = node.word
            row = [value(left.word, word) for left, _ in before]
            best = max(total + worth for (_, total), worth in zip(before, row))
            ending[node.end].append((node, best + node.score))
            rows.append(row)
        links.append(rows)
    # What is still to come after each node that ends at a place, same order as `ending`.
    rest: list[list[float]] = [[MINUS_INFINITY] * len(here) for here in ending]
    rest[size] = [value(node.word, follower) if follower else 0.0 for node, _ in ending[size]]
    place: dict[Node, int] = {}
    for here in ending:
        for index, (node, _) in enumerate(here):
            place[node] = index
    result: list[dict[str, tuple[float, str]]] = [{} for _ in range(size)]
    nothing = (MINUS_INFINITY, "")
    for start in range(size - 1, -1, -1):
        tails = rest[start]
        for node, row in zip(graph[start], links[start]):
            index = place[node]
            onward = rest[node.end][index]
            through = ending[node.end][index][1] + onward
            entry = (through, node.word)
            for offset, character in enumerate(node.word):
                known = result[start + offset]
                if through > known.get(character, nothing)[0]:
                    known[character] = entry
            onward += node.score
            for left, worth in enumerate(row):
                if onward + worth > tails[left]:
                    tails[left] = onward + worth
    first = max(result[0].values())[1]
    last = max(result[size - 1].values())[1]
    return result, first, last


def is_run_character(slot: tuple[str, ...]) -> bool:
    """Whether a slot belongs to a stretch of hanzi, the only place where words can be."""
    return any(is_hanzi(character) for character in slot)

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
from operator import add
from pathlib import Path

import jieba

from scripts.restore import pairs
from scripts.restore.characters import is_hanzi, prior

LONGEST_WORD = 8  # characters; the dictionary holds longer names, none of use here
LEXICON = Path(__file__).with_name("data") / "lexicon.txt"
LEXICON_SHARE = 3e-5  # least relative frequency of our own words, twice that for longer ones
MINUS_INFINITY = -1e9
SINGLES_KEPT = 6  # candidates per slot that may stand as a word of one character
SINGLES_FAR = 10.0  # nats behind the most frequent one


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


def nodes(slots: list[tuple[str, ...]]) -> list[list[tuple[int, str, float]]]:
    """For each start: (end, word, score) of every word that fits the candidates there."""
    scores, prefixes, _ = dictionary()
    size = len(slots)
    result = []
    for start, slot in enumerate(slots):
        here = [(start + 1, character, score) for character, score in singles(slot)]
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
                if word in scores:
                    here.append((end + 1, word, scores[word]))
            partial = [word for word in grown if word in prefixes]
        result.append(here)
    return result


def marginals(
    slots: list[tuple[str, ...]], neighbour: str = "", follower: str = ""
) -> list[dict[str, tuple[float, str]]]:
    """The best reading through every candidate of a stretch of hanzi.

    `neighbour`, `follower`: the word or sign before and after the stretch.
    Returns, per position, candidate -> (score of the best path through it, its
    word on that path). The best reading takes the highest candidate everywhere.
    Linear in the number of slots.
    """
    size = len(slots)
    value = pairs.value
    graph = nodes(slots)
    # Words that end at a place, with the best total up to and including each.
    words: list[list[str]] = [[] for _ in range(size + 1)]
    totals: list[list[float]] = [[] for _ in range(size + 1)]
    words[0].append(neighbour)
    totals[0].append(0.0)
    links: list[list[tuple[int, list[float]]]] = []  # per node: its index at its end, worth per predecessor
    for start, here in enumerate(graph):
        before, sums = words[start], totals[start]
        rows = []
        if len(before) == 1:  # no choice: half of all places
            only, total = before[0], sums[0]
            for end, word, score in here:
                worth = value(only, word)
                rows.append((len(words[end]), [worth]))
                words[end].append(word)
                totals[end].append(total + worth + score)
        else:
            for end, word, score in here:
                row = [value(left, word) for left in before]
                rows.append((len(words[end]), row))
                words[end].append(word)
                totals[end].append(max(map(add, sums, row)) + score)
        links.append(rows)
    # What is still to come after each word that ends at a place, same order as `words`.
    rest = [[MINUS_INFINITY] * len(here) for here in words]
    rest[size] = [value(word, follower) if follower else 0.0 for word in words[size]]
    result: list[dict[str, tuple[float, str]]] = [{} for _ in range(size)]
    for start in range(size - 1, -1, -1):
        tails = rest[start]
        for (end, word, score), (index, row) in zip(graph[start], links[start]):
            onward = rest[end][index]
            through = totals[end][index] + onward
            for position, character in zip(range(start, end), word):
                if len(slots[position]) > 1:
                    known = result[position]
                    old = known.get(character)
                    if old is None or through > old[0]:
                        known[character] = (through, word)
            onward += score
            for left, worth in enumerate(row):
                if onward + worth > tails[left]:
                    tails[left] = onward + worth
    return result


@lru_cache(maxsize=8192)
def is_run_character(slot: tuple[str, ...]) -> bool:
    """Whether a slot belongs to a stretch of hanzi, the only place where words can be."""
    return any(is_hanzi(character) for character in slot)

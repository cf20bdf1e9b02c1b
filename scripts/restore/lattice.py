"""Choose among candidates by words: every path through a lattice is one reading.

The input is one tuple of candidates per character. A path is a sequence of
dictionary words and single characters. Its score is the sum of the logarithms
of their frequencies, plus what each pair of neighbours is worth together (`pairs`).
Words come from the dictionary that ships with jieba, from the project's own
`data/lexicon.txt`, and from `data/words.xz`, what jieba lacks.
"""

from __future__ import annotations

import lzma
import math
from functools import lru_cache
from itertools import repeat
from operator import add
from pathlib import Path

import jieba

from scripts.restore import pairs
from scripts.restore.characters import is_hanzi, prior

LONGEST_WORD = 8  # characters; the dictionary holds longer names, none of use here
LEXICON = Path(__file__).with_name("data") / "lexicon.txt"
WORDS = Path(__file__).with_name("data") / "words.xz"
WORDS_SHARE = 4e-8  # relative frequency of its words, which is not known
LEXICON_SHARE = 3e-5  # least relative frequency of our own words, twice that for longer ones
MINUS_INFINITY = -1e9
SINGLES_KEPT = 6  # candidates per slot that may stand as a word of one character
SINGLES_FAR = 10.0  # nats behind the most frequent one
BEHIND = 14.0  # nats; a beginning so far behind another that ends at the same place is given up


def read_lexicon(path: Path = LEXICON) -> list[str]:
    """The project's own words: separated by blanks, `#` starts a comment line."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def read_words(path: Path = WORDS) -> list[str]:
    """Words that jieba lacks, made by `build_words`; none if the file is not there yet."""
    return lzma.decompress(path.read_bytes()).decode("utf-8").split("\n") if path.exists() else []


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
    for word in read_words():
        scores.setdefault(word, math.log(WORDS_SHARE))
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


@lru_cache(maxsize=1)
def inner_characters() -> frozenset[str]:
    """Every character that stands in a word, but not only at its start."""
    return frozenset(character for word in dictionary()[0] for character in word[1:])


@lru_cache(maxsize=8192)
def beginnings(slot: tuple[str, ...]) -> tuple[str, ...]:
    """The candidates that a longer word can start with."""
    prefixes = dictionary()[1]
    return tuple(character for character in slot if character in prefixes)


@lru_cache(maxsize=8192)
def continuations(slot: tuple[str, ...]) -> tuple[str, ...]:
    """The candidates that a word can go on with."""
    inside = inner_characters()
    return tuple(character for character in slot if character in inside)


def nodes(slots: list[tuple[str, ...]]) -> list[list[tuple[int, str, float]]]:
    """For each start: (end, word, score) of every word that fits the candidates there."""
    scores, prefixes, _ = dictionary()
    is_word, is_prefix = scores.__contains__, prefixes.__contains__
    size = len(slots)
    following = [continuations(slot) for slot in slots]
    result = []
    for start, slot in enumerate(slots):
        here = [(start + 1, character, score) for character, score in singles(slot)]
        partial = beginnings(slot)
        for end in range(start + 1, min(size, start + LONGEST_WORD)):
            if not partial:
                break
            after = following[end]
            if len(after) == 1:
                last = after[0]
                grown = [head + last for head in partial]
            else:
                grown = [head + last for head in partial for last in after]
            here += [(end + 1, word, scores[word]) for word in filter(is_word, grown)]
            partial = list(filter(is_prefix, grown))
        result.append(here)
    return result


def marginals(
    slots: list[tuple[str, ...]], neighbour: str = "", follower: str = ""
) -> list[dict[str, tuple[float, str]]]:
    """The best reading through every candidate of a stretch of hanzi.

    `neighbour`, `follower`: the word or sign before and after the stretch.
    Returns, per position, candidate -> (score of the best path through it, its
    word on that path). The best reading takes the highest candidate everywhere;
    candidates far behind may be missing. Linear in the number of slots.
    """
    size = len(slots)
    value = pairs.value
    graph = nodes(slots)
    # Words that end at a place, with the best total up to and including each.
    words: list[list[str]] = [[] for _ in range(size + 1)]
    totals: list[list[float]] = [[] for _ in range(size + 1)]
    words[0].append(neighbour)
    totals[0].append(0.0)
    rank: list[list[int] | None] = [None] * (size + 1)  # where words that end there were dropped: new index or -1
    links: list[list[tuple[int, list[float]]]] = []  # per node: its index at its end, worth per predecessor
    for start, here in enumerate(graph):
        before, sums = words[start], totals[start]
        if len(before) > 2:
            least = max(sums) - BEHIND
            if min(sums) < least:
                kept = [index for index, total in enumerate(sums) if total >= least]
                ranks = [-1] * len(sums)
                for new, index in enumerate(kept):
                    ranks[index] = new
                rank[start] = ranks
                before = words[start] = [before[index] for index in kept]
                sums = totals[start] = [sums[index] for index in kept]
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
                row = list(map(value, before, repeat(word)))
                rows.append((len(words[end]), row))
                words[end].append(word)
                totals[end].append(max(map(add, sums, row)) + score)
        links.append(rows)
    # What is still to come after each word that ends at a place, same order as `words`.
    rest: list[list[float]] = [[MINUS_INFINITY] * len(here) for here in words]
    rest[size] = [value(word, follower) if follower else 0.0 for word in words[size]]
    result: list[dict[str, tuple[float, str]]] = [{} for _ in range(size)]
    open_ = [len(slot) > 1 for slot in slots]
    for start in range(size - 1, -1, -1):
        tails = rest[start]
        known = result[start]
        for (end, word, score), (index, row) in zip(graph[start], links[start]):
            ranks = rank[end]
            if ranks is not None:
                index = ranks[index]
                if index < 0:
                    continue
            onward = rest[end][index]
            through = totals[end][index] + onward
            if open_[start]:
                character = word[0]
                old = known.get(character)
                if old is None or through > old[0]:
                    known[character] = (through, word)
            for position in range(start + 1, end):
                if open_[position]:
                    character = word[position - start]
                    old = result[position].get(character)
                    if old is None or through > old[0]:
                        result[position][character] = (through, word)
            onward += score
            if len(row) == 1:
                if onward + row[0] > tails[0]:
                    tails[0] = onward + row[0]
            else:
                for left, worth in enumerate(row):
                    if onward + worth > tails[left]:
                        tails[left] = onward + worth
    return result


@lru_cache(maxsize=8192)
def is_run_character(slot: tuple[str, ...]) -> bool:
    """Whether a slot belongs to a stretch of hanzi, the only place where words can be."""
    return any(is_hanzi(character) for character in slot)

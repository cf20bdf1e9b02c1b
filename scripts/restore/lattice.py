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
from pathlib import Path
from typing import NamedTuple

import jieba
import numpy as np

from scripts.restore import pairs, trie
from scripts.restore.characters import is_hanzi, prior

LONGEST_WORD = 8  # characters; the dictionary holds longer names, none of use here
LEXICON = Path(__file__).with_name("data") / "lexicon.txt"
WORDS = Path(__file__).with_name("data") / "words.xz"
WORDS_SHARE = 4e-8  # relative frequency of its words, which is not known
LEXICON_SHARE = 3e-5  # least relative frequency of our own words, twice that for longer ones
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


class Dictionary(NamedTuple):
    """All words, numbered in one order."""

    scores: dict[str, float]  # word -> log frequency
    tags: dict[str, str]  # word -> part of speech
    words: list[str]
    score: np.ndarray  # log frequency of each word
    letters: np.ndarray  # code points of each word, [n, LONGEST_WORD]
    tree: trie.Trie
    row: np.ndarray  # row of each word in `parts`
    rows: dict[str, int]  # the same for signs, too
    parts: pairs.Parts  # what `pairs` knows of each word


@lru_cache(maxsize=1)
def dictionary() -> Dictionary:
    """Read all words; seconds."""
    counts: dict[str, int] = {}
    tags: dict[str, str] = {}
    with Path(jieba.__file__).with_name("dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, count, tag = line.rstrip("\n").rsplit(" ", 2)
            if len(word) <= LONGEST_WORD:
                counts[word] = int(count)
                tags[word] = tag
    shares = np.log(np.array(list(counts.values())) + 0.3) - math.log(sum(counts.values()))
    scores, rows, parts = pairs.mixed(dict(zip(counts, shares.tolist())))
    for word in read_lexicon():
        share = math.log(LEXICON_SHARE * (2 if len(word) > 2 else 1))
        scores[word] = max(scores.get(word, share), share)
        tags.setdefault(word, "n")
    for word in read_words():
        scores.setdefault(word, math.log(WORDS_SHARE))
        tags.setdefault(word, "n")
    words = list(scores)
    letters = trie.code_points(words, LONGEST_WORD)
    return Dictionary(
        scores, tags, words, np.array(list(scores.values())), letters, trie.build(letters),
        np.array([rows.get(word, 0) for word in words]), rows, parts,
    )


@lru_cache(maxsize=None)
def single_score(character: str) -> float:
    """Log weight of one character standing by itself."""
    score = dictionary().scores.get(character)
    return prior(character) if score is None else score


@lru_cache(maxsize=8192)
def singles(slot: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """The candidates of a slot worth trying as words of one character, best first."""
    ranked = sorted(((c, single_score(c)) for c in slot), key=lambda item: -item[1])
    best = ranked[0][1]
    return tuple(item for item in ranked[:SINGLES_KEPT] if item[1] > best - SINGLES_FAR)


class Nodes(NamedTuple):
    """Words that fit the candidates where they stand; one entry each."""

    start: np.ndarray
    end: np.ndarray
    word: np.ndarray  # its number, -1 for a character that the dictionary lacks
    code: np.ndarray  # its first code point
    score: np.ndarray


def ranges(starts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """start, start + 1, … as many as are counted, for each start, one after the other."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(counts.sum())


def nodes(slots: list[tuple[str, ...]], last: np.ndarray) -> Nodes:
    """All words of stretches that stand one after the other; `last` [n]: where the stretch of each slot ends."""
    known = dictionary()
    number: dict[tuple[str, ...], int] = {}
    which = np.array([number.setdefault(slot, len(number)) for slot in slots])
    size = np.array([len(slot) for slot in number])
    first = np.cumsum(size) - size
    codes = np.array([ord(character) for slot in number for character in slot])
    roots = trie.follow(known.tree, np.zeros(len(codes), np.int64), codes)
    alone = [[(ord(character), score) for character, score in singles(slot)] for slot in number]
    kept = np.array([len(each) for each in alone])
    code = np.array([code for each in alone for code, _ in each])
    word = known.tree.word[trie.follow(known.tree, np.zeros(len(code), np.int64), code)]
    score = np.array([score for each in alone for _, score in each])
    at = ranges((np.cumsum(kept) - kept)[which], kept[which])
    start = np.repeat(np.arange(len(slots)), kept[which])
    found = [(start, start + 1, word[at], code[at], score[at])]
    # Longer words: the beginnings that lead somewhere, and what may come next.
    at = ranges(first[which], size[which])
    start, node = np.repeat(np.arange(len(slots)), size[which]), roots[at]
    for more in range(1, LONGEST_WORD):
        go = (node >= 0) & (start + more < last[start])
        start, node = start[go], node[go]
        slot = which[start + more]
        at = ranges(first[slot], size[slot])
        start, node = np.repeat(start, size[slot]), np.repeat(node, size[slot])
        node = trie.follow(known.tree, node, codes[at])
        start, node = start[node >= 0], node[node >= 0]
        word = known.tree.word[node]
        ends = np.flatnonzero(word >= 0)
        word = word[ends]
        found.append((start[ends], start[ends] + more + 1, word, known.letters[word, 0], known.score[word]))
    return Nodes(*map(np.concatenate, zip(*found)))


def marginals(
    runs: list[tuple[tuple[str, ...], ...]], neighbours: list[str], followers: list[str]
) -> list[list[tuple[str, float, str]]]:
    """The best reading through every candidate of stretches of hanzi.

    `neighbours`, `followers`: the word or sign before and after each stretch. Returns,
    per slot of all stretches, (candidate, score of the best path through it, its word
    on that path), best first, none where nothing is open; candidates far behind may be
    missing. The best reading takes the first one everywhere. Linear in the number of slots.
    """
    slots = [slot for run in runs for slot in run]
    lengths = np.array([len(run) for run in runs])
    firsts = np.cumsum(lengths) - lengths
    run = np.repeat(np.arange(len(runs)), lengths)
    node = nodes(slots, (firsts + lengths)[run])
    order = np.lexsort((node.start, node.start - firsts[run[node.start]]))  # all first words, then those one slot later, …
    node = Nodes(*(column[order] for column in node))
    return by_candidate(slots, node, best_through(node, firsts, lengths, neighbours, followers))


def best_through(
    node: Nodes, firsts: np.ndarray, lengths: np.ndarray, neighbours: list[str], followers: list[str]
) -> np.ndarray:
    """Score of the best path through each word, -inf for those given up; all stretches take their steps together.

    `node`: by rising distance from the start of the stretch, then by start; `firsts`, `lengths`: first slot of each stretch, and how many it has.
    """
    known = dictionary()
    run = np.repeat(np.arange(len(firsts)), lengths)[node.start]
    # A place between two slots has a number of its own: each stretch has one more than slots.
    left, right = node.start + run, node.end + run
    ends = np.append(right, firsts + np.arange(len(firsts)))  # behind all words, what stands before each stretch
    row = np.concatenate([np.where(node.word < 0, 0, known.row[node.word]), [known.rows.get(n, 0) for n in neighbours]])
    by_end = np.argsort(ends, kind="stable")
    begins = np.searchsorted(ends[by_end], np.arange(ends.max() + 2))
    total = np.zeros(len(row))  # of the best path up to and including each word
    steps = np.searchsorted(node.start - firsts[run], np.arange(lengths.max() + 1))
    links = []
    for low, high in zip(steps, steps[1:]):
        heads = np.flatnonzero(np.diff(left[low:high], prepend=-1))
        places = left[low + heads]
        sizes = begins[places + 1] - begins[places]
        behind = by_end[ranges(begins[places], sizes)]
        best = np.maximum.reduceat(total[behind], np.cumsum(sizes) - sizes)
        kept = total[behind] >= np.repeat(best, sizes) - BEHIND
        sizes = np.add.reduceat(kept.astype(np.int64), np.cumsum(sizes) - sizes)
        behind = behind[kept]
        # Every word before a place with every word after it.
        group = np.repeat(np.arange(len(heads)), np.diff(np.append(heads, high - low)))
        from_ = behind[ranges((np.cumsum(sizes) - sizes)[group], sizes[group])]
        to = np.repeat(np.arange(low, high), sizes[group])
        worth = pairs.value(known.parts, row[from_], row[to])
        sizes = sizes[group]
        total[low:high] = node.score[low:high] + np.maximum.reduceat(total[from_] + worth, np.cumsum(sizes) - sizes)
        links.append((from_, to, worth))
    # What is still to come after each word: nothing follows those that were given up.
    rest = np.full(len(row), -np.inf)
    final = np.flatnonzero(node.end == (firsts + lengths)[run])
    after = np.array([known.rows.get(f, 0) for f in followers])
    rest[final] = pairs.value(known.parts, row[final], after[run[final]])
    for from_, to, worth in reversed(links):
        np.maximum.at(rest, from_, worth + node.score[to] + rest[to])
    return (total + rest)[:len(run)]


def by_candidate(
    slots: list[tuple[str, ...]], node: Nodes, through: np.ndarray
) -> list[list[tuple[str, float, str]]]:
    """What `marginals` returns: every word speaks for each of its characters, the best counts."""
    known = dictionary()
    live = np.flatnonzero(through > -np.inf)
    size = (node.end - node.start)[live]
    inside = ranges(np.zeros(len(live), np.int64), size)
    whose = np.repeat(live, size)
    at = node.start[whose] + inside
    code = np.where(inside == 0, node.code[whose], known.letters[node.word[whose], inside])
    open_ = np.fromiter(map(len, slots), np.int64, len(slots))[at] > 1
    whose, at, code = whose[open_], at[open_], code[open_]
    order = np.lexsort((-through[whose], code, at))
    whose, at, code = whose[order], at[order], code[order]
    new = (np.diff(at, prepend=-1) != 0) | (np.diff(code, prepend=-1) != 0)
    whose, at, code = whose[new], at[new], code[new]
    order = np.lexsort((-through[whose], at))
    result: list[list[tuple[str, float, str]]] = [[] for _ in slots]
    for place, point, score, word in zip(
        at[order].tolist(), code[order].tolist(), through[whose[order]].tolist(), node.word[whose[order]].tolist()
    ):
        result[place].append((chr(point), score, known.words[word] if word >= 0 else chr(point)))
    return result


@lru_cache(maxsize=8192)
def is_run_character(slot: tuple[str, ...]) -> bool:
    """Whether a slot belongs to a stretch of hanzi, the only place where words can be."""
    return any(is_hanzi(character) for character in slot)

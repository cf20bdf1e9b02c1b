"""From a damaged text to the restored one: detect, list candidates, pin, choose, check."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from scripts.restore import confidence, context, decide, document, lattice, sentence, triples, window
from scripts.restore.codec import damage, units
from scripts.restore.detect import find_codepage, find_dropped, has_clean_chinese, is_damaged
from scripts.restore.lossless import fix_once
from scripts.restore.reviewed import pinned, read_reviewed

BLOCK = 60_000  # damaged characters looked at together: bounds the memory
JOBS_PER_WORKER = 8  # below it, starting another process costs more than it saves
NEAR = 12  # characters; a change farther away hardly touches a place's scores
SURE = 0.99  # above it only the chosen character is kept
DOUBTED = 0.955  # a choice less probable than this is flagged: a person should look at it
DEEPEST = 3  # wrong readings on top of each other
WINDOWS = 500  # of `sentence`, read in one text: all of about 64,000 characters that hold a doubt, the gravest of a longer text

Entries = list[tuple[int, str, str, str, str]]


class Place(NamedTuple):
    """One ambiguous character of the restored text."""

    offset: int  # in the restored text
    chosen: str
    options: tuple[tuple[str, float], ...]  # candidates with probabilities, best first
    reason: str

    @property
    def confidence(self) -> float:
        return dict(self.options).get(self.chosen, 0.0)


class Result(NamedTuple):
    """`kind`: what was found, in Chinese; `codepage`, `dropped` only if bytes were lost."""

    text: str
    places: list[Place]
    kind: str
    codepage: str | None
    dropped: frozenset[int]


def flagged(places: list[Place]) -> list[Place]:
    """What a person should look at: more in a text full of names, little in a plain one."""
    return [place for place in places if place.confidence < DOUBTED]


def blocks(text: str, size: int = BLOCK) -> Iterator[str]:
    """`text` in pieces of about `size`, cut after a line end, else after a blank or comma, else anywhere
    that is no inside of a damaged character (ASCII on the left)."""
    start = 0
    while start < len(text):
        end = min(start + size, len(text))
        if end < len(text):
            for mark in ("\n", " ", ",", "."):
                cut = text.rfind(mark, start + size // 2, end)
                if cut > start:
                    end = cut + 1
                    break
            else:
                # A lead byte starts a character, so cutting before one splits none.
                cut = end
                while cut > start + 1 and not "\u00c2" <= text[cut] <= "\u00f4":
                    cut -= 1
                end = cut if cut > start + 1 else end
        yield text[start:end]
        start = end


def restore_as(
    text: str,
    codepage: str,
    dropped: frozenset[int],
    entries: Entries = (),
    mixed: bool = False,
    progress: bool = False,
) -> tuple[str, list[Place]]:
    """Restore `text`, known to be damaged by `codepage` with `dropped` lost. Returns (text, places)."""
    decided = pinned(text, codepage, dropped, list(entries)) if entries else {}
    jobs = []
    raw_offset = 0
    cut = list(blocks(text))
    for piece in cut:
        end = raw_offset + len(piece)
        here = {at - raw_offset: choice for at, choice in decided.items() if raw_offset <= at < end}
        jobs.append((piece, codepage, dropped, mixed, here, max(1, WINDOWS // len(cut))))
        raw_offset = end
    pieces: list[str] = []
    places: list[Place] = []
    length = done = 0
    began = time.monotonic()
    for (piece, *_), (restored, found) in zip(jobs, run_jobs(jobs)):
        places.extend(place._replace(offset=place.offset + length) for place in found)
        pieces.append(restored)
        length += len(restored)
        done += len(piece)
        if progress:
            share = 100 * done / len(text)
            print(f"\r复原 {share:5.1f}%  {time.monotonic() - began:.0f} 秒", end="", file=sys.stderr, flush=True)
    if progress:
        print(file=sys.stderr)
    return "".join(pieces), places


def run_jobs(jobs: list[tuple]) -> Iterator[tuple[str, list[Place]]]:
    """Results of `restore_block` in order; several processes where the text is long enough to pay for them."""
    load()
    workers = min(os.cpu_count() or 1, len(jobs) // JOBS_PER_WORKER)
    with threadpool_limits(1, "blas"):  # with a thread per core in every process they wait for each other: a third slower
        if workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
            yield from map(restore_block, jobs)
            return
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            yield from pool.imap(restore_block, jobs)


@lru_cache(maxsize=1)
def load() -> None:
    """Read dictionary and models, once, before processes part; files are unpacked beside the work on the dictionary."""
    with ThreadPoolExecutor(1) as beside:
        read = [beside.submit(each) for each in (sentence.weights, window.weights, context.weights)]
        lattice.dictionary()
        confidence.forest()
    for each in read:
        each.result()


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for cycles inside: the work makes millions of small tuples and no cycle, searching takes an eighth of it."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def restore_block(job: tuple) -> tuple[str, list[Place]]:
    """Restore one block: (damaged text, codepage, dropped, mixed, offset in it -> (choice, reason), windows to read)."""
    piece, codepage, dropped, mixed, decided, most = job
    slots: decide.Slots = []
    why: dict[int, str] = {}
    offset = 0
    for raw, options in units(piece, codepage, dropped, mixed):
        if offset in decided and len(options) > 1:
            choice, why[len(slots)] = decided[offset]
            options = (choice,)
        slots.append(options)
        offset += len(raw)
    with uncollected():
        characters, places = choose(slots, most)
    places.extend(
        Place(at, characters[at], ((characters[at], 1.0),), f"人工复核：{reason}") for at, reason in why.items()
    )
    places.sort()
    return "".join(characters), places


def weigh(
    slots: decide.Slots, most: int = WINDOWS
) -> tuple[list[str], confidence.Evidence | None, dict[int, tuple[decide.Option, ...]]]:
    """(the best reading, the scores behind it or None if nothing is open, options per ambiguous place).

    The scores are asked in turn, the dearest last and only where a doubt is left; each
    sees the text as those before it read it. `most` windows of `sentence` are read, and
    half as many twice more, when all else has spoken.
    """
    ranked = decide.by_words(slots)
    characters = [slot[0] for slot in slots]
    for position, options in ranked.items():
        characters[position] = options[0].character
    if not ranked:
        return characters, None, ranked
    positions, starts, codes, words = decide.flatten(ranked)
    owner = confidence.owners(starts, len(codes))

    def settle(scores: np.ndarray) -> np.ndarray:
        chosen = confidence.best_rows(scores, starts)
        for position, code in zip(positions.tolist(), codes[chosen].tolist()):
            characters[position] = chr(code)
        return chosen

    around, wide = np.zeros(len(codes)), np.zeros((window.count(), len(codes)))
    asked = decide.doubtful(words, starts)
    # A second time where something near by has changed: the first choices are then the context.
    for _ in range(2):
        rows = np.flatnonzero(asked[owner])
        if len(rows) == 0:
            break
        before = "".join(characters)
        whose = (np.cumsum(asked) - 1)[owner[rows]]
        around[rows], wide[:, rows] = decide.context_scores(before, positions[asked], whose, codes[rows])
        settle(words + around + wide.mean(0))
        asked &= near_changes(before, characters, positions)
    together = words + around + wide.mean(0)
    certain = np.maximum.reduceat(softmax(together, starts, owner), starts) >= document.CERTAIN
    said = document.scores("".join(characters), positions, certain, owner, codes)
    together += said
    ahead = confidence.lead(together, settle(together), starts)
    named = sentence.scores("".join(characters), positions, ahead, owner, codes, most)
    together += named
    settle(together)
    told = triples.scores("".join(characters), positions, starts, owner, codes, together)
    together += told
    chosen = settle(together)
    ahead, by_words = (confidence.lead(scores, chosen, starts) for scores in (together, words))
    unsettled = confidence.unsettled(ahead, by_words)
    again = sentence.again("".join(characters), positions, unsettled, ahead, owner, codes, (most + 1) // 2)
    together += sentence.together(named, again) - named
    chosen = settle(together)
    ahead, by_words = (confidence.lead(scores, chosen, starts) for scores in (together, words))
    fits = triples.fits("".join(characters), positions, confidence.unsettled(ahead, by_words))
    lengths = np.fromiter((len(o.word) for options in ranked.values() for o in options), np.int64, len(codes))
    open_ = np.fromiter((len(slots[position]) for position in ranked), np.int64, len(positions))
    evidence = confidence.Evidence(
        positions, starts, codes, words, around, wide, said, told, named, lengths, open_, fits, again
    )
    return characters, evidence, ranked


def near_changes(before: str, after: list[str], positions: np.ndarray) -> np.ndarray:
    """Whether another place within `NEAR` characters reads otherwise after than before: bool [p]."""
    changed = np.array([after[at] != before[at] for at in positions.tolist()])
    where = positions[changed]
    count = np.searchsorted(where, positions + NEAR, "right") - np.searchsorted(where, positions - NEAR)
    return count - changed > 0


def softmax(scores: np.ndarray, starts: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """The share of each row among the rows of its place."""
    grown = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
    return grown / np.add.reduceat(grown, starts)[owner]


def choose(slots: decide.Slots, most: int = WINDOWS) -> tuple[list[str], list[Place]]:
    """The best reading of `slots`, and every ambiguous place with its probabilities."""
    characters, evidence, ranked = weigh(slots, most)
    if evidence is None:
        return characters, []
    starts, codes = evidence.starts, evidence.codes
    total = confidence.total(evidence)
    rows = confidence.best_rows(total, starts)
    # The choice gets what experience says it deserves; its rivals share the rest.
    right = confidence.probability(evidence)
    share = softmax(total, starts, confidence.owners(starts, len(codes)))
    ends = np.append(starts[1:], len(codes))
    places = []
    for position, start, end, row, sure in zip(
        evidence.positions.tolist(), starts.tolist(), ends.tolist(), rows.tolist(), right.tolist()
    ):
        characters[position] = best = chr(codes[row])
        if sure > SURE or end - start == 1:  # most places: no need to sort
            places.append(Place(position, best, ((best, sure),), "前后文"))
            continue
        options = ranked[position]
        part = share[start:end].tolist()
        part[row - start] = 0.0
        rest = (1 - sure) / max(sum(part), 1e-300)
        order = sorted(range(end - start), key=lambda k: -part[k])
        shown = [(options[k].character, round(part[k] * rest, 4)) for k in order if k != row - start]
        word = options[row - start].word
        reason = f"“{word}”一词" if len(word) > 1 else "前后文"
        places.append(Place(position, best, ((best, round(sure, 4)), *shown), reason))
    return characters, places


def restore_text(text: str, entries: Entries | None = None, progress: bool = False) -> Result:
    """Find out what happened to `text` and undo it; undamaged text comes back unchanged."""
    codepage = find_codepage(text)
    if codepage is not None:
        dropped = find_dropped(text, codepage)
        if dropped and is_damaged(text, codepage, dropped):
            entries = read_reviewed() if entries is None else entries
            mixed = has_clean_chinese(text)
            restored, places = restore_as(text, codepage, dropped, entries, mixed, progress)
            if not mixed and damage(restored, codepage, dropped) != text:
                raise ValueError(
                    "重新损坏复原的文字得不到原文件，不敢输出；改法：看看文件是否混有别的语言或两种损坏，把它们分开再试"
                )
            lost = " ".join(f"0x{value:02X}" for value in sorted(dropped))
            return Result(restored, places, f"UTF-8 被当作 {codepage}，丢了 {lost}", codepage, dropped)
    kinds = []
    for _ in range(DEEPEST):
        fixed, kind = fix_once(text)
        if not kind:
            break
        kinds.append(kind)
        text = fixed
    return Result(text, [], "，再".join(kinds), None, frozenset())


def restore(text: str, entries: Entries | None = None) -> str:
    """The restored text alone."""
    return restore_text(text, entries).text

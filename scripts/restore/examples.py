"""Undamaged text as examples: what the damage would make ambiguous, its rivals, its surroundings.

`train` and `train_window` learn from them. Files are UTF-8 text; traditional
characters are skipped line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from scripts.restore import context, decide
from scripts.restore.codec import NOTES_DROPPED, candidates, damage

BLOCK = 20_000  # characters looked at together
MOST = 6_000_000  # characters of one file; the rest of a longer one would drown the others
TRADITIONAL = re.compile("[們個這說對時為來會發與國過學還後經進樣開關點無現問動於當]")


class Examples(NamedTuple):
    """The examples of one block: p places, k candidate rows, n reduced signs."""

    starts: np.ndarray  # int32 [p], first row of each place
    gold: np.ndarray  # int32 [p], the row that is right
    codes: np.ndarray  # int32 [k]
    words: np.ndarray  # float32 [k], score by the word lattice
    columns: np.ndarray  # int32 [p, 12], see `context`
    signs: np.ndarray  # int32 [n], the reduced text
    at: np.ndarray  # int32 [p], where each place stands in it


def slots_of(text: str) -> decide.Slots:
    """What the damage would leave of each character of `text`: its candidates."""
    known: dict[str, tuple[str, ...]] = {}
    for character in set(text):
        known[character] = candidates(damage(character), "cp1254", NOTES_DROPPED)
    return [known[character] or (character,) for character in text]


def examples(text: str) -> Examples | None:
    """The examples of a block; None if it has none."""
    slots = slots_of(text)
    ranked = decide.by_words(slots)
    for position, options in list(ranked.items()):
        gold = text[position]
        sure = len(options) < 2 or options[0].score - options[1].score >= decide.SURE
        if not decide.lattice.is_run_character(slots[position]) or sure and options[0].character == gold:
            del ranked[position]
        elif gold not in [o.character for o in options]:
            ranked[position] = (*options, decide.Option(gold, -decide.FAR, ""))
    if not ranked:
        return None
    positions, starts, codes, words = decide.flatten(ranked)
    ends = np.append(starts[1:], len(codes))
    gold = [s + int(np.flatnonzero(codes[s:e] == ord(text[p]))[0]) for p, s, e in zip(positions, starts, ends)]
    signs, index = context.reduce_text(np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64))
    return Examples(
        starts.astype(np.int32), np.array(gold, np.int32), codes.astype(np.int32), words.astype(np.float32),
        context.columns(text, positions).astype(np.int32), signs.astype(np.int32), index[positions].astype(np.int32),
    )


def joined(lines: Iterable[str], size: int) -> Iterator[str]:
    """The lines put together into texts of a little over `size` characters; the last may be shorter."""
    current, length = [], 0
    for line in lines:
        current.append(line)
        length += len(line) + 1
        if length > size:
            yield "\n".join(current) + "\n"
            current, length = [], 0
    if current:
        yield "\n".join(current) + "\n"


def read_blocks(paths: Iterable[Path], most: int = MOST, seed: int = 0) -> list[str]:
    """The files' lines, without repeats and traditional characters, as blocks in random order;
    of each file at most about `most` characters."""
    generator = np.random.default_rng(seed)
    seen: set[str] = set()
    blocks = []

    def fresh(path: Path) -> Iterator[str]:
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line not in seen and not TRADITIONAL.search(line):
                seen.add(line)
                yield line

    for path in paths:
        here = list(joined(fresh(path), BLOCK))
        order = generator.permutation(len(here))
        blocks += [here[which] for which in order[:most // BLOCK]]
    return [blocks[which] for which in generator.permutation(len(blocks))]

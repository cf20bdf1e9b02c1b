"""One document, one reading: what the text says for certain speaks where it is unsure.

After the first pass most hanzi of a text are certain: those that lost nothing and
those chosen with a high probability. Pairs and triples of them are counted. At a
place still open, each candidate is worth more the more often it stands elsewhere
between the same neighbours (a cache language model of this one text).
"""

from __future__ import annotations

import numpy as np

from scripts.restore import context, lattice

CERTAIN = 0.8  # a choice at least this probable counts as said
SMOOTHING = 0.1  # added to every count before its logarithm
# Which neighbours a candidate (offset 0) is counted with, and what a count weighs.
# Fitted on texts of other domains; see data/README.md.
TEMPLATES = (((0,), 0.37), ((-1, 0), 0.44), ((0, 1), 0.58), ((0, 1, 2), 0.29))
MARGIN = 2  # signs a template may reach
MULTIPLIER = np.uint64(0xFF51AFD7ED558CCD)


def keys(columns: list[np.ndarray]) -> np.ndarray:
    """One 64-bit hash per row of the columns."""
    value = np.full(columns[0].shape, 0x1234567, np.uint64)
    for column in columns:
        value = (value ^ column.astype(np.uint64)) * MULTIPLIER
        value ^= value >> np.uint64(31)
    return value


def counts(said: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """How often each of `asked` occurs in `said`."""
    ordered = np.sort(said)
    return np.searchsorted(ordered, asked, "right") - np.searchsorted(ordered, asked, "left")


def usual(codes: np.ndarray) -> np.ndarray:
    """The share of each character in general Chinese text, as far as single-character words tell."""
    different, which = np.unique(codes, return_inverse=True)
    return np.array([np.exp(lattice.single_score(chr(code))) for code in different.tolist()])[which]


def scores(
    text: str, positions: np.ndarray, certain: np.ndarray, rows: np.ndarray, codes: np.ndarray
) -> np.ndarray:
    """What the rest of `text` says for each candidate: float64 [k].

    `positions` [p]: the ambiguous places, `certain` [p]: whether their reading counts
    as evidence. `rows` [k]: the place (index into `positions`) of each candidate,
    `codes` [k]: its code point. A place is never evidence for itself.
    """
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64)
    signs, index = context.reduce_text(points)
    heard = (signs >= 0x4E00) & (signs <= 0x9FFF)
    heard[index[positions[~certain]]] = False
    signs = np.pad(signs, MARGIN, constant_values=context.EDGE)
    heard = np.pad(heard, MARGIN, constant_values=False)
    everywhere = np.arange(MARGIN, len(signs) - MARGIN)
    here = index[positions[rows]] + MARGIN
    total = np.zeros(len(codes))
    for offsets, weight in TEMPLATES:
        said = everywhere[np.all([heard[everywhere + offset] for offset in offsets], axis=0)]
        found = counts(
            keys([signs[said + offset] for offset in offsets]),
            keys([codes if offset == 0 else signs[here + offset] for offset in offsets]),
        )
        own = (signs[here] == codes) & np.all([heard[here + offset] for offset in offsets], axis=0)
        told = np.log1p((found - own) / SMOOTHING)
        if offsets == (0,):  # a character that is frequent anywhere proves nothing by being frequent here
            told = np.maximum(told - np.log1p(len(said) * usual(codes) / SMOOTHING), 0)
        total += weight * told
    total[(codes < 0x4E00) | (codes > 0x9FFF)] = 0.0
    return total

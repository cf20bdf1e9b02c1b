"""Let two doubtful neighbours change together when they belong to one word.

Place by place, each looks right beside the other's wrong reading: 又来 stays though
初步 is meant. Here both are changed at once, to the best word that covers them, and
kept if the two readings then support each other more than before.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scripts.restore.decide import Option

REACH = 2  # characters between two places of one pair, at most
DOUBT = 6.0  # nats; a pair in which both lead by more is left alone
MARGIN = 0.3  # nats that the new reading must be better

Scorer = Callable[[str, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def proposals(
    ranked: list[tuple[Option, ...]], positions: list[int], starts: list[int], chosen: list[int], ahead: list[float]
) -> list[tuple[int, int, int]]:
    """(place, row for it, row for the next place) of each pair that another word could cover, none overlapping.

    `chosen`: the row chosen at each place; `ahead`: how far it leads, nats.
    """
    found = []
    free = 0
    for place in range(len(positions) - 1):
        if place < free or positions[place + 1] - positions[place] > REACH or min(ahead[place:place + 2]) > DOUBT:
            continue
        first, second = starts[place], starts[place + 1]
        here, there = ranked[place], ranked[place + 1]
        best = None
        for left, option in enumerate(here):
            if len(option.word) < 2 or first + left == chosen[place]:
                continue
            for right, other in enumerate(there):
                if other.word == option.word and second + right != chosen[place + 1]:
                    value = min(option.score, other.score)
                    if best is None or value > best[0]:
                        best = value, first + left, second + right
        if best is not None:
            found.append((place, best[1], best[2]))
            free = place + 2
    return found


def log_shares(scores: np.ndarray, starts: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Logarithm of each row's share of its place."""
    top = np.maximum.reduceat(scores, starts)[owner]
    return scores - top - np.log(np.add.reduceat(np.exp(scores - top), starts))[owner]


def better(
    characters: list[str], found: list[tuple[int, int, int]], positions: np.ndarray, starts: np.ndarray,
    codes: np.ndarray, chosen: np.ndarray, before: np.ndarray, scorer: Scorer,
) -> list[tuple[int, int, int]]:
    """Those of the proposals that make their two places likelier.

    `before` [k]: the log shares as things stand. `scorer(text, positions, rows, owner)`
    gives the scores of some rows in another text.
    """
    changed = list(characters)
    for place, left, right in found:
        changed[positions[place]] = chr(codes[left])
        changed[positions[place + 1]] = chr(codes[right])
    places = np.array([at for place, _, _ in found for at in (place, place + 1)])
    ends = np.append(starts[1:], len(codes))
    sizes = ends[places] - starts[places]
    owner = np.repeat(np.arange(len(places)), sizes)
    own_starts = np.cumsum(sizes) - sizes
    rows = np.arange(len(owner)) - own_starts[owner] + starts[places][owner]
    after = log_shares(scorer("".join(changed), positions[places], rows, owner), own_starts, owner)
    kept = []
    for number, (place, left, right) in enumerate(found):
        new = (after[own_starts[2 * number] + left - starts[place]]
               + after[own_starts[2 * number + 1] + right - starts[place + 1]])
        if new > before[chosen[place]] + before[chosen[place + 1]] + MARGIN:
            kept.append((place, left, right))
    return kept

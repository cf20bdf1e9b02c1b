"""How likely the choice at an ambiguous place is right, judged by how it came about.

The share that the scores give a choice is too sure of itself: rare words, unsure
neighbours and scores that disagree make mistakes likelier. A small forest of
decision trees, learned on texts that the models never saw (`calibrate`), turns
such signs into a probability.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from scripts.restore import lattice, sentence

FOREST = Path(__file__).with_name("data") / "confidence.npz"
FARTHEST = 16.0  # nats; a larger lead says nothing more
NEAR = 5.0  # nats behind the best that make a candidate plausible
AHEAD = 9.0  # nats; a choice that is ahead by less is looked at
CLEAR, BY_WORDS = 16.0, 4.0  # nats; one ahead by less than the first, too, if by words alone by less than the second
PLAIN = 0.9996  # all other choices are right this often
FEATURES = 42  # what is known about each choice
TOGETHER = 16  # trees in one go: more leave the processor's cache
BESIDE = 2  # places at most this many characters away are neighbours


class Evidence(NamedTuple):
    """The scores of all candidates of a text; one row per candidate, [k], unless said otherwise."""

    positions: np.ndarray  # [p] of the ambiguous places
    starts: np.ndarray  # [p] first row of each place
    codes: np.ndarray
    words: np.ndarray  # score by words
    around: np.ndarray  # score by context
    wide: np.ndarray  # [networks, k] score by each network of window
    said: np.ndarray  # score by the rest of the document
    told: np.ndarray  # score by word triples, where the other scores leave a doubt
    named: np.ndarray  # score by the sentence, where all but the triples leave a doubt
    lengths: np.ndarray  # characters of the candidate's word
    open: np.ndarray  # [p] candidates before any was ruled out
    fits: np.ndarray  # [p, 4] how well the chosen character fits in, as `triples.fits` tells it
    again: np.ndarray  # what the sentence says of unsettled choices when it is asked again, see `sentence.again`


def total(evidence: Evidence) -> np.ndarray:
    """What all scores say together, [k]."""
    read = sentence.together(evidence.named, evidence.again)
    return evidence.words + evidence.around + evidence.wide.mean(0) + evidence.said + evidence.told + read


def owners(starts: np.ndarray, count: int) -> np.ndarray:
    """The place that each of `count` rows belongs to."""
    return np.repeat(np.arange(len(starts)), np.diff(np.append(starts, count)))


def best_rows(scores: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The row with the highest score of each place, the first one if several have it."""
    highest = np.maximum.reduceat(scores, starts)[owners(starts, len(scores))]
    rows = np.flatnonzero(scores >= highest)
    return rows[np.searchsorted(rows, starts)]


def lead(scores: np.ndarray, rows: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """How far `rows` are ahead of the best other row of their place, negative if behind."""
    others = scores.astype(np.float64)
    others[rows] = -np.inf
    return np.clip(scores[rows] - np.maximum.reduceat(others, starts), -FARTHEST, FARTHEST)


def unsettled(ahead: np.ndarray, by_words: np.ndarray) -> np.ndarray:
    """Whether a choice is worth a closer look, bool [p], from its lead by all scores together and by words alone, in nats."""
    return (ahead < AHEAD) | (ahead < CLEAR) & (by_words < BY_WORDS)


def features(evidence: Evidence) -> np.ndarray:
    """What is known about each choice: float64 [p, FEATURES]."""
    positions, starts, codes, words, around, networks, said, told, named, lengths, open_, fits, again = evidence
    wide = networks.mean(0)
    owner = owners(starts, len(codes))
    first = words + around + wide
    together = total(evidence)
    chosen = best_rows(together, starts)
    others = together.copy()
    others[chosen] = -np.inf
    rival = best_rows(others, starts)
    others[rival] = -np.inf
    third = np.clip(together[chosen] - np.maximum.reduceat(others, starts), 0, FARTHEST)
    ahead = lead(together, chosen, starts)
    plausible = np.add.reduceat((together >= together[chosen][owner] - NEAR).astype(np.float64), starts)
    gap = np.diff(positions)
    beside = np.full(len(positions), FARTHEST)
    beside[1:] = np.where(gap <= BESIDE, ahead[:-1], FARTHEST)
    beside[:-1] = np.minimum(beside[:-1], np.where(gap <= BESIDE, ahead[1:], FARTHEST))
    near = np.minimum(np.append(FARTHEST, gap), np.append(gap, FARTHEST))  # characters to the next open place
    before, after = np.append(FARTHEST, ahead[:-1]), np.append(ahead[1:], FARTHEST)
    grown = np.exp(together - together[chosen][owner])
    share = 1 / np.add.reduceat(grown, starts)
    # The lead if one network were the only one: [networks, p].
    single = np.array([lead(together - wide + one, chosen, starts) for one in networks])
    hanzi = (codes[chosen] >= 0x4E00) & (codes[chosen] <= 0x9FFF)
    return np.column_stack([
        ahead, lead(words, chosen, starts), lead(around, chosen, starts), lead(wide, chosen, starts),
        lead(said, chosen, starts),
        lead(first, chosen, starts), third, plausible, beside,
        [lattice.single_score(chr(code)) for code in codes[chosen].tolist()],
        [lattice.single_score(chr(code)) for code in codes[rival].tolist()],
        lengths[chosen], lengths[rival], hanzi, chosen == best_rows(first, starts), open_,
        chosen == best_rows(words, starts), chosen == best_rows(around, starts), chosen == best_rows(wide, starts),
        (words - words[chosen][owner])[rival], (around - around[chosen][owner])[rival],
        (wide - wide[chosen][owner])[rival], near, np.minimum(before, after), share,
        single.min(0), single.max(0) - single.min(0),
        lead(told, chosen, starts), (told - told[chosen][owner])[rival], lead(together - told, chosen, starts),
        fits,
        named[chosen], lead(named, chosen, starts), (named - named[chosen][owner])[rival],
        lead(together - named, chosen, starts),
        again[chosen], lead(again, chosen, starts), (again - again[chosen][owner])[rival],
        lead(together - again, chosen, starts),
    ])


@lru_cache(maxsize=1)
def forest() -> tuple[np.ndarray, ...]:
    """(feature, threshold, left, right, value), each [trees, nodes]; a leaf is its own child."""
    with np.load(FOREST) as file:
        return tuple(file[name] for name in ("feature", "threshold", "left", "right", "value"))


def judge(known: np.ndarray, arrays: tuple[np.ndarray, ...]) -> np.ndarray:
    """The probability that each choice is right, [p], from its features [p, f] and a forest."""
    feature, threshold, left, right, value = arrays
    trees, nodes = feature.shape
    roots = np.arange(trees)[:, None] * nodes  # all nodes in one row
    onward = np.stack([right + roots, left + roots], -1).ravel()
    feature, threshold, value = feature.ravel(), threshold.ravel(), value.ravel()
    cells, begins = known.ravel(), np.arange(len(known)) * known.shape[1]
    wrong = np.zeros(len(known))
    for low in range(0, trees, TOGETHER):
        node = np.repeat(roots[low:low + TOGETHER], len(known), 1)
        while True:
            below = cells[begins + feature[node]] <= threshold[node]
            after = onward[2 * node + below]
            if np.array_equal(after, node):
                break
            node = after
        wrong += value[node].sum(0)
    return 1 / (1 + np.exp(wrong))


def stated(known: np.ndarray, arrays: tuple[np.ndarray, ...]) -> np.ndarray:
    """The same, [p], the forest asked only where the choice is unsettled."""
    result = np.full(len(known), PLAIN)
    near = unsettled(known[:, 0], known[:, 1])
    result[near] = judge(known[near], arrays)
    return result


def probability(evidence: Evidence) -> np.ndarray:
    """The probability that each choice is right: float64 [p]."""
    return stated(features(evidence), forest())

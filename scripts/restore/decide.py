"""Put word scores and context scores together for every ambiguous place."""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from scripts.restore import context, lattice, window
from scripts.restore.characters import prior

KEPT = 10  # candidates per place that go on to the context model
WIDEST = 64  # candidates per place that the lattice looks at
FAR = 11.0  # a candidate this many nats behind the best has no chance
SIGN_FAR = 16.0  # the same for signs, of which fewer scores are known
SURE = 6.0  # nats; where the words lead by more they are right, and nothing else is asked

Slots = list[tuple[str, ...]]


class Option(NamedTuple):
    """One candidate of one place, its score by words (0 for the best), and its word."""

    character: str
    score: float
    word: str


def _cut(ranked: list[tuple[str, float, str]], far: float) -> tuple[Option, ...]:
    """Best first, scores relative to the best, those `far` behind it left out."""
    ranked.sort(key=itemgetter(1), reverse=True)
    best = ranked[0][1]
    return tuple([Option(c, score - best, word) for c, score, word in ranked[:KEPT] if score > best - far])


def completed(ranked: list[tuple[str, float, str]], slot: tuple[str, ...]) -> list[tuple[str, float, str]]:
    """`ranked` and the candidates of the slot that the lattice left out, where the words leave a doubt.

    They are judged by how frequent they are, next to the frequent ones that stand
    as words of one character: what the neighbours are worth is alike for both.
    """
    if len(ranked) == len(slot) or len(ranked) > 1 and ranked[0][1] - ranked[1][1] >= SURE:
        return ranked
    alone = [score - lattice.single_score(c) for c, score, word in ranked if word == c]
    if not alone:
        return ranked
    found = {c for c, _, _ in ranked}
    return ranked + [(c, min(alone) + lattice.single_score(c), c) for c in slot if c not in found]


OPENING = {"「": "」", "『": "』", "【": "】", "〝": "〞", "“": "”", "‘": "’", "｛": "｝"}
CLOSING = {closing: opening for opening, closing in OPENING.items()}
BRACKET_BONUS = 6.0
BRACKET_REACH = 60  # characters; a quotation is rarely longer
POINT, POINT_BONUS = "．", 20.0  # after the number that begins a line
ZERO = "０"  # beside another such digit
DASH = "－"  # between two Latin letters or digits, where nobody exclaims
COMMA = "、"  # in the middle of a sentence, between words
STOPS = "，。；：！？、）》”」】"  # nothing is listed or opened right before them
STARTS = "，；：（《“「【\n"  # nothing is listed or closed right behind them
ENDS = "。！？"  # the same, but a quotation may close behind them
MISPLACED = 20.0


@lru_cache(maxsize=4096)
def symbol_options(slot: tuple[str, ...]) -> tuple[Option, ...]:
    """The same for a slot that holds no hanzi."""
    return _cut([Option(character, prior(character), "") for character in slot], SIGN_FAR)


def pictures_beside(slots: Slots, at: int) -> bool:
    """Whether an emoji or its variation selector can stand right before or after."""
    beside = [slot[0] for slot in slots[max(0, at - 1):at] + slots[at + 1:at + 2]]
    return any(ord(sign) >= 0x1F000 or 0x2600 <= ord(sign) < 0x2800 or sign == "\ufe0f" for sign in beside)


def after_number(slots: Slots, at: int) -> bool:
    """Whether a number that begins a line, and nothing else, stands before."""
    start = at
    while start and len(slots[start - 1]) == 1 and slots[start - 1][0].isdigit():
        start -= 1
    return start < at and (start == 0 or slots[start - 1][0] == "\n")


def beside(slots: Slots, at: int, chosen: dict[int, tuple[Option, ...]]) -> tuple[str, str]:
    """The signs right before and after, a line end where the text ends, "" where it is still open."""
    before = "\n" if at == 0 else slots[at - 1][0] if len(slots[at - 1]) == 1 else ""
    if at - 1 in chosen:
        before = chosen[at - 1][0].character
    after = "\n" if at + 1 == len(slots) else slots[at + 1][0] if len(slots[at + 1]) == 1 else ""
    return before, after


def closes_soon(slots: Slots, at: int) -> bool:
    """Whether the next sign damaged alike, in this line, stands where only a closing bracket can stand."""
    for index in range(at + 1, min(len(slots) - 1, at + BRACKET_REACH)):
        if slots[index] == slots[at]:
            return slots[index + 1][0] in STOPS + "\n" and len(slots[index + 1]) == 1
        if slots[index][0] == "\n":
            break
    return False


def placed(options: tuple[Option, ...], before: str, after: str) -> tuple[Option, ...]:
    """The options with those far behind that cannot stand between these two signs."""
    ranked = []
    for option in options:
        sign = option.character
        wrong = (
            sign == COMMA and (before and before in STARTS + ENDS + COMMA or after and after in STOPS + "\n")
            or sign in OPENING and after and after in STOPS + "\n"
            or sign in CLOSING and before and before in STARTS
        )
        ranked.append(option._replace(score=option.score - MISPLACED * bool(wrong)))
    return tuple(ranked)


def waiting_and_coming(slots: Slots, at: int, chosen: dict[int, tuple[Option, ...]]) -> tuple[str, str]:
    """(the opening bracket that still waits before `at`, the bracket or line end that comes next), "" if none.

    Openings whose own bytes are ambiguous count as what was chosen for them.
    """
    waiting: list[str] = []
    for index in range(max(0, at - BRACKET_REACH), at):
        slot = slots[index]
        sign = slot[0] if len(slot) == 1 else chosen[index][0].character if index in chosen else ""
        if sign == "\n":
            waiting.clear()
        elif sign in OPENING:
            waiting.append(sign)
        elif sign in CLOSING and waiting and waiting[-1] == CLOSING[sign]:
            waiting.pop()
    coming = ""
    for index in range(at + 1, min(len(slots), at + BRACKET_REACH)):
        slot = slots[index]
        if len(slot) == 1 and (slot[0] in CLOSING or slot[0] in OPENING or slot[0] == "\n"):
            coming = slot[0]
            break
    return waiting[-1] if waiting else "", coming


def sign_options(slots: Slots, at: int, chosen: dict[int, tuple[Option, ...]]) -> tuple[Option, ...]:
    """Options of a sign: by what stands right beside it, and by the brackets around it."""
    options = symbol_options(slots[at])
    signs = {option.character for option in options}
    before, after = beside(slots, at, chosen)
    favoured = ""
    if POINT in signs and after_number(slots, at):
        favoured = POINT
    elif ZERO in signs and any("０" <= sign <= "９" for sign in (before, after)):
        favoured = ZERO
    elif DASH in signs and all(sign.isascii() and sign.isalnum() for sign in (before, after)):
        favoured = DASH
    if favoured:
        return _cut([o._replace(score=o.score + POINT_BONUS * (o.character == favoured)) for o in options], SIGN_FAR)
    if signs.isdisjoint(OPENING) and signs.isdisjoint(CLOSING):
        return options
    waiting, coming = waiting_and_coming(slots, at, chosen)
    alike = closes_soon(slots, at)
    if COMMA in signs:
        options = placed(options, before, after)
    ranked = []
    for option in options:  # a partner that is not in `signs` lost no bytes and would be seen
        sign = option.character
        bonus = 0.0
        if sign == "”":  # all its rivals are invisible or never written, but for the joiner of pictures
            bonus = -BRACKET_BONUS if pictures_beside(slots, at) else BRACKET_BONUS
        elif sign in CLOSING:
            partner = CLOSING[sign]
            bonus = BRACKET_BONUS if waiting == partner else -BRACKET_BONUS
            bonus -= BRACKET_BONUS * (waiting != partner and partner not in signs)
        elif sign in OPENING:
            partner = OPENING[sign]
            bonus = BRACKET_BONUS if coming == partner or alike and partner in signs else -BRACKET_BONUS
            bonus -= BRACKET_BONUS * (coming != partner and partner not in signs)
        ranked.append(option._replace(score=option.score + bonus))
    return _cut(ranked, SIGN_FAR)


def sign_before(slots: Slots, at: int) -> str:
    """The nearest sign before `at` that is no blank and no emphasis mark; "" if ambiguous or a letter."""
    for index in range(at - 1, max(-1, at - 6), -1):
        slot = slots[index]
        if len(slot) > 1:
            return symbol_options(slot)[0].character
        if ord(slot[0]) not in context.SKIPPED:
            return slot[0]
    return "\n"


def sign_after(slots: Slots, at: int) -> str:
    """The same, looking to the right from `at` on."""
    for index in range(at, min(len(slots), at + 5)):
        slot = slots[index]
        if len(slot) > 1:
            return "" if lattice.is_run_character(slot) else symbol_options(slot)[0].character
        if ord(slot[0]) not in context.SKIPPED:
            return slot[0]
    return "\n"


@lru_cache(maxsize=8192)
def thinned(slot: tuple[str, ...]) -> tuple[str, ...]:
    """The slot without candidates that no one writes, if it has more than the lattice can bear.

    With all of 0x80-0x9F lost, a character that kept only its lead has a thousand.
    """
    if len(slot) <= WIDEST:
        return slot
    kept = sorted(slot, key=lattice.single_score, reverse=True)[:WIDEST]
    return tuple(sorted(kept))


def by_words(slots: Slots) -> dict[int, tuple[Option, ...]]:
    """Position -> options, for every ambiguous slot, from the word lattice alone."""
    slots = [thinned(slot) for slot in slots]
    size = len(slots)
    asked: dict[tuple[tuple[tuple[str, ...], ...], str, str], int] = {}  # each stretch once, with what stands around it
    where: list[tuple[int, int]] = []  # where stretches start, and which they are
    signs = []
    start = 0
    while start < size:
        slot = slots[start]
        if not lattice.is_run_character(slot):
            if len(slot) > 1:
                signs.append(start)
            start += 1
            continue
        end = start + 1
        while end < size and lattice.is_run_character(slots[end]):
            end += 1
        run = tuple(slots[start:end])
        if any(len(slot) > 1 for slot in run):
            key = run, sign_before(slots, start), sign_after(slots, end)
            where.append((start, asked.setdefault(key, len(asked))))
        start = end
    options = run_options(list(asked))
    result = {start + offset: here for start, which in where for offset, here in enumerate(options[which]) if here}
    for at in signs:
        result[at] = sign_options(slots, at, result)
    return {at: result[at] for at in sorted(result)}


def run_options(asked: list[tuple[tuple[tuple[str, ...], ...], str, str]]) -> list[list[tuple[Option, ...]]]:
    """Options per slot of each (stretch of hanzi, sign before, sign after); none where nothing is open."""
    if not asked:
        return []
    told = iter(lattice.marginals(*map(list, zip(*asked))))
    return [
        [_cut(completed(ranked, slot), FAR) if ranked else () for slot, ranked in zip(run, told)] for run, _, _ in asked
    ]


def flatten(
    ranked: dict[int, tuple[Option, ...]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(positions [p], first row of each [p], code points [k], word scores [k]) of all candidates."""
    positions = np.fromiter(ranked, np.int64, len(ranked))
    sizes = np.fromiter((len(r) for r in ranked.values()), np.int64, len(ranked))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    count = int(sizes.sum())
    codes = np.fromiter((ord(o.character) for r in ranked.values() for o in r), np.int64, count)
    words = np.fromiter((o.score for r in ranked.values() for o in r), np.float64, count)
    return positions, starts, codes, words


def doubtful(words: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Whether the words leave a doubt at each place: bool [p], from the scores [k] of `flatten`."""
    sizes = np.diff(np.append(starts, len(words)))
    second = words[np.where(sizes > 1, starts + 1, starts)]
    return (sizes > 1) & (words[starts] - second < SURE)


def context_scores(
    text: str, positions: np.ndarray, owner: np.ndarray, codes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Scores of every candidate row by `context` [k] and by each network of `window` [networks, k].

    `text` is the current reading, `positions` [p] the places asked about, `owner` [k] the place of each row.
    """
    near = context.scores(context.columns(text, positions)[owner], codes)
    wide = window.scores(text, positions, owner, codes)
    # Signs are judged by their own rules; what stands around a sign says little about it.
    sign = (codes < 0x4E00) | (codes > 0x9FFF)
    near[sign] = wide[:, sign] = 0.0
    return near, wide

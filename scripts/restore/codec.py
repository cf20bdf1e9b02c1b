"""The damage as a function, and its inverse as lists of candidates.

A UTF-8 text is read byte by byte through a Western code page; some byte values
vanish on the way (the code page does not define them, or an editor removed
them: 0xAD is a soft hyphen). `damage` is that function. It cannot be inverted,
but every lead byte survives, so each character is one of a short list:
`candidates`. Nothing here chooses; that is `lattice`.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

CODEPAGES = ("cp1254", "cp1252", "latin-1")

# What the notes lost: the seven values that Windows-1254 leaves undefined, and
# the soft hyphen.
NOTES_DROPPED = frozenset({0x81, 0x8D, 0x8E, 0x8F, 0x90, 0x9D, 0x9E, 0xAD})

CONTINUATION = frozenset(range(0x80, 0xC0))


@lru_cache(maxsize=None)
def byte_table(codepage: str) -> tuple[str, ...]:
    """The 256 characters that `codepage` shows for the byte values 0..255.

    A value that the code page leaves undefined becomes the control character of
    the same number: that is what browsers and Windows do with it.
    """
    if codepage not in CODEPAGES:
        raise ValueError(f"unknown code page {codepage!r}; known: {', '.join(CODEPAGES)}")
    return tuple(
        bytes([value]).decode(codepage, "ignore") or chr(value) for value in range(256)
    )


@lru_cache(maxsize=None)
def char_table(codepage: str) -> dict[str, int]:
    """Character -> byte value, the inverse of `byte_table`."""
    return {character: value for value, character in enumerate(byte_table(codepage))}


@lru_cache(maxsize=None)
def undefined_bytes(codepage: str) -> frozenset[int]:
    """Values from 0x80 up that the code page does not define (for latin-1: the C1 controls)."""
    return frozenset(
        value for value in range(0x80, 0x100)
        if unicodedata.category(byte_table(codepage)[value]) == "Cc"
    )


def check_dropped(dropped: Iterable[int]) -> frozenset[int]:
    """`dropped` as a frozen set; ValueError if a value is not a continuation byte.

    A dropped lead byte would take the whole character with it: what is left could
    not be told from another character, and no list of candidates would be complete.
    """
    values = frozenset(dropped)
    if not values <= CONTINUATION:
        wrong = ", ".join(f"0x{v:02X}" for v in sorted(values - CONTINUATION))
        raise ValueError(f"only continuation bytes 0x80-0xBF can be dropped, not {wrong}")
    return values


def damage(
    text: str, codepage: str = "cp1254", dropped: Iterable[int] = NOTES_DROPPED
) -> str:
    """`text` as it looks after the accident. Raises UnicodeEncodeError on lone surrogates."""
    table = list(byte_table(codepage))
    for value in check_dropped(dropped):
        table[value] = ""
    # Byte values as characters, so that one C-level `translate` does the work.
    return text.encode("utf-8").decode("latin-1").translate(table)


def continuation_count(lead: int) -> int | None:
    """How many continuation bytes must follow `lead`; None if it cannot start a character."""
    if lead < 0x80:
        return 0
    if 0xC2 <= lead <= 0xDF:
        return 1
    if 0xE0 <= lead <= 0xEF:
        return 2
    if 0xF0 <= lead <= 0xF4:
        return 3
    return None


@lru_cache(maxsize=None)
def unit_pattern(codepage: str) -> re.Pattern[str]:
    """Matches one damaged character: a lead byte and the continuation bytes that survived.

    Greedy and exact at once: what follows a character is never a continuation
    byte, so all that stand after a lead belong to it.
    """
    table = byte_table(codepage)

    def one_of(low: int, high: int) -> str:
        return "[" + "".join(re.escape(table[v]) for v in range(low, high + 1)) + "]"

    tail = one_of(0x80, 0xBF)
    return re.compile(
        f"{one_of(0xC2, 0xDF)}{tail}?|{one_of(0xE0, 0xEF)}{tail}{{0,2}}|{one_of(0xF0, 0xF4)}{tail}{{0,3}}"
    )


@lru_cache(maxsize=None)
def piece_pattern(codepage: str) -> re.Pattern[str]:
    """Matches one damaged character, or any one character where none begins."""
    return re.compile(f"{unit_pattern(codepage).pattern}|.", re.DOTALL)


@lru_cache(maxsize=None)
def candidates(raw: str, codepage: str, dropped: frozenset[int]) -> tuple[str, ...]:
    """Every character that `damage` turns into `raw`, in code point order; () if there is none."""
    values = [char_table(codepage).get(character) for character in raw]
    if not values or None in values:
        return ()
    lead, tail = values[0], values[1:]
    need = continuation_count(lead)
    if need is None or len(tail) > need:
        return ()
    if any(value in dropped for value in values):
        return ()  # it would not have survived, so this is not our damage
    found = set()
    for kept in itertools.combinations(range(need), len(tail)):
        lost = [position for position in range(need) if position not in kept]
        for fill in itertools.product(sorted(dropped), repeat=len(lost)):
            sequence = [0] * need
            for position, value in zip(kept, tail):
                sequence[position] = value
            for position, value in zip(lost, fill):
                sequence[position] = value
            try:
                found.add(bytes([lead, *sequence]).decode("utf-8"))
            except UnicodeDecodeError:
                continue  # overlong form, surrogate, or above U+10FFFF
    return tuple(sorted(found))


def units(
    text: str, codepage: str, dropped: frozenset[int], mixed: bool = False
) -> list[tuple[str, tuple[str, ...]]]:
    """`text` cut into (raw, candidates), in order; joining the raws gives `text` back.

    A stretch that is not damaged has itself as its only candidate. With `mixed`,
    clean text may stand between damaged parts: a lead byte that lost its whole
    tail is then taken for damage only where it touches another damaged character,
    since é or Ö by itself is most likely just a letter.
    """
    if mixed:
        return mixed_units(text, codepage, dropped)
    pieces = piece_pattern(codepage).findall(text)
    known: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for raw in set(pieces):
        options = candidates(raw, codepage, dropped) if raw > "\x7f" else ()
        known[raw] = [(raw, options)] if options else [(character, (character,)) for character in raw]
    return [unit for raw in pieces for unit in known[raw]]


def mixed_units(text: str, codepage: str, dropped: frozenset[int]) -> list[tuple[str, tuple[str, ...]]]:
    """`units` of a text in which clean parts stand between damaged ones."""
    result: list[tuple[str, tuple[str, ...]]] = []
    done = 0
    matches = list(unit_pattern(codepage).finditer(text))
    for number, match in enumerate(matches):
        start, end = match.span()
        if start > done:
            result.extend((character, (character,)) for character in text[done:start])
        done = end
        raw = match.group()
        if len(raw) == 1:
            left = number > 0 and matches[number - 1].end() == start
            right = number + 1 < len(matches) and matches[number + 1].start() == end
            if not left and not right:
                result.append((raw, (raw,)))
                continue
        options = candidates(raw, codepage, dropped)
        if options:
            result.append((raw, options))
        else:
            result.extend((character, (character,)) for character in raw)
    result.extend((character, (character,)) for character in text[done:])
    return result

"""Find out which damage a text has: the code page, and the byte values that were lost."""

from __future__ import annotations

from scripts.restore.characters import is_hanzi
from scripts.restore.codec import (
    CODEPAGES,
    CONTINUATION,
    candidates,
    char_table,
    continuation_count,
    undefined_bytes,
    unit_pattern,
)


def explained(text: str, codepage: str) -> int:
    """How many non-ASCII characters of `text` belong to units of a damaged UTF-8 text."""
    return sum(len(match.group()) for match in unit_pattern(codepage).finditer(text))


def find_codepage(text: str) -> str | None:
    """The code page that explains the most of `text`; None if nothing looks damaged.

    cp1254 and cp1252 differ in six letters and two undefined values only, so a
    text without them is explained equally well by both; the first listed wins, and
    the restored text is the same. A text that shows none of the signs which the two
    have at 0x80-0x9F (€ ‚ ƒ …) went through latin-1, where these are control
    characters, kept or lost.
    """
    counts = {codepage: explained(text, codepage) for codepage in CODEPAGES}
    best = max(CODEPAGES, key=counts.__getitem__)
    if not counts[best]:
        return None
    shows_signs = any(
        character > "\u00ff" for match in unit_pattern(best).finditer(text) for character in match.group()[1:]
    )
    if not shows_signs and counts["latin-1"] == counts[best]:
        return "latin-1"
    return best


def is_damaged(text: str, codepage: str, dropped: frozenset[int]) -> bool:
    """Whether `text` really holds UTF-8 read through `codepage`.

    Asked for are characters of three bytes of which two or three survived and
    that can only be hanzi, Chinese signs or the like. One such is enough if it is
    whole; broken ones, which a clean text might hold by chance, must be three.
    """
    whole = broken = 0
    for match in unit_pattern(codepage).finditer(text):
        raw = match.group()
        if len(raw) < 2 or char_table(codepage)[raw[0]] < 0xE2:
            continue
        options = candidates(raw, codepage, dropped)
        if any(option >= "\u2010" for option in options):
            if len(options) == 1:
                whole += 1
            else:
                broken += 1
            if whole or broken >= 3:
                return True
    return False


def has_clean_chinese(text: str) -> bool:
    """Whether undamaged hanzi stand in `text`; no Western code page has them."""
    return any(map(is_hanzi, text))


def find_dropped(text: str, codepage: str) -> frozenset[int]:
    """The continuation bytes that `text` lost. Empty if every character is complete.

    Suspected are the values that the code page does not define and the soft hyphen,
    as long as they occur nowhere in the text: what survived once was not dropped.
    """
    table = char_table(codepage)
    seen: set[int] = set()
    incomplete = False
    for match in unit_pattern(codepage).finditer(text):
        values = [table[character] for character in match.group()]
        seen.update(values[1:])
        incomplete = incomplete or len(values) - 1 < (continuation_count(values[0]) or 0)
    if not incomplete:
        return frozenset()
    suspects = (undefined_bytes(codepage) | {0xAD}) & CONTINUATION
    return frozenset(suspects - seen)

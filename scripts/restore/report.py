"""Say where a restored text is unsure: line, column, context, candidates, reason."""

from __future__ import annotations

import bisect
from typing import Any

from scripts.restore.restoration import Result, flagged

AROUND = 8  # characters of context on each side


def line_starts(text: str) -> list[int]:
    """Offsets at which the lines of `text` begin."""
    starts = [0]
    at = text.find("\n")
    while at != -1:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return starts


def position(starts: list[int], offset: int) -> tuple[int, int]:
    """(line, column) of `offset`, both from 1."""
    line = bisect.bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1


def context(text: str, offset: int, around: int = AROUND) -> tuple[str, str]:
    """What stands before and after the character at `offset`."""
    return text[max(0, offset - around):offset], text[offset + 1:offset + 1 + around]


def build_report(result: Result, name: str) -> dict[str, Any]:
    """The content of `--report`: the damage, counts, and every unsure place."""
    starts = line_starts(result.text)
    listed = []
    for place in flagged(result.places):
        line, column = position(starts, place.offset)
        before, after = context(result.text, place.offset)
        listed.append({
            "line": line,
            "column": column,
            "before": before,
            "chosen": place.chosen,
            "after": after,
            "candidates": [{"character": c, "probability": p} for c, p in place.options],
            "reason": place.reason,
        })
    reviewed = sum(place.reason.startswith("人工复核") for place in result.places)
    return {
        "file": name,
        "damage": result.kind or "未发现损坏",
        "codepage": result.codepage,
        "dropped": [f"0x{value:02X}" for value in sorted(result.dropped)],
        "ambiguous": len(result.places),
        "reviewed": reviewed,
        "unsure": len(listed),
        "places": listed,
    }

"""From a damaged text to the restored one: detect, list candidates, pin, choose."""

from __future__ import annotations

from scripts.restore import lattice
from scripts.restore.codec import damage, units
from scripts.restore.detect import find_codepage, find_dropped
from scripts.restore.reviewed import pinned, read_reviewed


def restore(text: str, entries: list[tuple[int, str, str, str, str]] | None = None) -> str:
    """The restored text. `entries`: reviewed choices, by default those of the project."""
    codepage = find_codepage(text)
    if codepage is None:
        return text
    dropped = find_dropped(text, codepage)
    entries = read_reviewed() if entries is None else entries
    decided = pinned(text, codepage, dropped, entries)
    slots = []
    offset = 0
    for raw, options in units(text, codepage, dropped):
        if offset in decided:
            options = (decided[offset][0],)
        slots.append(options)
        offset += len(raw)
    restored = "".join(lattice.choose(slots))
    if damage(restored, codepage, dropped) != text:
        raise ValueError("重新损坏复原的文字得不到原文件；改法：检查该文件是否混有未损坏的文字")
    return restored

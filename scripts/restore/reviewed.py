"""The choices a person made, each with the words around it.

`reviewed.tsv` has four columns: what stands before, the chosen characters, what
stands after, and why. `⏎` stands for a line end, `<U+FE0F>` for a character that
cannot be seen. An entry holds wherever the damaged form of its three parts occurs, so it survives edits and line shifts
elsewhere, and one entry decides every occurrence of the same words.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from scripts.restore.codec import damage

REVIEWED = Path(__file__).with_name("reviewed.tsv")
LINE_END = "⏎"
HEADER = "上文\t选定\t下文\t依据"


def to_cell(text: str) -> str:
    """`text` as one cell: no tab, no line end, nothing invisible."""
    shown = []
    for character in text:
        if character == "\n":
            shown.append(LINE_END)
        elif character == " " or unicodedata.category(character)[0] not in "CMZ":
            shown.append(character)
        else:
            shown.append(f"<U+{ord(character):04X}>")
    return "".join(shown)


def from_cell(cell: str) -> str:
    """The inverse of `to_cell`."""
    cell = cell.replace(LINE_END, "\n")
    return re.sub(r"<U\+([0-9A-F]{4,6})>", lambda match: chr(int(match[1], 16)), cell)


def read_reviewed(path: Path = REVIEWED) -> list[tuple[int, str, str, str, str]]:
    """Entries (line number, before, chosen, after, reason) of the reviewed file.

    Raises ValueError, message in Chinese with path and line, on a malformed row.
    """
    entries = []
    # Not splitlines(): it would also cut at U+2028 and the like inside a cell.
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line or line.startswith("#") or line == HEADER:
            continue
        cells = [from_cell(cell) for cell in line.split("\t")]
        if len(cells) != 4 or not cells[1] or not (cells[0] or cells[2]):
            raise ValueError(
                f"{path}:{number}: [REVIEWED] 这一行应有四列（{HEADER.replace(chr(9), '、')}），"
                "选定一列不能空，上文与下文不能都空；改法：补齐各列，用制表符隔开，换行写作 ⏎"
            )
        entries.append((number, *cells))
    return entries


def write_entry(before: str, chosen: str, after: str, reason: str, path: Path = REVIEWED) -> None:
    """Append one choice to the reviewed file, creating it with its header if needed."""
    if not path.exists():
        path.write_text(HEADER + "\n", encoding="utf-8")
    row = "\t".join(to_cell(cell) for cell in (before, chosen, after, reason))
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(row + "\n")


def pinned(
    text: str,
    codepage: str,
    dropped: frozenset[int],
    entries: list[tuple[int, str, str, str, str]],
    path: Path = REVIEWED,
) -> dict[int, tuple[str, str]]:
    """Offset in the damaged `text` -> (chosen character, reason), for every entry that applies.

    Raises ValueError, in Chinese, when two entries decide one place differently.
    """
    decided: dict[int, tuple[str, str]] = {}
    source: dict[int, int] = {}
    for number, before, chosen, after, reason in entries:
        prefix = damage(before, codepage, dropped)
        pieces = [(character, damage(character, codepage, dropped)) for character in chosen]
        needle = prefix + "".join(piece for _, piece in pieces) + damage(after, codepage, dropped)
        start = text.find(needle)
        while start != -1:
            offset = start + len(prefix)
            for character, piece in pieces:
                if offset in decided and decided[offset][0] != character:
                    raise ValueError(
                        f"{path}:{number}: [REVIEWED] 与第 {source[offset]} 行对同一处给出不同的字："
                        f"“{decided[offset][0]}”与“{character}”；改法：加长上文或下文，或删去其中一行"
                    )
                decided[offset] = (character, reason)
                source[offset] = number
                offset += len(piece)
            start = text.find(needle, start + 1)
    return decided

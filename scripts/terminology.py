"""Reads docs/terminology.md, the one place where terms stand: table rows `| 中文 | English | 说明 |`."""
import re

from scripts.environment import ROOT

PAGE = ROOT / "docs" / "terminology.md"


def rows():
    """List of (Chinese terms, English terms, explanation); synonyms in a cell are divided by 、 or ,."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and cells[0] != "中文" and not set(cells[0]) <= set("-: "):
            found.append((re.split(r"\s*、\s*", cells[0]), re.split(r"\s*,\s*", cells[1]), cells[2]))
    return found


def chinese():
    """Every Chinese term that the segmenter must keep whole."""
    return [term for terms, _, _ in rows() for term in terms if re.fullmatch(r"[㐀-鿿]{2,}", term)]

"""Reads docs/terminology.md, the one place where terms stand: table rows `| 中文 | English | 说明 | 讲解 |`."""
import re

from scripts.environment import ROOT

PAGE = ROOT / "docs" / "terminology.md"


def rows():
    """List of (Chinese terms, English terms, explanation, explaining pages); synonyms in a cell are divided by 、 or ,."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[0] != "中文" and not set(cells[0]) <= set("-: "):
            found.append((re.split(r"\s*、\s*", cells[0]), re.split(r"\s*,\s*", cells[1]), cells[2],
                          re.findall(r"\]\((.+?)\.md\)", cells[3])))
    return found


def chinese():
    """Every Chinese term that the segmenter must keep whole."""
    return [term for terms, *_ in rows() for term in terms if re.fullmatch(r"[㐀-鿿]{2,}", term)]


def names():
    """{concept: every term, in both languages, that its page explains}."""
    found = {}
    for chinese_terms, english_terms, _, pages in rows():
        for concept in pages:
            found.setdefault(concept, []).extend([*chinese_terms, *english_terms])
    return found

"""Find formulas that stand twice, as KaTeX shows them and as TeX, and merge each pair.

Copying a rendered formula yields its visible text and then its TeX: `dkd_k`,
`ΔW\\Delta W`. A place is such a pair exactly if KaTeX's output of the second
half is the first half, so nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scripts.restore.rendering import visible_text

# What cannot be part of a copied formula ends a stretch: hanzi, Chinese signs,
# table bars, emphasis, code, links.
STRETCH = re.compile(r"[^\u2E80-\u303F\u3400-\u9FFF\uFF00-\uFFEF|`“”‘’…—\n]+")
LONGEST = 600  # characters of a stretch; formulas are shorter
SPECIAL = re.compile(r"[\\^_]")
LINK = re.compile(r"\]\([^)\n]*\)|https?://\S+")


def splits(stretch: str) -> Iterator[tuple[int, int, int]]:
    """(start, middle, end) worth asking KaTeX about: visible text start..middle, TeX middle..end.

    A formula starts at the stretch's start or after a blank, bar or bracket, and
    ends at the stretch's end or before a blank. Longer ones come first.
    """
    size = len(stretch)
    starts = [0] + [i + 1 for i in range(size - 1) if stretch[i] in " (（"]
    ends = [size] + [i for i in range(size - 1, 0, -1) if stretch[i] in " ),."]
    for start in starts:
        if stretch[start] in " -*#>":
            continue
        for end in ends:
            for middle in range(start + 1, end):
                if plausible(stretch[start:middle], stretch[middle:end]):
                    yield start, middle, end


def plausible(shown: str, tex: str) -> bool:
    """A cheap necessary condition, so that KaTeX is asked rarely."""
    if tex[0] == " " or tex[-1] in " \\":
        return False
    if not SPECIAL.search(tex):
        return shown == tex.replace(" ", "").replace("-", "\u2212")
    if " " in shown.strip() or len(shown) > len(tex) or SPECIAL.search(shown):
        return False
    letters = re.sub(r"\\[A-Za-z]+|[^A-Za-z0-9]", "", tex)
    return all(letter in shown for letter in letters[:3])


def is_doubled_letter(shown: str, tex: str) -> bool:
    """`hh`, `AA`: right only where formulas are known to stand twice; digits and words never."""
    return len(shown) == 1 and shown == tex and shown.isalpha()


def find_pairs(text: str) -> list[tuple[int, int, str]]:
    """(start, end, TeX) of every duplicated formula in `text`, in order, none overlapping."""
    covered = [match.span() for match in LINK.finditer(text)]
    found: list[tuple[int, int, str]] = []
    doubtful: list[tuple[int, int, str]] = []
    for match in STRETCH.finditer(text):
        base, stretch = match.start(), match.group()
        if not stretch.strip() or len(stretch) > LONGEST:
            continue
        if any(low < match.end() and base < high for low, high in covered):
            continue
        taken = 0
        for start, middle, end in splits(stretch):
            if start < taken:
                continue
            shown, tex = stretch[start:middle], stretch[middle:end]
            if visible_text(tex) != shown:
                continue
            if not SPECIAL.search(tex) and shown == tex and len(shown) == 1:
                whole = stretch.strip(" -") == shown + tex
                if is_doubled_letter(shown, tex) and (whole or stretch.split().count(shown + tex) == 1):
                    doubtful.append((base + start, base + end, tex))
                    taken = end
                continue
            if not SPECIAL.search(tex) and (shown.isalnum() or len(shown) < 3):
                continue  # an ordinary word or number that repeats itself
            found.append((base + start, base + end, tex))
            taken = end
    if found:  # the document has formulas copied twice, so a doubled letter is one of them
        found.extend(doubtful)
    return sorted(found)


def merge(text: str) -> tuple[str, list[str]]:
    """`text` with every pair replaced by `$TeX$`, or `$$TeX$$` where it has the line to itself."""
    pieces: list[str] = []
    formulas: list[str] = []
    done = 0
    for start, end, tex in find_pairs(text):
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", end)
        line_end = len(text) if line_end == -1 else line_end
        alone = not text[line_start:start].strip() and not text[end:line_end].strip()
        fence = "$$" if alone else "$"
        pieces.append(text[done:start])
        pieces.append(f"{fence}{tex}{fence}")
        formulas.append(tex)
        done = end
    pieces.append(text[done:])
    return "".join(pieces), formulas

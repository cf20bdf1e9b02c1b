"""Where formulas stand in Markdown: `$…$` in a line, `$$` … `$$` on lines of their own.

One reader for checks and collection. The build draws what arithmatex finds, a little more: what is written in another way
than these two is drawn, but neither checked nor collected.
"""
import re
from typing import NamedTuple

FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
DISPLAY = re.compile(r"^(?P<indent>\s*)\$\$\s*$")
ONE_LINE = re.compile(r"^\s*\$\$(.+?)\$\$\s*$")
INLINE = re.compile(r"(?<![\\$])\$(?=[^\s$])([^$]*?[^\s\\$]|[^\s\\$])\$(?![\d$])")
LABEL = re.compile(r"\\label\{([^}]*)\}\s*")


class Formula(NamedTuple):
    """One formula of a Markdown text."""

    tex: str  # without \label
    display: bool
    label: str | None
    line: int  # 1-based line where it starts


def prose(text):
    """Yield (line number, line) of Markdown outside fenced code and front matter; code spans are blanked."""
    fence, lines = None, text.split("\n")
    start = 0
    if lines and lines[0] == "---":
        start = next((i + 1 for i, line in enumerate(lines[1:], 1) if line == "---"), 0)
    for number, line in enumerate(lines[start:], start + 1):
        match = FENCE.match(line)
        if fence:
            if match and match[1].startswith(fence) and not line.strip().strip(fence[0]):  # "```python" opens, it does not close
                fence = None
            continue
        if match:
            fence = match[1]
            continue
        yield number, re.sub(r"(`+)(.+?)\1", lambda m: " " * len(m[0]), line)


def formulas(text):
    """All formulas of a Markdown text in order, as Formula."""
    found, display, opened = [], None, 0
    for number, line in prose(text):
        if DISPLAY.match(line):
            if display is None:
                display, opened = [], number
            else:
                tex = "\n".join(display).strip()
                label = LABEL.search(tex)
                found.append(Formula(LABEL.sub("", tex).strip(), True, label and label[1], opened))
                display = None
        elif display is not None:
            display.append(line.strip())
        elif ONE_LINE.match(line):
            found.append(Formula(ONE_LINE.match(line)[1].strip(), True, None, number))
        else:
            found += [Formula(m[1], False, None, number) for m in INLINE.finditer(line)]
    if display is not None:
        found.append(Formula("\n".join(display).strip(), True, None, opened))
    return found

"""Repairs of the copied Markdown: tables cut in two, tracking parameters, headings, blanks."""

from __future__ import annotations

import re

TRACKING = re.compile(r"^(utm_[a-z]+|fbclid|gclid|mc_[ce]id|spm|from_source|share_source)$")
URL = re.compile(r"https?://[^\s)\"<>]+")
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*$")
KEYCAP = re.compile(r"^([0-9])\ufe0f?\u20e3\s*")
NUMBER = re.compile(r"^(\d+)\.\s+")
DISPLAYED = re.compile(r"\s*\$\$.+\$\$")
NESTED_NUMBER = re.compile(r"^(\s*\d+\.\s+)\d+\.\s+")
FIRST_ITEM = re.compile(r"^1\. ")
PARAGRAPH = re.compile(r"^[^\s#|>\-*0-9`$]")
PART_LEVEL, SECTION_LEVEL, SUBSECTION_LEVEL = 2, 3, 4
PART_NAMES = "一二三四五六七八九十"


def strip_tracking(text: str) -> str:
    """Links without the parameters that only tell where a reader came from."""

    def one(match: re.Match[str]) -> str:
        address, question, query = match.group().partition("?")
        if not question:
            return address
        query, hash_sign, fragment = query.partition("#")
        kept = [item for item in query.split("&") if not TRACKING.match(item.split("=")[0])]
        return address + ("?" + "&".join(kept) if kept else "") + hash_sign + fragment

    return URL.sub(one, text)


def cells(line: str) -> list[str]:
    """The cells of a table row, bars inside code and formulas not counted."""
    result, current, fence = [], "", ""
    for character in line.strip()[1:-1]:
        if character in "`$":
            fence = "" if fence == character else fence or character
        if character == "|" and not fence:
            result.append(current)
            current = ""
        else:
            current += character
    return [*result, current]


def is_row(line: str) -> bool:
    stripped = line.strip()
    return len(stripped) > 1 and stripped.startswith("|") and stripped.endswith("|")


def repair_tables(text: str) -> str:
    """Join a row that was cut in two: empty cells at its end, the rest in the next row.

    Joined only if both parts together fill exactly the columns of the header.
    """
    lines = text.split("\n")
    result: list[str] = []
    columns = 0
    for number, line in enumerate(lines):
        if not is_row(line):
            columns = 0
            result.append(line)
            continue
        if not columns:
            columns = len(cells(line))
        if result and is_row(result[-1]) and not set(line) <= set("|-: "):
            above = [cell for cell in cells(result[-1])]
            filled_above = len(above) - _empty_tail(above)
            here = cells(line)
            filled_here = len(here) - _empty_tail(here)
            if filled_above < columns and filled_here < columns and filled_above + filled_here == columns:
                result[-1] = "|" + "|".join(above[:filled_above] + here[:filled_here]) + "|"
                continue
        result.append(line)
    return "\n".join(result)


def _empty_tail(row: list[str]) -> int:
    count = 0
    for cell in reversed(row):
        if cell.strip():
            break
        count += 1
    return count


def plain_heading(title: str) -> str:
    """A heading without emphasis marks (also unbalanced ones) and with `1.` instead of a keycap."""
    title = title.replace("**", "").strip()
    return KEYCAP.sub(r"\1. ", title)


def level_headings(text: str) -> str:
    """One scheme for all headings: parts, numbered sections counted within a part, subsections.

    A numbered heading that starts again at 1 begins a new part. Numbers that
    jump otherwise are counted on.
    """
    lines = text.split("\n")
    in_code = False
    sections: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        match = None if in_code else HEADING.match(line)
        if match:
            sections.append((number, plain_heading(match[2])))
    parts = sum(NUMBER.match(title) is not None and NUMBER.match(title)[1] == "1" for _, title in sections)
    part = count = 0
    before: dict[int, str] = {}
    for number, title in sections:
        numbered = NUMBER.match(title)
        if numbered:
            if numbered[1] == "1":
                part += 1
                count = 0
                if parts > 1:
                    name = PART_NAMES[part - 1] if part <= len(PART_NAMES) else str(part)
                    before[number] = f"{'#' * PART_LEVEL} 第{name}部分\n"
            count += 1
            lines[number] = f"{'#' * SECTION_LEVEL} {count}. {title[numbered.end():]}"
        else:
            level = SUBSECTION_LEVEL if count else SECTION_LEVEL
            lines[number] = f"{'#' * level} {title}"
    return "\n".join(before.get(number, "") + ("\n" if number in before else "") + line for number, line in enumerate(lines))


def tidy_blanks(text: str) -> str:
    """No blanks at line ends, no two empty lines, one number per list item, one final line end.

    A list that follows a paragraph without an empty line gets one: Markdown
    would otherwise read it as part of the paragraph. What follows a formula on
    its own line gets one, too: without it the formula is not set apart.
    """
    lines = [NESTED_NUMBER.sub(r"\1", line.rstrip()) for line in text.split("\n")]
    result: list[str] = []
    for line in lines:
        if line and result and (DISPLAYED.fullmatch(result[-1]) or FIRST_ITEM.match(line) and PARAGRAPH.match(result[-1])):
            result.append("")
        if line or (result and result[-1]):
            result.append(line)
    return "\n".join(result).strip("\n") + "\n"

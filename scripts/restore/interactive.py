"""Show each unsure place to a person, and remember what they chose in the reviewed file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from scripts.restore import report, reviewed
from scripts.restore.restoration import Result, flagged

SHOWN = 6  # candidates offered
REMEMBERED = 6  # characters of context stored on each side


def ask(result: Result, path: Path = reviewed.REVIEWED, source: TextIO = sys.stdin, out: TextIO = sys.stderr) -> int:
    """Go through the unsure places; returns how many choices were written to `path`.

    A number chooses, the empty line keeps the first, `s` skips, `q` stops.
    """
    places = flagged(result.places)
    starts = report.line_starts(result.text)
    written = 0
    for number, place in enumerate(places, start=1):
        line, column = report.position(starts, place.offset)
        before, after = report.context(result.text, place.offset, 20)
        options = place.options[:SHOWN]
        print(f"\n[{number}/{len(places)}] 第 {line} 行第 {column} 列", file=out)
        print(f"  {reviewed.to_cell(before)}【{reviewed.to_cell(place.chosen)}】{reviewed.to_cell(after)}", file=out)
        for index, (character, probability) in enumerate(options, start=1):
            print(f"  {index}. {reviewed.to_cell(character)}  {probability:.0%}", file=out)
        print("选哪个？回车选 1，s 跳过，q 结束：", end="", file=out, flush=True)
        answer = source.readline()
        if not answer or answer.strip() == "q":
            break
        answer = answer.strip() or "1"
        if not answer.isdigit() or not 1 <= int(answer) <= len(options):
            continue
        short_before, short_after = report.context(result.text, place.offset, REMEMBERED)
        reviewed.write_entry(short_before, options[int(answer) - 1][0], short_after, "人工选定", path)
        written += 1
    return written

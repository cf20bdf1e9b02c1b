"""Show each unsure place to a person, and remember what they chose in the reviewed file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from scripts.restore import report, reviewed
from scripts.restore.characters import is_hanzi
from scripts.restore.restoration import Result, flagged

SHOWN = 6  # candidates offered
REMEMBERED = 6  # characters of context stored on each side


def word_of(text: str, offset: int) -> tuple[str, str]:
    """(the hanzi before the place, ""), or ("", the one after it) at the beginning of a stretch; ("", "") if it stands alone."""
    before, after = report.context(text, offset, 1)
    return (before, "") if is_hanzi(before) else ("", after) if is_hanzi(after) else ("", "")


def ask(result: Result, path: Path = reviewed.REVIEWED, source: TextIO = sys.stdin, out: TextIO = sys.stderr) -> int:
    """Go through the unsure places; returns how many choices were written to `path`.

    A number chooses, the empty line keeps the first, `s` skips, `q` stops. A correction
    of two characters that stand together elsewhere, a name mostly, is offered for all of
    them; they are not asked about again.
    """
    places = flagged(result.places)
    starts = report.line_starts(result.text)
    settled: set[str] = set()  # two characters that were corrected everywhere
    answered: set[str] = set()  # those that were decided in one place, so not everywhere
    written = 0
    for number, place in enumerate(places, start=1):
        left, right = word_of(result.text, place.offset)
        word = left + place.chosen + right
        if word in settled:
            continue
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
        character = options[int(answer) - 1][0]
        alike = result.text.count(word) - 1 if left or right else 0
        if character != place.chosen and alike and word not in answered:
            print(f"“{word}”另有 {alike} 处，都改成“{left + character + right}”？回车都改，n 只改这一处：",
                  end="", file=out, flush=True)
            if source.readline().strip() != "n":
                settled.add(word)
        answered.add(word)
        around = (left, right) if word in settled else report.context(result.text, place.offset, REMEMBERED)
        reviewed.write_entry(around[0], character, around[1], "人工选定", path)
        written += 1
    return written

"""Measure restoration on texts held apart: accuracy, flag recall, speed, each part's share.

    python -m scripts.restore.bench

The texts in tests/restore/heldout never take part in making the models.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from scripts.environment import ROOT
from scripts.restore import decide
from scripts.restore.codec import NOTES_DROPPED, damage, units
from scripts.restore.restoration import flagged, restore_as

HELD_OUT = ROOT / "tests" / "restore" / "heldout"
TEXTS = Path(__file__).with_name("texts")


class Score(NamedTuple):
    """Counts on one text: ambiguous places, wrong ones, flagged ones, wrong ones among the flagged."""

    ambiguous: int
    wrong: int
    flagged: int
    caught: int

    @property
    def accuracy(self) -> float:
        return 1 - self.wrong / max(1, self.ambiguous)

    @property
    def flag_share(self) -> float:
        return self.flagged / max(1, self.ambiguous)

    @property
    def recall(self) -> float:
        return self.caught / self.wrong if self.wrong else 1.0


def score(text: str, codepage: str = "cp1254", dropped: frozenset[int] = NOTES_DROPPED) -> Score:
    """Damage `text`, restore it, compare."""
    restored, places = restore_as(damage(text, codepage, dropped), codepage, dropped)
    if len(restored) != len(text):
        raise AssertionError("a damaged character became two")
    wrong = [place for place in places if text[place.offset] != place.chosen]
    shown = flagged(places)
    return Score(len(places), len(wrong), len(shown), len(set(shown) & set(wrong)))


def total(scores: Iterable[Score]) -> Score:
    """The counts added up."""
    return Score(*map(sum, zip(*scores)))


def words_only(text: str) -> float:
    """Accuracy of the word lattice with its pairs, without the context model."""
    slots = [options for _, options in units(damage(text), "cp1254", NOTES_DROPPED)]
    ranked = decide.by_words(slots)
    right = sum(text[position] == options[0].character for position, options in ranked.items())
    return right / max(1, len(ranked))


def held_out() -> dict[str, str]:
    """Name -> text of every held-out file."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(HELD_OUT.glob("*.txt"))}


def own_text() -> str:
    """The text that the project has most of: its pages and what was written for the models. They have read it,
    so it leaves fewer doubts than a stranger's."""
    files = [*(ROOT / "docs").rglob("*.md"), *TEXTS.glob("*.txt")]
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(files))


def speed(text: str) -> tuple[int, float]:
    """(damaged bytes, seconds by the clock to restore them with the processes that the program starts)."""
    raw = damage(text)
    began = time.perf_counter()
    restore_as(raw, "cp1254", NOTES_DROPPED)
    return len(raw.encode("utf-8")), time.perf_counter() - began


def main() -> int:
    """Print one line per text and the totals."""
    texts = held_out()
    print(f"{'文本':12}{'有歧义':>8}{'错':>6}{'准确率':>9}{'只用词':>9}{'标出':>8}{'查出错误':>9}")
    scores = []
    for name, text in texts.items():
        one = score(text)
        scores.append(one)
        print(
            f"{name:12}{one.ambiguous:>8}{one.wrong:>6}{one.accuracy:>9.2%}{words_only(text):>9.2%}"
            f"{one.flag_share:>8.1%}{one.recall:>9.0%}"
        )
    all_texts = total(scores)
    print(
        f"合计：{all_texts.ambiguous} 处有歧义，准确率 {all_texts.accuracy:.2%}；"
        f"标出 {all_texts.flag_share:.1%}，其中含 {all_texts.recall:.0%} 的错误"
    )
    for name, text in (("以上各篇", "\n".join(texts.values())), ("本项目的文字", own_text())):
        size, seconds = speed(text)
        print(f"速度：{name}，损坏后 {size / 1e6:.2f} MB，{seconds:.1f} 秒，每 MB {1e6 * seconds / size:.1f} 秒")
    return 0


if __name__ == "__main__":
    sys.exit(main())

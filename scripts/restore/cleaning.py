"""From the restored text to clean Markdown; each step is one function of its own."""

from __future__ import annotations

from scripts.restore.duplicates import merge
from scripts.restore.markdown_repair import level_headings, repair_tables, strip_tracking, tidy_blanks


def clean(text: str) -> str:
    """Formulas merged, tables joined, links without tracking, headings in one scheme, blanks tidied.

    Formulas come first: they may hold bars that the table step must not cut at.
    """
    text, _ = merge(text)
    text = repair_tables(text)
    text = strip_tracking(text)
    text = level_headings(text)
    return tidy_blanks(text)

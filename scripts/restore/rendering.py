"""What KaTeX shows for a piece of TeX, as text: the oracle that finds duplicated formulas."""

from __future__ import annotations

import html
import json
import re
from functools import lru_cache
from pathlib import Path

import quickjs

KATEX = Path(__file__).parents[2] / ".cache" / "npm" / "node_modules" / "katex" / "dist" / "katex.min.js"
MEMORY_LIMIT, SECONDS_LIMIT = 256 << 20, 20
LONGEST_TEX = 2000

PROGRAM = """
function mathml(tex) {
  try { return katex.renderToString(tex, {output: "mathml", throwOnError: true, strict: "ignore"}); }
  catch (error) { return ""; }
}
"""


@lru_cache(maxsize=1)
def engine() -> quickjs.Context:
    """A JavaScript context with KaTeX loaded. Raises ValueError, in Chinese, if KaTeX is not installed."""
    try:
        source = KATEX.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{KATEX.name}:1: [KATEX] 找不到 KaTeX；改法：先运行 make setup 或 make build") from error
    context = quickjs.Context()
    context.set_memory_limit(MEMORY_LIMIT)
    context.set_time_limit(SECONDS_LIMIT)
    context.eval(source)
    context.eval(PROGRAM)
    return context


@lru_cache(maxsize=8192)
def visible_text(tex: str) -> str | None:
    """The characters that KaTeX's output of `tex` shows when copied, None if it rejects `tex`."""
    if not tex.strip() or len(tex) > LONGEST_TEX:
        return None
    try:
        markup = engine().eval(f"mathml({json.dumps(tex)})")
    except quickjs.JSException:
        return None  # too deep for the stack: not a formula that anyone copied
    if not markup:
        return None
    markup = re.sub(r"(?s)<annotation.*?</annotation>", "", markup)
    return html.unescape(re.sub(r"<[^>]*>", "", markup))

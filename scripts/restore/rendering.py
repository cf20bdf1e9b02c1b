"""What KaTeX shows for a piece of TeX, as text: the oracle that finds duplicated formulas."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from scripts.formulas import katex

LONGEST_TEX = 2000


@lru_cache(maxsize=8192)
def visible_text(tex: str) -> str | None:
    """The characters that KaTeX's output of `tex` shows when copied, None if it rejects `tex`.

    Raises ValueError, in Chinese, if KaTeX is not installed.
    """
    if not tex.strip() or len(tex) > LONGEST_TEX:
        return None
    try:
        markup = katex.mathml(tex)
    except katex.TexError:
        return None
    except OSError as error:
        raise ValueError("katex.min.js:1: [KATEX] 找不到 KaTeX；改法：先运行 make build") from error
    return html.unescape(re.sub(r"<[^>]*>", "", markup))

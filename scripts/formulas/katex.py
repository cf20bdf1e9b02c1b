"""KaTeX inside the build: one quickjs context, about a millisecond a formula, no Node.

What was rendered is kept in .cache/formulas/ under the hash of KaTeX, the macros and this file.
"""
import atexit
import functools
import hashlib
import json
import re
import threading
from pathlib import Path

import quickjs

from scripts.environment import CACHE, NPM, ROOT
from scripts.notebooks import cache

KATEX = NPM / "node_modules" / "katex" / "dist"
MACROS = ROOT / "docs" / "assets" / "macros.json"


class TexError(ValueError):
    """KaTeX rejected the TeX; the message is KaTeX's own first line."""


def macros():
    """The site's macros, {"\\\\name": TeX}: the same file that page and search use."""
    return json.loads(MACROS.read_text(encoding="utf-8"))


# quickjs contexts belong to the thread that made them; mkdocs serve rebuilds in another one.
_local = threading.local()


def _engine():
    if not hasattr(_local, "render"):
        context = quickjs.Context()
        # 20,000 nested braces overflow the native stack before KaTeX can refuse them.
        context.set_max_stack_size(1 << 20)
        context.eval((KATEX / "katex.min.js").read_text(encoding="utf-8"))
        context.eval(f"""
            const options = {{throwOnError: true, strict: "error", trust: false, output: "htmlAndMathml",
                              macros: {json.dumps(macros())}, maxExpand: 1000}};
            function render(tex, display) {{
                try {{ return "+" + katex.renderToString(tex, {{...options, displayMode: display}}); }}
                catch (error) {{ return "-" + error.message; }}
            }}""")
        _local.render = context.get("render")
    return _local.render


@functools.cache
def _kept():
    """{"1" or "0" for display, then the TeX: HTML} of earlier runs; written again at exit when it has grown."""
    version = hashlib.sha256(b"\0".join(p.read_bytes() for p in (KATEX / "katex.min.js", MACROS, Path(__file__)))).hexdigest()
    path = CACHE / "formulas" / f"{version[:16]}.json"
    found = cache.read_whole(path) or {}
    atexit.register(_keep, path, found, len(found))
    return found


def _keep(path, found, before):
    if len(found) != before:
        cache.write_whole(path, json.dumps(found, ensure_ascii=False))


def render(tex, display=False):
    """HTML and MathML of a formula, from an earlier run if it was rendered before.

    Raises TexError when KaTeX rejects it (strict: a warning is an error, too).
    """
    key, kept = f"{display:d}{tex}", _kept()
    if key not in kept:
        kept[key] = _render(tex, display)
    return kept[key]


def _render(tex, display):
    if len(tex) > 20_000:
        raise TexError("公式超过 20000 个字符")
    try:
        answer = _engine()(tex, display)
    except quickjs.JSException as error:
        raise TexError(str(error).splitlines()[0]) from None
    if answer[0] == "-":
        raise TexError(answer[1:].splitlines()[0].removeprefix("KaTeX parse error: "))
    # KaTeX prints a command that it does not trust (\\href, \\includegraphics) in red instead of throwing.
    if "color:#cc0000" in answer and "#cc0000" not in tex:
        raise TexError("用了不许用的命令")
    return answer[1:]


# What a page does without; letters that stand upright side by side are one name, also to who hears it read.
NEEDLESS = re.compile(r'<annotation.*?</annotation>|</?semantics>| xmlns="[^"]*"| fence="false"| separator="true"', re.S)
UPRIGHT = re.compile(r'(?:<mi mathvariant="normal">[A-Za-z]</mi>){2,}')
ALONE = re.compile(r"<mrow>(<(m[ion])(?: [^>]*)?>[^<]*</\2>)</mrow>")


def mathml(tex, display=False):
    """The formula as MathML alone: a twentieth of the weight, drawn by the browser itself. For long lists."""
    math = NEEDLESS.sub("", re.search(r"<math.*?</math>", render(tex, display), re.S)[0])
    return ALONE.sub(r"\1", UPRIGHT.sub(lambda letters: f"<mi>{re.sub('<[^>]*>', '', letters[0])}</mi>", math))

"""Formulas: read from Markdown, rendered by KaTeX, put into search text, collected."""
import json

import pytest

from scripts.formulas import katex
from scripts.formulas.markdown import formulas
from scripts.formulas.plain import plain


def test_formulas_of_a_page():
    text = ("---\ntitle: $x$\n---\n一行 $a_1$ 和 `$no$`，价格 $5 与 \\$6。\n\n$$\n\\label{one}\nE=mc^2\n$$\n\n```\n$not$\n```\n\n"
            "!!! note\n\n    $$\n    y\n    $$\n")
    assert [(f.tex, f.display, f.label, f.line) for f in formulas(text)] == [
        ("a_1", False, None, 4), ("E=mc^2", True, "one", 6), ("y", True, None, 17)]


@pytest.mark.parametrize("tex", [r"\frac{1}{", r"\undefined", "{" * 15_000, "x" * 30_000, "中", r"\href{javascript:alert(1)}{x}"])
def test_what_katex_rejects_is_an_error_and_never_a_crash(tex):
    with pytest.raises(katex.TexError):
        katex.render(tex)
    assert "katex" in katex.render("x")  # the engine still works


def test_rendering_has_html_mathml_and_tex():
    html = katex.render(r"\frac{a}{b}", True)
    assert "katex-display" in html and "<math" in html and r"\frac{a}{b}</annotation>" in html


@pytest.mark.parametrize("tex, text", [
    (r"\sqrt{d_k}", "√d_k"), (r"q\cdot k", "q·k"), (r"\mathrm{softmax}(QK^\top)", "softmax(QKᵀ)"), (r"\sigma^2", "σ^2"),
    (r"\frac{a}{b}", "a/b"), (r"\langle x,y\rangle", "⟨x,y⟩"),
])
def test_plain_text(tex, text):
    assert plain(tex) == text


def test_collected_formulas_are_complete_and_reachable(site):
    records = json.loads((site / "assets" / "formulas.json").read_text(encoding="utf-8"))
    assert len(records) >= 30 and len({r["id"] for r in records}) == len(records)
    for record in records:
        assert all(record[key] for key in ("tex", "title", "en", "meaning", "page", "url", "section")), record["id"]
        page, anchor = record["url"].split("#")
        assert f'id="{anchor}"' in (site / page / "index.html").read_text(encoding="utf-8")


def test_search_index_holds_no_formula_three_times(site):
    docs = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
    text = " ".join(d["text"] for d in docs)
    assert "√d_k" in text and r"\frac" not in text and "annotation" not in text and 'class="katex' not in text

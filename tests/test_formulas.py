"""Formulas: read from Markdown, rendered by KaTeX, put into search text, collected."""
import json
import random
import re
import shutil
import subprocess

import pytest

from scripts.checks.site import search_faults
from scripts.environment import ROOT, node
from scripts.formulas import katex, other_words
from scripts.formulas.markdown import formulas
from scripts.formulas.plain import plain
from scripts.hooks import formulas as formula_hook


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


def test_other_words_are_listed_by_word_with_where_they_stand(monkeypatch, tmp_path):
    (tmp_path / "topic.tsv").write_text("b\tsize of the buckets\nb\tbucket bound 桶的边界\na\tbounds of 桶的\nc\t桶的个数\n", encoding="utf-8")
    monkeypatch.setattr(other_words, "FOLDER", tmp_path)
    # 的边, 边界, 的个 and 个数 stand in one line of all
    assert other_words.index(["a", "b", "c"]) == {"words": "bound bucket size 桶的", "where": [[0, 0], [1], [1], [0, 0, 0]]}


def test_collected_formulas_are_complete_and_reachable(site):
    records = json.loads((site / "assets" / "formulas.json").read_text(encoding="utf-8"))
    assert len(records) >= 30 and len({r["id"] for r in records}) == len(records)
    for record in records:
        assert all(record[key] for key in ("tex", "title", "en", "context", "page", "section")), record["id"]
        assert f'id="formula-{record["id"]}"' in (site / record["page"] / "index.html").read_text(encoding="utf-8")


def test_formula_search_has_a_weight_and_keeps_to_it(site, tmp_path):
    """SITE-8: own code, the reader of programs and the list of formulas, each by its own limit."""
    assert search_faults(site / "assets") == []
    shutil.copytree(site / "assets" / "formula-search", tmp_path / "formula-search")
    for name in ("formulas.json", "formula-asked.json", "formula-details.json", "vendor/minisearch/index.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(site / "assets" / name, tmp_path / name)
    (tmp_path / "formula-search" / "more.js").write_bytes(random.Random(0).randbytes(5000))
    [fault] = search_faults(tmp_path)
    assert fault.startswith("assets/formula-search:1: [SITE-8] 公式搜索的代码压缩后") and "改法" in fault


def test_search_index_holds_no_formula_three_times(site):
    docs = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
    text = " ".join(d["text"] for d in docs)
    assert "√d_k" in text and "annotation" not in text and 'class="katex' not in text
    left = re.search(r"[dt]?frac|math(?:bb|bf|cal|rm)|operatorname|\\(?!label)[a-z]{2}", re.sub(r"<code>.*?</code>|<pre>.*?</pre>", "", text))
    assert left is None, text[left.start() - 60:left.end() + 60]


@pytest.mark.parametrize("tex, text", [
    (r"\frac{QK^\top}{\sqrt{d_k}}", "QKᵀ/√d_k"), (r"\sqrt{d_k}", "√d_k"), (r"q\cdot k", "q·k"), (r"\sigma^2", "σ²"), (r"\langle x,y\rangle", "⟨x,y⟩"), (r"\mathrm{softmax}(QK^\top)", "softmax(QKᵀ)"),
    (r"\tfrac12", "1/2"), (r"\sqrt2", "√2"), (r"\hat y_i", "ŷ_i"), (r"x^{-1}", "x⁻¹"),
    (r"\frac{a+b}{2c}", "(a+b)/(2c)"), (r"W_0+\frac{\alpha}{r}BA", "W_0+(α/r)BA"), (r"10000^{-2i/d}", "10000^(-2i/d)"), (r"\ln x", "ln x"),
    (r"\lVert x\rVert^2", "‖x‖²"), (r"d_{\text{model}}", "d_model"), (r"\pi^*", "π*"), (r"K^{\!\top}", "Kᵀ"), (r"p(y\mid x)", "p(y|x)"), (r"\binom nk", "(n k)"), (r"\frac{1}{", r"\frac{1}{")])
def test_a_formula_reads_as_one_would_type_it(tex, text):
    assert plain(tex) == text


def test_formula_search_keeps_its_promises(site):
    """Contract, hostile input, parser snapshot and the graded sets: tests/formula-search, run by Node."""
    done = subprocess.run([node(), "--test", "tests/formula-search/"], cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[done.stdout.find("not ok"):][:4000]


def test_formula_search_finds_the_sites_own_formulas_by_name_and_tex(site):
    """Every named formula is first for its own TeX, and among the first three for its Chinese and English name."""
    probe = """
        import { readFile } from "node:fs/promises";
        const { createIndex } = await import(process.argv[1]);
        const formulas = JSON.parse(await readFile(process.argv[2], "utf8"));
        const index = await createIndex(formulas);
        const missed = [];
        for (const f of formulas) for (const [q, k] of [[f.tex, 1], [f.title, 3], [f.en, 3]])
            if (!(await index.search(q, {limit: k})).some((hit) => hit.id === f.id)) missed.push(`${f.id}: ${q}`);
        console.log(JSON.stringify({asked: formulas.length * 3, missed}));"""
    module = (ROOT / "docs" / "assets" / "formula-search" / "index.js").as_uri()
    done = subprocess.run([node(), "--input-type=module", "-e", probe, module, str(site / "assets" / "formulas.json")],
                          capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert len(answer["missed"]) <= 0.03 * answer["asked"], answer["missed"]


def test_what_was_rendered_once_is_kept_for_the_next_build(tmp_path, monkeypatch):
    at_exit = []
    monkeypatch.setattr(katex, "CACHE", tmp_path)
    monkeypatch.setattr(katex.atexit, "register", lambda function, *values: at_exit.append((function, values)))
    katex._kept.cache_clear()
    try:
        inline, display = katex.render("q_1"), katex.render("q_1", True)
        with pytest.raises(katex.TexError):
            katex.render(r"\frac{a")
        [(keep, values)] = at_exit
        keep(*values)
        katex._kept.cache_clear()
        monkeypatch.setattr(katex, "_render", None)
        assert (katex.render("q_1"), katex.render("q_1", True)) == (inline, display) and inline != display
        assert len(json.loads(next((tmp_path / "formulas").iterdir()).read_text(encoding="utf-8"))) == 2
    finally:
        katex._kept.cache_clear()


def test_what_the_build_cannot_draw_is_named_with_its_line():
    tex = r"\sqrt{d_k}"
    page, notebook = (formula_hook._place(source, tex) for source in
                      ("attention/scaled-dot-product.md", "notebooks/attention/scaled-dot-product.ipynb"))
    for place in (page, notebook):
        path, line = place.split(":")
        assert int(line) > 1 and tex in (ROOT / path).read_text(encoding="utf-8").split("\n")[int(line) - 1].replace("\\\\", "\\")

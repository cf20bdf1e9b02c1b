"""The clean Markdown comes from the raw file, and each step does what it says and no more."""

import re
from pathlib import Path

import pytest

from scripts.restore.cleaning import clean
from scripts.restore.duplicates import find_pairs, merge
from scripts.restore.markdown_repair import level_headings, repair_tables, strip_tracking, tidy_blanks
from scripts.restore.rendering import visible_text
from scripts.restore.restoration import restore

SOURCE = Path(__file__).parents[2] / "docs" / "source"
RESTORED = (SOURCE / "notes-restored.txt").read_bytes().decode("utf-8")

# Every formula of the notes that stood twice, in order.
FORMULAS = [
    r"d_k", r"d_{\text{model}}", "h", r"d_k = d_v = d_{\text{model}} / h", r"d_{\text{model}} \times d_k",
    r"3 \times d_{\text{model}} \times d_k = 3 \times d_{\text{model}}^2 / h", r"h \cdot d_v \to d_{\text{model}}",
    r"d_{\text{model}} \times d_{\text{model}}", r"4 \times d_{\text{model}}^2", r"\sqrt{d_k}", r"QK^T",
    r"\sqrt{d_k}", r"\frac{x - \text{mean}(x)}{\text{std}(x)}", r"\frac{x}{\sqrt{\text{mean}(x^2) + \epsilon}}",
    r"O(n^2)", r"O(n)",
    r"\text{MLA}(Q) = \alpha \cdot \text{Attention}_{\text{local}}(Q, K_{L}, V_{L}) + (1 - \alpha) \cdot "
    r"\text{Attention}_{\text{long}}(Q, K_{G}, V_{G})",
    r"\alpha", r"\Delta W", r"W_{\text{lora}} = W + \Delta W = W + BA", r"B \in \mathbb{R}^{d \times r}",
    r"A \in \mathbb{R}^{r \times k}", r"r \ll d", "A", "B", r"BA \approx 0",
    r"\mathcal{L}_{\text{DPO}} = -\log \left( \frac{\exp(\beta s_\theta(y_{\text{chosen}}))}"
    r"{\exp(\beta s_\theta(y_{\text{chosen}})) + \exp(\beta s_\theta(y_{\text{rejected}}))} \right)",
    r"s_\theta(y)", r"\text{RoPE}(x, t) = x \cdot R(t)", r"R(t)",
    r"4 \times d_{\text{model}}^2 = 4 \times 4096^2 \approx 67M",
    r"2 \times d_{\text{model}} \times d_{\text{ffn}} = 2 \times 4096 \times 11008 \approx 90M",
    r"\Delta W = BA", "A, B", "B=0", r"A \sim \mathcal{N}(0, ε)", "A, B",
]


def test_the_published_file_is_made_from_the_raw_file():
    raw = (SOURCE / "notes-mojibake.txt").read_bytes().decode("utf-8")
    assert clean(restore(raw)).encode("utf-8") == (SOURCE / "notes.md").read_bytes()


def test_every_duplicated_formula_is_merged_and_nothing_else():
    assert [tex for _, _, tex in find_pairs(RESTORED)] == FORMULAS


def test_no_tex_is_left_outside_formulas():
    outside = re.sub(r"\$\$?.*?\$\$?", "", merge(RESTORED)[0])
    assert "\\" not in outside


@pytest.mark.parametrize("text", [
    "普通文字 hello hello，重复 100100 与 2020。", "d_model 与 n_heads", "路径 C:\\new\\new", "AA 级证书", "哈哈 ahaha baba",
])
def test_ordinary_text_is_left_alone(text):
    assert find_pairs(text) == []


def test_katex_shows_what_the_notes_show():
    assert visible_text(r"\log \left( x \right)") == "log\u2061(x)"
    assert visible_text(r"\frac{1}{") is None
    assert visible_text("{" * 20_000) is None


def test_cut_table_row_is_joined():
    text = "|方法|甲|乙|\n|---|---|---|\n|**A**|一|二|\n|**B**|一||\n|二|||\n"
    assert repair_tables(text).split("\n")[3] == "|**B**|一|二|"
    whole = "|方法|甲|乙|\n|---|---|---|\n|**A**|一||\n|**B**|一|二|\n"
    assert repair_tables(whole) == whole


def test_the_ppo_dpo_table_is_whole():
    rows = [line for line in clean(RESTORED).split("\n") if line.startswith("|**DPO**|Offline")]
    assert len(rows) == 1 and "简单稳定" in rows[0] and "||" not in rows[0]


def test_tracking_goes_other_parameters_stay():
    assert strip_tracking("[a](https://x.org/p?utm_source=chatgpt.com)") == "[a](https://x.org/p)"
    assert strip_tracking("https://x.org/?id=3&utm_medium=b#s") == "https://x.org/?id=3#s"
    assert "utm_" not in clean(RESTORED)


def test_headings_have_one_scheme():
    levels = [line.split(" ")[0] for line in clean(RESTORED).split("\n") if line.startswith("#")]
    assert set(levels) == {"##", "###", "####"} and levels.count("##") == 3
    numbers = [int(n) for n in re.findall(r"(?m)^### (\d+)\. ", clean(RESTORED))]
    assert numbers == [*range(1, 15), *range(1, 7), *range(1, 7)]
    assert "**" not in "".join(line for line in clean(RESTORED).split("\n") if line.startswith("#"))
    assert level_headings("```\n# 不是标题\n```") == "```\n# 不是标题\n```"


def test_cleaning_twice_changes_nothing():
    once = clean(RESTORED)
    assert tidy_blanks(once) == once
    assert strip_tracking(once) == once
    assert repair_tables(once) == once
    assert find_pairs(once) == []


def test_a_formula_on_its_own_line_stands_apart_from_what_follows():
    from scripts.restore.markdown_repair import tidy_blanks
    assert tidy_blanks("- 共：\n\n    $$a = b$$\n- 也是\n") == "- 共：\n\n    $$a = b$$\n\n- 也是\n"

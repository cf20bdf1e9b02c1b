"""Numbers in prose come from the run, and a typed one is noticed."""
from scripts.environment import ROOT
from scripts.notebooks import outputs, quote

RECORD = {"results": {"loss": 0.1234, "rows": [{"n": 1024}], "tiny": 5.5e-4, "name": "RoPE"}}
PAGE = ROOT / "docs" / "index.md"


def test_quotes_are_filled():
    text, errors = quote.fill("{{ loss:.2f }} {{ rows.0.n:, }} {{ tiny:.1e }} {{ name }} {{ loss:.1% }}", RECORD, PAGE)
    assert errors == [] and text == "0.12 1,024 5.5 × 10⁻⁴ RoPE 12.3%"


def test_unknown_names_and_formats_are_errors_with_place_and_fix():
    _, errors = quote.fill("{{ nothing }} {{ rows.7 }} {{ name:.2f }}", RECORD, PAGE)
    assert [e.split("[")[1][:5] for e in errors] == ["NUM-2", "NUM-2", "NUM-3"]
    assert all(e.startswith("docs/index.md:") and "改法" in e for e in errors)


def test_a_typed_result_is_noticed_but_not_inside_formulas_or_code():
    assert [e.split(": ")[0] for e in quote.typed_by_hand("a\n损失是 0.123\n", RECORD, PAGE)] == ["docs/index.md:2"]
    assert quote.typed_by_hand("$0.123$ `0.123` arXiv:0.123 {{ loss:.3f }} 0.9\n", RECORD, PAGE) == []


def test_cell_options_and_dark_copy():
    source = "#| label: fig-a\n#| fig-cap: 说明：有冒号\nx = 1"
    assert outputs.options(source) == {"label": "fig-a", "fig-cap": "说明：有冒号"}
    assert outputs.without_options(source) == "x = 1"
    assert outputs.dark("fill: #1f2328; stroke: #0072b2") == "fill: #e6edf3; stroke: #0072b2"

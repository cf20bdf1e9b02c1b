"""The calculators compute what the notebooks measured and the pages state."""
import json
import subprocess

import pytest

from scripts import concepts
from scripts.environment import ROOT, node
from scripts.hooks import widgets
from scripts.notebooks import cache


def compute(expression):
    """Value of a JavaScript expression over the exports of specs.js."""
    code = f"import * as w from '{widgets.SPECS.as_uri()}'; console.log(JSON.stringify({expression}))"
    done = subprocess.run([node(), "--input-type=module", "-e", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def results(concept):
    return cache.load(cache.NOTEBOOKS / f"{concept}.ipynb")["results"]


def test_parameter_count_agrees_with_the_model_built_on_the_meta_device(site):
    run = results("architecture/parameter-count")
    totals = compute("Object.fromEntries(Object.entries(w.specs['parameter-count'].presets).map(([k, v]) => [k, w.decoder(v).total]))")
    assert totals["LLaMA-7B"] == run["total"] == 6_738_415_616
    for name, key in (("Mistral-7B", "mistral_7b"), ("Llama-3-8B", "llama_3_8b"), ("Llama-3-70B", "llama_3_70b")):
        assert totals[name] == run["models"][key]["total"]
    per_token = compute("w.kvBytes({layers: 32, kv: 32, headDim: 128, bytes: 2})")
    assert per_token == results("systems/kv-cache")["per_token"] == run["memory"]["llama_7b"]["kv_per_token_kib"] * 1024


def test_connectors_cost_on_another_page_what_their_own_notebook_counts(site):
    """One notebook writes out what another counts, being self-contained."""
    bill, share = results("multimodal/connectors")["bill"], results("multimodal/open-problems")["connector"]
    for name, said in share.items():
        assert said == pytest.approx(bill[name]["own_t"] / (2 * 7e9 * bill[name]["tokens"] / 1e12), rel=0.005)


def test_zero_agrees_with_the_simulated_ranks(site):
    run = results("systems/zero")
    for stage in range(4):
        assert compute(f"w.zeroBytes({stage}, {run['ranks']})") == pytest.approx(run["bytes"][str(stage)]["total"])
        assert compute(f"7.5 * w.zeroBytes({stage}, 64)") == pytest.approx(run["paper"][str(stage)])


def test_rope_agrees_with_the_decay_and_the_wavelengths(site):
    run = results("models/qwen")
    for distance, value in run["term"].items():
        assert compute(f"w.meanCosine({{distance: {distance}, base: 10000, dim: 128}})") == pytest.approx(value, abs=1e-9)
    assert compute("[1e4, 1e6].map((base) => w.longWaves({base, dim: 128, trained: 32768}))") == list(run["waves"].values())


def test_alibi_agrees_with_the_windows(site):
    windows = results("position/alibi")["windows"]
    assert compute("[1,2,3,4,5,6,7,8].map((h) => w.alibiWindow(2 ** -h))") == pytest.approx(windows, rel=1e-9)


def test_softmax_saturation_agrees_with_the_sampled_scores(site):
    run = results("attention/scaled-dot-product")
    assert compute(f"w.undecided(1024, {run['n_keys']})") == pytest.approx(run["undecided_theory_1024"], rel=1e-12)
    for d in (64, 256, 1024):
        row = run["rows"][str(d)]
        # A share of 32768 queries has a standard error of 0.003; the exponential gap is exact only for infinitely many keys.
        assert compute(f"w.undecided({d}, {run['n_keys']})") == pytest.approx(run["undecided"][str(d)], abs=0.06)
        # Even quantiles have a variance of 0.98 instead of 1, and the entropy loses half the variance in nats.
        scaled = compute("w.attend(1)")
        assert scaled["entropy"] == pytest.approx(row["sqrt"]["entropy"], abs=0.01)
        assert scaled["largest"] == pytest.approx(row["sqrt"]["p_max"], abs=0.02)
        # Their best two are never nearly tied, as some sampled ones are: the calculator saturates more, by no more than those.
        raw = compute(f"w.attend(Math.sqrt({d}))")
        assert 0 < row["none"]["entropy"] - raw["entropy"] < 0.12 and 0 < raw["largest"] - row["none"]["p_max"] < 0.15


def test_temperature_agrees_with_the_trained_model(site):
    lineup = results("multimodal/clip")["lineup"]
    for name, loss in lineup["loss"].items():
        said = compute(f"w.sharpened({lineup['cosines']}, {name.replace('_', '.')})")
        # The same cosines in double precision on both sides: only the order of the sums differs.
        assert said["loss"] == pytest.approx(loss, rel=1e-9, abs=1e-12)
        assert said["effective"] == pytest.approx(lineup["effective"][name], rel=1e-9)
        assert sum(said["negatives"]) == pytest.approx(1)


def test_speculative_decoding_agrees_with_the_coin(site):
    for gamma, row in results("systems/speculative-decoding")["coin"].items():
        expected = compute(f"w.tokensPerPass(0.8, {gamma})")
        assert expected == pytest.approx(row["formula"]) and expected == pytest.approx(row["measured"], abs=0.04)


def test_quantization_agrees_with_the_measured_error(site):
    table = results("systems/quantization")["table"]
    for bits in (8, 4):
        estimate = compute(f"w.roundingError({bits}, Math.sqrt(2 * Math.log(64)))")
        # The page's bound on the largest of n normals is about a quarter too large for groups of 64.
        assert table[f"{bits}_group64"]["gauss"] < estimate < 1.3 * table[f"{bits}_group64"]["gauss"]


def test_lora_counts_what_the_ledger_counts():
    assert compute("w.loraParameters({d: 4096, out: 4096, rank: 8, matrices: 2, layers: 32})") == 4_194_304


def test_every_calculator_stands_on_a_page_and_shows_numbers():
    pages = "\n".join((concepts.DOCS / f"{c}.md").read_text(encoding="utf-8") for c in concepts.pages())
    assert sorted(widgets.MARK.findall(pages)) == sorted(widgets.names()) and len(widgets.names()) >= 8
    shown = compute("Object.fromEntries(Object.entries(w.specs).map(([k, s]) => "
                    "[k, s.show(Object.fromEntries(s.fields.map((f) => [f.id, f.value])))]))")
    for name, rows in shown.items():
        assert len(rows) >= 3, name
        for row in rows:
            assert row["label"] and row["text"] and "NaN" not in row["text"], (name, row)
            assert 0 <= row.get("part", 0) <= 1, (name, row)
    extremes = compute("Object.entries(w.specs).flatMap(([k, s]) => ['min', 'max'].flatMap((end) => "
                       "s.show(Object.fromEntries(s.fields.map((f) => [f.id, f[end]])))).filter((r) => /NaN|Infinity/.test(r.text)).map((r) => k + r.label))")
    assert extremes == []

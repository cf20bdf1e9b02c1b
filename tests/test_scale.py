"""The generator of large sites makes what the benchmark says: that many pages, every name once, nothing dangling."""
from scripts import bench_scale, concepts
from scripts.checks import registry


def test_a_generated_site_is_a_site_that_passes_the_rules(tmp_path):
    bench_scale.generate(tmp_path, 300)
    pages = [p for p in (tmp_path / "docs").rglob("*.md")]
    notebooks = list((tmp_path / "notebooks").rglob("*.ipynb"))
    assert abs(len(pages) + len(notebooks) - 300) < 30 and len(notebooks) > len(concepts.pages())
    # Corrections stand once, on the originals; and no copy repeats a formula's name, a page's address or a missing half.
    found = registry.run(tmp_path)
    assert [line for line in found if any(f"[{rule}]" in line for rule in ("TEX-5", "PAIR-1", "PAIR-2", "PRE-1", "PRE-2", "NAME-2", "PAGE-2", "CLAIM-3"))] == []


def test_a_small_site_keeps_only_prerequisites_that_it_has(tmp_path):
    bench_scale.generate(tmp_path, 40)
    assert 10 <= len(list((tmp_path / "notebooks").rglob("*.ipynb"))) <= 14
    assert [line for line in registry.run(tmp_path) if "[PRE-1]" in line] == []

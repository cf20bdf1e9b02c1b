"""`make bench`: restoration, formula search, execution, scale, peers, pages; each prints a table with ratios or scores from this one run."""
import json
import subprocess
import sys

from scripts import bench_execution, bench_formulas, bench_pages, bench_peers, bench_results, bench_scale
from scripts.environment import CACHE, ROOT, node
from scripts.restore import bench as restoration


def main(argv):
    """Run all benchmarks, or those named: restore, formulas, execution, scale, peers, pages."""
    parts = {"restore": restoration.main, "formulas": _formulas, "execution": bench_execution.main, "scale": bench_scale.main, "peers": bench_peers.main, "pages": bench_pages.main}
    unknown = [name for name in argv if name not in parts]
    if unknown:
        print(f"没有叫 {unknown[0]} 的基准；改法：从 {'、'.join(parts)} 里选。", file=sys.stderr)
        return 2
    return max([parts[name]() or 0 for name in argv or parts])


def _formulas():
    quality = subprocess.run([node(), str(ROOT / "tests" / "formula-search" / "bench.mjs")], cwd=ROOT).returncode
    if quality == 0:
        bench_results.keep("formulas", json.loads((CACHE / "formula-search.json").read_text(encoding="utf-8")))
    return quality or bench_formulas.main()

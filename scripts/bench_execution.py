"""All notebooks executed cold, against the least time that their CPU seconds allow on this machine."""
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts import bench_results
from scripts.notebooks import cache, execute, shards


def main():
    """Print the ratio to the limit, record the CPU seconds by which CI spreads its machines; return an exit code."""
    # What a kernel must load before its first cell, paid once.
    start = _seconds(lambda: subprocess.run([sys.executable, "-c", "import torch, matplotlib.pyplot"], check=True))
    kept = cache.RUNS
    with tempfile.TemporaryDirectory() as folder:
        cache.RUNS = Path(folder)
        try:
            notebooks = cache.all_notebooks()
            errors = []
            wall = _seconds(lambda: errors.extend(execute.execute_all(report=lambda line: None)))
            if errors:
                print("\n".join(errors), file=sys.stderr)
                return 1
            seconds = {cache.concept_of(p): cache.load(p)["seconds"] for p in notebooks}
        finally:
            cache.RUNS = kept
    cores = os.cpu_count()
    limit = sum(seconds.values()) / cores + start
    bench_results.keep("execution", {"notebooks": len(seconds), "ratio": round(wall / limit, 3), "longest": round(max(seconds.values()) / limit, 3)})
    print(f"执行 {len(seconds)} 个笔记本，{cores} 核：墙钟 / （CPU 秒之和 ÷ 核数 + 一次启动）= {wall / limit:.3f}；"
          f"最长的一个占下限的 {max(seconds.values()) / limit:.2f}；开始时负载 {os.getloadavg()[1]:.1f}")
    shards.RECORDED.write_text(json.dumps(seconds, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def _seconds(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin

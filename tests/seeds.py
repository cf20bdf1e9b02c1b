"""Not part of the normal run: every assertion of every notebook on five seeds, and its CPU seconds.

    python -m tests.seeds [topic/concept …]
"""
import re
import subprocess
import sys

from scripts.environment import ROOT
from scripts.notebooks import cache
from scripts.notebooks.outputs import without_options

SEEDS = range(5)
# What a build's forked kernels have imported before a notebook starts (scripts/notebooks/kernelspec) does not count.
STARTED = "import time as _time, torch._dynamo; _started = _time.process_time()"
ENDED = "print(f'{_time.process_time() - _started:.1f}')"


def main(wanted):
    """Run notebooks as plain Python with other seeds; 0 only when all assertions hold."""
    import nbformat

    failures = 0
    for path in cache.all_notebooks():
        concept = cache.concept_of(path)
        if wanted and concept not in wanted:
            continue
        cells = [without_options(c.source) for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        for seed in SEEDS:
            code, replaced = re.subn(r"(?m)^SEED = 0$", f"SEED = {seed}", "\n".join([cells[0], STARTED, *cells[1:], ENDED]))
            assert replaced == 1, f"{concept}: SEED = 0 must stand once"
            done = subprocess.run([sys.executable, "-c", code], cwd=ROOT / ".cache", capture_output=True, text=True,
                                  env={"MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1", "PATH": "", "HOME": str(ROOT / ".cache")})
            ok = done.returncode == 0
            failures += not ok
            said = f"通过，导入之后 {done.stdout.split()[-1]} 秒 CPU" if ok else "失败：" + done.stderr.strip().splitlines()[-1]
            print(f"{concept} 种子 {seed} {said}", flush=True)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

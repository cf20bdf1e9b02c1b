"""Spread the notebooks over several machines by their recorded CPU seconds: the matrix of .github/workflows/gate.yml.

Standard library only: it runs before anything is installed.
"""
import heapq
import json
import math
import os
import statistics
import sys
from pathlib import Path

RECORDED = Path(__file__).with_name("durations.json")  # written by `python -m scripts bench execution`
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SECONDS_PER_MACHINE = 900
MOST = 20  # GitHub's free accounts run twenty jobs at once


def plan(seconds, machines):
    """Notebooks of each machine: longest first, each to the machine with the least so far.

    Args:
        seconds: {notebook: CPU seconds}.
        machines: how many; at least 1.

    Returns:
        list of lists of notebooks, none empty.
    """
    loads = [(0.0, n, []) for n in range(machines)]
    for name in sorted(seconds, key=lambda name: (-seconds[name], name)):
        load, n, names = heapq.heappop(loads)
        heapq.heappush(loads, (load + seconds[name], n, [*names, name]))
    return [names for _, _, names in sorted(loads, key=lambda item: item[1]) if names]


def needed(seconds, switch=""):
    """Number of machines: the switch (variable MACHINES of the repository), else one for every SECONDS_PER_MACHINE."""
    if switch:
        return max(1, min(MOST, int(switch)))
    return max(1, min(MOST, math.ceil(sum(seconds.values()) / SECONDS_PER_MACHINE)))


def expected(notebooks, recorded):
    """{notebook: seconds}; one that was never recorded counts as the median of the others."""
    usual = statistics.median(recorded.values()) if recorded else 1.0
    return {name: recorded.get(name, usual) for name in notebooks}


def main():
    """Print `shards=[…]` for GITHUB_OUTPUT; [] when one machine is enough and executes them itself."""
    names = sorted(p.relative_to(NOTEBOOKS).with_suffix("").as_posix() for p in NOTEBOOKS.glob("*/*.ipynb"))
    seconds = expected(names, json.loads(RECORDED.read_text(encoding="utf-8")))
    shards = plan(seconds, needed(seconds, os.environ.get("MACHINES", "")))
    print("shards=" + json.dumps([" ".join(shard) for shard in shards] if len(shards) > 1 else []))
    return 0


if __name__ == "__main__":
    sys.exit(main())

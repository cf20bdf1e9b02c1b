"""`python -m scripts check [PATH…]`: every check that needs no execution, in seconds."""
import sys
import time
from pathlib import Path

from scripts.checks import registry


def main(argv):
    """Print the faults, one line each; 0 only when there is none."""
    missing = [p for p in argv if not Path(p).exists()]
    if missing:
        print(f"{missing[0]}:1: [ARG-1] 没有这个文件；改法：检查路径。", file=sys.stderr)
        return 2
    start = time.perf_counter()
    faults = registry.run(only=argv)
    for fault in faults:
        print(fault)
    print(f"[检查] {len(registry.RULES)} 条规则，{len(faults)} 处不合，{time.perf_counter() - start:.1f} 秒", file=sys.stderr)
    return bool(faults)

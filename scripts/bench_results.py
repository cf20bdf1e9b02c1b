"""Results of the benchmarks that docs/performance.md shows, each with the machine and the day that it came from."""
import datetime
import json
import os
import platform

from scripts.environment import ROOT

FILE = ROOT / "docs" / "data" / "performance.json"


def read():
    """{part: result} as last measured; {} where nothing was."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def keep(part, result):
    """Put one benchmark's result in place of its last; the others stay."""
    machine = {"system": f"{platform.system()} {platform.machine()}", "cores": os.cpu_count(), "python": platform.python_version()}
    FILE.parent.mkdir(exist_ok=True)
    kept = {**read(), part: {"date": datetime.date.today().isoformat(), "machine": machine, **result}}
    FILE.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

"""`make serve`: execute what is stale, then mkdocs' live preview; an edited notebook re-runs only itself, an edited page
is rebuilt alone."""
import os
import subprocess
import sys

from scripts.environment import ROOT
from scripts.notebooks import execute


def main(argv):
    """Serve at 127.0.0.1:8000 until interrupted; extra arguments go to `mkdocs serve`."""
    errors = execute.execute_all()
    if errors:
        print("\n".join(errors), file=sys.stderr)
        return 1
    print("[预览] http://127.0.0.1:8000 ，改动保存后自动刷新；标题、先修与新页面要重新运行才进入导航和清单；Ctrl+C 结束", flush=True)
    return subprocess.run([sys.executable, "-m", "scripts.mkdocs_cli", "serve", "--no-strict", "--dirty",
                           "--dev-addr", "127.0.0.1:8000", *argv], cwd=ROOT,
                          env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}).returncode

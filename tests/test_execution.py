"""A notebook that raises, hangs, kills its kernel, writes or chatters stops the build by name, and site/ stays as it was."""
import errno
import shutil
import subprocess
import sys

import pytest

from scripts.notebooks import cache
from tests.test_rules import code

VICTIM = "attention/scaled-dot-product"


def sabotage(copy, line, cell_seconds=None):
    """Put one line behind the imports of the victim; keep the file canonical so that the checks pass."""
    code(line)(copy.root / "notebooks" / f"{VICTIM}.ipynb")
    if cell_seconds:
        copy.edit("scripts/notebooks/deadlines.py", "CELL_SECONDS = 120", f"CELL_SECONDS = {cell_seconds}")
    (copy.root / "site").mkdir()
    (copy.root / "site" / "index.html").write_text("the previous good site", encoding="utf-8")


@pytest.mark.parametrize("line, rule, says", [
    ("raise ValueError('no such head')", "RUN-1", "ValueError: no such head"),
    ("while True: pass", "RUN-2", "超过 5 秒"),
    ("import signal; signal.raise_signal(signal.SIGKILL)", "RUN-4", "内核中途退出"),
    ("import sys; print('careful', file=sys.stderr)", "RUN-6", "careful"),
    ("plt.figure().savefig", None, None),
], ids=["raises", "hangs", "kills-kernel", "stderr", "harmless"])
def test_build_stops_and_old_site_stays(copy, line, rule, says):
    sabotage(copy, line, cell_seconds=5 if rule == "RUN-2" else None)
    done = copy.run("build")
    if rule is None:  # the control: the same road without a fault leads to a new site
        assert done.returncode == 0, done.stderr
        assert (copy.root / "site" / "index.html").read_text(encoding="utf-8") != "the previous good site"
        return
    assert done.returncode == 1
    assert f"notebooks/{VICTIM}.ipynb:单元 2: [{rule}]" in done.stderr and says in done.stderr and "改法" in done.stderr
    assert (copy.root / "site" / "index.html").read_text(encoding="utf-8") == "the previous good site"
    assert [p.name for p in (copy.root / "site").iterdir()] == ["index.html"]


def test_every_notebook_on_disk_has_a_run(site):
    notebooks = cache.all_notebooks()
    assert len(notebooks) >= 6
    for path in notebooks:
        record = cache.load(path)
        assert record["concept"] == cache.concept_of(path)
        assert record["results"] and any(name.startswith("fig-") for name in record["figures"])


def test_key_depends_on_the_notebook_alone_and_its_surroundings(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_text("one", encoding="utf-8")
    first = cache.key(path)
    assert cache.key(path) == first
    path.write_text("two", encoding="utf-8")
    second = cache.key(path)
    lock = tmp_path / "requirements.txt"
    lock.write_text("torch==0", encoding="utf-8")
    monkeypatch.setattr(cache, "LOCK", lock)
    cache._surroundings.cache_clear()
    third = cache.key(path)
    cache._surroundings.cache_clear()
    assert len({first, second, third}) == 3


@pytest.mark.skipif(not shutil.which("unshare") or subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode != 0,
                    reason="the system does not let a process leave its network")
def test_a_kernel_has_no_network():
    launch = (cache.HERE / "kernelspec" / "llm-notes" / "launch.py").read_text(encoding="utf-8").split("if __name__")[0]
    probe = launch + ("cut_network()\nimport socket\n"
                      "print([n for _, n in socket.if_nameindex()], socket.socket().connect_ex(('127.0.0.1', 9)))")
    out = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    interfaces, error = out.stdout.rsplit(" ", 1)
    assert interfaces in ("['lo']", "[]") and int(error) == errno.ENETUNREACH, out.stdout + out.stderr

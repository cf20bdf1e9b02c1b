"""A notebook that raises, hangs, kills its kernel, writes or chatters stops the build by name, and site/ stays as it was."""
import errno
import os
import platform
import subprocess
import sys

import nbformat
import pytest

from scripts.notebooks import cache, outputs
from tests.conftest import errors_of
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
    ("torch.os.kill(torch.os.getpid(), 9)", "RUN-4", "内核中途退出"),
    ("print('careful', file=torch.sys.stderr)", "RUN-6", "careful"),
    ("plt.figure().get_dpi()", None, None),
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


def test_a_new_kernel_of_the_system_leaves_every_run_valid(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_text("one", encoding="utf-8")
    cache._surroundings.cache_clear()
    before = cache.key(path)
    monkeypatch.setattr(platform, "platform", lambda **_: "Linux-0.0")
    monkeypatch.setattr(platform, "release", lambda: "0.0")
    cache._surroundings.cache_clear()
    assert cache.key(path) == before


def test_a_run_that_cannot_be_kept_costs_nobody_else_theirs(room):
    notebooks = room(set="#| label: results\n{'a': {1, 2}}", bytes="#| label: results\n{'a': b'x'}", label="#| label: fig-a/b\n1",
                     picture="class Picture:\n    def _repr_svg_(self): return '<svg/>'\nPicture()", good="#| label: results\n{'a': [1, 'x']}")
    errors = sorted(errors_of(notebooks))
    assert [line.split(": ")[0].removeprefix("notebooks/") + line.split(": ")[1][:9] for line in errors] == [
        "bytes.ipynb:单元 1[RUN-8] `", "label.ipynb:单元 1[RUN-11] ", "picture.ipynb:1[RUN-10] ", "set.ipynb:单元 1[RUN-8] `"], errors
    assert all("改法" in line for line in errors)
    good = notebooks[-1]
    assert cache.load(good)["results"] == {"a": [1, "x"]} and cache.last_seconds(good) is not None
    assert list(cache.RUNS.iterdir()) == [cache.run_folder(good)], "a refused run has left something"


def test_a_label_names_one_thing():
    cells = [nbformat.v4.new_code_cell(f"#| label: {label}") for label in ("results", "fig-a_1", "fig-b", "fig-B", "fig-a.b", "Fig-c", "results")]
    cells.insert(1, nbformat.v4.new_markdown_cell("#| label: fig-b"))
    assert [number for number, _ in outputs.bad_labels([*cells, nbformat.v4.new_code_cell("1")])] == [5, 6, 7, 8]


@pytest.mark.parametrize("left", ["", '{"a": 1'])
def test_what_a_killed_build_has_left_of_the_durations_is_taken_for_none(room, left):
    [path] = room(a="1")
    (cache.CACHE / "durations.json").write_text(left, encoding="utf-8")
    assert cache.last_seconds(path) is None
    cache.remember_seconds({"a": 2.0})
    assert cache.last_seconds(path) == 2.0 and [p.name for p in cache.CACHE.iterdir()] == ["durations.json"]


def _may_leave_network():
    """Asked as launch.py asks, without the map of users, which some systems forbid although the namespace stands."""
    ask = "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x10000000 | 0x40000000) != 0)"  # CLONE_NEWUSER | CLONE_NEWNET
    return sys.platform == "linux" and subprocess.run([sys.executable, "-c", ask]).returncode == 0


# On the machines whose word counts, a test that does not run is no proof.
shut_off = pytest.mark.skipif(not os.environ.get("CI") and not _may_leave_network(), reason="the system does not let a process leave its network")


@shut_off
def test_a_kernel_has_no_network():
    launch = (cache.HERE / "kernelspec" / "llm-notes" / "launch.py").read_text(encoding="utf-8").split("if __name__")[0]
    probe = launch + ("cut_network()\nimport socket\n"
                      "print([n for _, n in socket.if_nameindex()], socket.socket().connect_ex(('127.0.0.1', 9)))")
    out = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    interfaces, error = out.stdout.rsplit(" ", 1)
    assert interfaces in ("['lo']", "[]") and int(error) == errno.ENETUNREACH, out.stdout + out.stderr

"""Kernels forked from one process that has torch imported: nothing passes from one notebook to the next."""
import atexit
import contextlib
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from scripts.notebooks import cache, execute, run
from tests.conftest import errors_of
from tests.test_execution import shut_off

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")

# What a careless or hostile notebook could leave behind in a shared process.
SPOIL = """
import builtins, os, random, sys, matplotlib.pyplot as plt, torch
builtins.leak = torch.leak = 1
os.environ["LEAK"] = "1"
sys.path.append("/leak")
sys.modules["leak"] = sys
torch.set_default_dtype(torch.float64)
torch.manual_seed(7), random.seed(7)
plt.rcParams["lines.linewidth"] = 99
plt.figure()
"""
LOOK = """
import builtins, os, sys, matplotlib.pyplot as plt, torch
print(hasattr(builtins, "leak"), hasattr(torch, "leak"), "LEAK" in os.environ, "leak" in sys.modules, "/leak" in sys.path)
print(torch.tensor(1.0).dtype, torch.initial_seed() == 7, plt.rcParams["lines.linewidth"], len(plt.get_fignums()))
print(os.listdir(), torch.get_num_threads(), os.environ["OMP_NUM_THREADS"], [p for p in sys.path if "kernelspec" in p])
"""
DRAW = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"


def outputs(path):
    return nbformat.read(cache.run_folder(path) / "executed.ipynb", as_version=4).cells[0].outputs


def test_no_state_passes_and_the_order_does_not_matter(room, monkeypatch):
    spoil, look, again, draw = room(spoil=SPOIL, look=LOOK, again=LOOK, draw=DRAW)
    assert errors_of([spoil, look, again, draw]) == []
    seen = outputs(look)[0].text
    assert "True" not in seen and "float32" in seen and "[] 1 1 []" in seen and " 1.8 0\n" in seen
    assert outputs(again)[0].text == seen
    figure = outputs(draw)
    assert "image/svg+xml" in figure[-1].data
    for path in (look, draw):
        for file in cache.run_folder(path).iterdir():
            file.unlink()
        cache.run_folder(path).rmdir()
    # The other order, and by a plain start.
    monkeypatch.setattr(execute, "_nursery", lambda notebooks, env: contextlib.nullcontext())
    assert errors_of([draw, look]) == []
    assert outputs(look)[0].text == seen
    assert outputs(draw) == figure


def test_a_kernel_that_dies_or_hangs_takes_nobody_with_it(room, monkeypatch):
    monkeypatch.setattr(run, "CELL_SECONDS", 4)
    dead, stuck, fine = room(dead="import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
                             stuck="import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass", fine="print(1)")
    before = set(children())
    errors = errors_of([dead, stuck, fine])
    assert sorted(line.split("[")[1][:5] for line in errors) == ["RUN-2", "RUN-4"]
    assert outputs(fine)[0].text == "1\n"
    deadline = time.monotonic() + 5
    while set(children()) - before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert set(children()) <= before, "a kernel or the nursery is still running"


def test_a_nursery_that_cannot_import_says_so(room, tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text("raise ImportError('libtorch is missing')\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    waiting = []
    monkeypatch.setattr(atexit, "register", lambda function, *values: waiting.append(function))
    monkeypatch.setattr(atexit, "unregister", lambda function: function in waiting and waiting.remove(function))
    with pytest.raises(RuntimeError, match="nursery.py 自己退出了：.*改法：确认 torch"):
        errors_of(room(a="print(1)"))
    assert waiting == [], "nbclient will complain once more when Python ends"


def children():
    """Processes on this machine whose command line names the nursery or the launcher."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if b"llm-notes" in file.read():
                    yield pid
        except OSError:
            pass


@shut_off
def test_the_nursery_itself_is_without_network(room):
    [path] = room(a="import socket\nprint(socket.socket().connect_ex(('127.0.0.1', 9)), *[n for _, n in socket.if_nameindex()])")
    assert errors_of([path]) == []
    error, *interfaces = outputs(path)[0].text.split()
    assert interfaces in ([], ["lo"]) and int(error) == errno.ENETUNREACH


# serve() with kernels that only sleep as long as they are told and end.
SERVE = """
import os, socket, sys, time
sys.path.insert(0, sys.argv[2])
import launch, nursery
launch.run_kernel = lambda: (time.sleep(float(os.environ["SLEEP"])), os._exit(3))
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)
nursery.serve(listener)
"""


def test_who_asked_and_left_while_its_kernel_ended_takes_nobody_with_it(tmp_path):
    folder = cache.HERE / "kernelspec" / "llm-notes"
    nursery = subprocess.Popen([sys.executable, "-c", SERVE, str(tmp_path / "s"), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(seconds):
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(tmp_path / "s"))
        line.sendall(json.dumps({"argv": [], "cwd": str(tmp_path), "env": {"SLEEP": str(seconds)}}).encode() + b"\n")
        return line

    try:
        nursery.stdout.readline()
        asked = ask(1)
        while not (kernels := Path(f"/proc/{nursery.pid}/task/{nursery.pid}/children").read_text().split()):
            time.sleep(0.01)
        os.kill(nursery.pid, signal.SIGSTOP)  # a busy machine: it sees both ends at once
        while Path(f"/proc/{kernels[0]}/stat").read_text().split()[2] != "Z":
            time.sleep(0.01)
        asked.close()
        os.kill(nursery.pid, signal.SIGCONT)
        with ask(0) as line:
            assert line.recv(16) == b"3"
    finally:
        nursery.kill()
        nursery.communicate()

"""One notebook in one kernel: executed, looked at, and its run stored.

Nothing inside a notebook can relax the rules: the kernel, the deadlines and the
handling of errors are set here, and tags or metadata are not read.
"""
import asyncio
import atexit
import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from scripts.environment import ROOT
from scripts.notebooks import cache, outputs
from scripts.notebooks.deadlines import CELL_SECONDS, TOTAL_SECONDS

OUTPUT_BYTES = 2_000_000
TOO_MUCH, PRINT_LESS = f"输出超过上限 {OUTPUT_BYTES // 1000} kB", "少打印，密集的散点用 rasterized=True。"
KERNEL = "llm-notes"


class RunError(Exception):
    """A notebook did not run as it must; the message is one Chinese line with file, cell and fix."""


class _Client(NotebookClient):
    """Ends a cell when its output passes the limit, not afterwards: nbclient tidies carriage returns by a pattern that
    takes time quadratic in the longest line, and three million characters in one would stop every deadline with it."""
    received = 0
    running = 1  # number of the cell; what arrived of its outputs is no guide: a kernel may die before its first message

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        self.received += len(content.get("text", "")) + sum(len(str(v)) for v in content.get("data", {}).values())
        if self.received > OUTPUT_BYTES:
            self.task_poll_for_reply.cancel()
            return None
        return super().process_message(msg, cell, cell_index)


async def execute(path, specs, env, turn):
    """Run one notebook and store the run.

    Args:
        path: the notebook.
        specs: where the kernel is described.
        env: what the kernel sees of the environment.
        turn: awaited when the kernel stands; cells run, and the clock of the whole notebook, when it returns.

    Returns:
        its CPU seconds. Raises RunError.
    """
    notebook = nbformat.read(path, as_version=4)
    for number, what in outputs.bad_labels(notebook.cells):
        raise RunError(_line(path, number, "RUN-11", what, "写 results，或 fig- 加字母、数字、- 与 _，每个标签只用一次。"))
    # The last cell reads the kernel's own clock; it is taken out again before the run is stored.
    notebook.cells.append(nbformat.v4.new_code_cell("__import__('time').process_time()"))
    # ipc: the kernel has no network, and Unix sockets need none. Windows has no Unix sockets in ZeroMQ.
    manager = AsyncKernelManager(kernel_name=KERNEL, kernel_spec_manager=specs,
                                 transport="tcp" if os.name == "nt" else "ipc")
    scratch = Path(tempfile.mkdtemp(prefix="run-"))
    work = scratch / "work"
    work.mkdir()
    manager.connection_file = str(scratch / "kernel.json")
    client = _Client(notebook, km=manager, timeout=CELL_SECONDS, startup_timeout=60, force_raise_errors=True,
                     allow_errors=False, skip_cells_with_tag="", record_timing=False, store_widget_state=False, coalesce_streams=True,
                     resources={"metadata": {"path": str(work)}})

    async def begin(notebook):
        await turn()
        deadline.reschedule(asyncio.get_running_loop().time() + TOTAL_SECONDS)

    async def note(cell, cell_index):
        client.running = cell_index + 1

    client.on_notebook_start, client.on_cell_start = begin, note
    try:
        async with asyncio.timeout(None) as deadline:
            await client.async_execute(env={**env, "IPYTHONDIR": str(scratch / "ipython")})
        left = sorted(p.name for p in work.iterdir())
    except CellExecutionError as error:
        raise RunError(_line(path, client.running, "RUN-1", f"{error.ename}: {_first_line(error.evalue)}",
                             "在本机运行这个笔记本，改到不报错为止。")) from None
    except CellTimeoutError:
        raise RunError(_line(path, client.running, "RUN-2", f"单元运行超过 {CELL_SECONDS} 秒",
                             "缩小规模或去掉死循环。")) from None
    except (TimeoutError, DeadKernelError, RuntimeError) as error:
        # nbclient calls every cancelled cell a dead kernel, so what cancelled it is asked first.
        if client.received > OUTPUT_BYTES:
            raise RunError(_line(path, client.running, "RUN-7", TOO_MUCH, PRINT_LESS)) from None
        if deadline.expired():
            raise RunError(_line(path, client.running, "RUN-3", f"整个笔记本运行超过 {TOTAL_SECONDS} 秒",
                                 "缩小规模，或拆成两个概念。")) from None
        raise RunError(_line(path, client.running, "RUN-4", f"内核中途退出（{_first_line(str(error))}）",
                             "检查内存用量、os._exit 与原生扩展。")) from None
    finally:
        atexit.unregister(client._cleanup_kernel)  # nbclient leaves it where no kernel came up; it would complain after our own message
        if manager.has_kernel:
            await manager.shutdown_kernel(now=True)
        shutil.rmtree(scratch, ignore_errors=True)
    if left:
        raise RunError(f"{_name(path)}:1: [RUN-5] 运行后留下了文件 {'、'.join(left)}；改法：笔记本不写文件。")
    seconds = float(notebook.cells.pop().outputs[0].data["text/plain"])
    _store(path, notebook, seconds)
    return round(seconds, 1)


def _store(path, notebook, seconds):
    """Write the run into a temporary folder and rename it: a run is whole or not there."""
    # What was renamed is no longer there to clean up; a run that is refused leaves nothing.
    with tempfile.TemporaryDirectory(prefix="new-", dir=_made(cache.RUNS), ignore_cleanup_errors=True) as new:
        _fill(Path(new), path, notebook, seconds)
        final = cache.run_folder(path)
        if final.exists():
            shutil.rmtree(final)
        Path(new).rename(final)


def _fill(new, path, notebook, seconds):
    """Write the files of the run into the folder `new`. Raises RunError."""
    record = {"concept": cache.concept_of(path), "seconds": round(seconds, 1), "python": sys.version.split()[0],
              "torch": _torch_version(), "results": None, "figures": {}}
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        _refuse_noise(path, number, cell)
        option = outputs.options(cell.source)
        label = option.get("label", "")
        if label == "results":
            try:
                record["results"] = outputs.results(cell)
            except ValueError as error:
                raise RunError(f"{_name(path)}:单元 {number}: [RUN-8] {error}") from None
        for index, svg in enumerate(outputs.svgs(cell)):
            name = label if label.startswith("fig-") and index == 0 else f"cell-{number}-{index}"
            svg = outputs.lean(svg)
            (new / f"{name}.svg").write_text(svg, encoding="utf-8")
            (new / f"{name}.dark.svg").write_text(outputs.dark(svg), encoding="utf-8")
            width, height = outputs.size(svg)
            record["figures"][name] = {"cell": number, "index": index, "width": width, "height": height,
                                       "alt": option.get("fig-alt", ""), "caption": option.get("fig-cap", "")}
        if label.startswith("fig-") and label not in record["figures"]:
            raise RunError(_line(path, number, "RUN-9", f"标了 {label} 却没有画出图", "在这个单元里画图并 plt.show()。"))
    text = nbformat.writes(notebook)
    if len(text.encode()) > OUTPUT_BYTES:
        raise RunError(f"{_name(path)}:1: [RUN-7] {TOO_MUCH}；改法：{PRINT_LESS}")
    (new / "executed.ipynb").write_text(text, encoding="utf-8")
    (new / "record.json").write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")


def _refuse_noise(path, number, cell):
    """Anything on stderr is a warning that a reader would see, or an error that was hidden."""
    for output in cell.get("outputs", ()):
        if output.get("output_type") == "stream" and output.get("name") == "stderr":
            line = next((l for l in output["text"].splitlines() if l.strip()), "")
            what = "图中有缺字" if re.search(r"Glyph .* missing", output["text"]) else "单元向 stderr 输出"
            raise RunError(_line(path, number, "RUN-6", f"{what}：{line.strip()[:160]}", "消除警告；图内只用符号和英文。"))


def _line(path, number, rule, what, fix):
    """`path:单元 n: [ID] …`."""
    return f"{_name(path)}:单元 {number}: [{rule}] {what}；改法：{fix}"


def _first_line(text):
    return (text.strip().splitlines() or ["（没有说明）"])[0][:200]


def _name(path):
    return path.relative_to(ROOT).as_posix()


def _torch_version():
    from importlib.metadata import version
    return version("torch")


def _made(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return folder

"""Execute every notebook whose run is not in the cache: in parallel, longest first.

On Linux the kernels are forked from one process that imports torch (kernelspec/llm-notes/nursery.py). It is started
before anything else is loaded: for a short notebook its imports are most of the wait.
"""
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback

from scripts.notebooks import cache


def stale(notebooks=None):
    """Notebooks without a valid run, of those given or of all, in the order in which they are executed."""
    found = [p for p in (cache.all_notebooks() if notebooks is None else notebooks) if cache.load(p) is None]
    # Longest first keeps the last worker from starting a long one at the end; unknown ones count as long.
    return sorted(found, key=lambda p: -(cache.last_seconds(p) or float("inf")))


def execute_all(notebooks=None, report=print):
    """Bring the runs of all notebooks up to date.

    Args:
        notebooks: paths; default every notebook on disk.
        report: called with one line per notebook.

    Returns:
        list of Chinese error lines, empty when every notebook has a valid run.
    """
    wanted = stale(notebooks)
    if not wanted:
        report(f"[执行] {len(cache.all_notebooks() if notebooks is None else notebooks)} 个笔记本都有有效的运行结果")
        return []
    if os.name == "nt":  # ZeroMQ cannot wait for sockets in Windows' default event loop
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    env = _environment()
    with _nursery(len(wanted), env) as nursery:
        return asyncio.run(_execute_each(wanted, report, {**env, "NURSERY": nursery} if nursery else env))


@contextlib.contextmanager
def _nursery(notebooks, env):
    """Address of a nursery, which may still be importing; None where forking is not safe."""
    if sys.platform != "linux":
        yield None
        return
    # What an optimiser loads at its first step takes as long as torch itself: imported once where many may need it.
    more = ["torch._dynamo"] if notebooks > (os.cpu_count() or 1) else []
    with tempfile.TemporaryDirectory(prefix="nursery-") as folder:
        script = cache.HERE / "kernelspec" / "llm-notes" / "nursery.py"
        nursery = subprocess.Popen([sys.executable, str(script), f"{folder}/socket", *more], cwd=folder, env=env,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            nursery.stdout.readline()  # it listens now, or has ended
            yield f"{folder}/socket"
            if nursery.poll() is not None:
                raise RuntimeError("scripts/notebooks/kernelspec/llm-notes/nursery.py 自己退出了：见上面的报错；"
                                   "改法：确认 torch 与 matplotlib 能导入，必要时删除 .venv 重建。")
        finally:
            nursery.stdin.close()
            nursery.wait(10)


async def _execute_each(notebooks, report, env):
    from jupyter_client.kernelspec import KernelSpecManager

    from scripts.notebooks import run  # loads what talks to kernels, while the nursery imports what they need

    cores = os.cpu_count() or 1
    # A kernel takes a while to start and needs little for it: one more than there are cores waits for its turn, started.
    started, computing = asyncio.Semaphore(cores + 1), asyncio.Semaphore(cores)
    done, errors, seconds = 0, [], {}
    specs = KernelSpecManager(kernel_dirs=[str(cache.HERE / "kernelspec")], ensure_native_kernel=False)

    async def one(path):
        nonlocal done
        begun = None

        async def turn():
            nonlocal begun
            await computing.acquire()
            begun = time.perf_counter()

        async with started:
            try:
                seconds[cache.concept_of(path)] = await run.execute(path, specs, env, turn)
            except run.RunError as error:
                errors.append(str(error))
            except Exception as error:  # the others' runs must not be lost with it
                place = traceback.extract_tb(error.__traceback__)[-1]
                errors.append(f"notebooks/{cache.concept_of(path)}.ipynb:1: [RUN-10] 运行结果存不下来（{type(error).__name__}: {error}，"
                              f"在 {os.path.basename(place.filename)}:{place.lineno}）；改法：图用 matplotlib 画，输出只用普通的文字与数。")
            finally:
                if begun:
                    computing.release()
            done += 1
            took = f"{time.perf_counter() - begun:.1f} 秒" if begun else ""
            outcome = "" if cache.concept_of(path) in seconds else "  失败"
            report(f"[执行 {done}/{len(notebooks)}] {cache.concept_of(path)}  {took}{outcome}")

    await asyncio.gather(*(one(path) for path in notebooks))
    cache.remember_seconds(seconds)
    return errors


def _environment():
    """What a kernel sees of the environment, the same for every notebook but for its own IPYTHONDIR."""
    return {**os.environ, "MATPLOTLIBRC": str(cache.HERE / "matplotlibrc"), "MPLCONFIGDIR": str(cache.CACHE / "matplotlib"),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline", "OMP_NUM_THREADS": "1", "SOURCE_DATE_EPOCH": "0",
            "PYTHONHASHSEED": "0", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


if __name__ == "__main__":
    # Asked to end, it ends its kernels and takes its folders away, as after Ctrl+C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    problems = execute_all()
    print("\n".join(problems), end="", file=sys.stderr)
    sys.exit(bool(problems))

"""The same pages and notebooks through this project and through its peers, in one run on one machine.

Quarto is not among them: its package fetches a program from elsewhere while installing.
"""
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from scripts import bench_results, bench_scale
from scripts.environment import CACHE, ROOT, VENV
from scripts.hooks import performance
from scripts.notebooks import shards

PAGES = 32  # eight concepts, a page and a notebook each
PEERS = CACHE / "peers"
WANTED = ["jupyter-book<2", "nbsphinx", "pypandoc_binary"]

MKDOCS = """site_name: x
theme: {name: material, font: false}
plugins:
  - search
  - mkdocs-jupyter: {execute: true, include: ["*.ipynb"], ignore: ["*.md"]}
markdown_extensions: [admonition, attr_list, tables, pymdownx.details, pymdownx.superfences, {pymdownx.arithmatex: {generic: true}}]
"""
BOOK = """title: x
execute: {execute_notebooks: cache, timeout: 300}
parse: {myst_enable_extensions: [dollarmath, amsmath]}
"""
SPHINX = """project = "x"
extensions = ["nbsphinx", "myst_parser"]
myst_enable_extensions = ["dollarmath"]
nbsphinx_execute = "auto"
nbsphinx_timeout = 300
exclude_patterns = ["_build"]
"""


def main():
    """Print the table, keep it in docs/data/performance.json; return an exit code."""
    _install()
    result = {"ways": {}}
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        base = Path(folder) / "ours"
        bench_scale.generate(base, PAGES)
        # Runs of its own: nothing may be known beforehand.
        (base / ".cache" / "runs").unlink()
        (base / ".cache" / "runs").mkdir()
        notebooks = sorted(p.relative_to(base / "notebooks").with_suffix("").as_posix() for p in (base / "notebooks").rglob("*.ipynb"))
        result["notebooks"] = notebooks
        recorded = json.loads(shards.RECORDED.read_text(encoding="utf-8"))
        changed = result["changed"] = sorted(notebooks, key=recorded.get)[len(notebooks) // 2]  # neither the lightest nor the heaviest
        for name, make, command, site in WAYS:
            root = make(Path(folder), base, notebooks)
            result["ways"][name] = _measure(root, command, site, changed)
            print(name, result["ways"][name], flush=True)
        records = [json.loads(p.read_text(encoding="utf-8")) for p in (base / ".cache" / "runs").rglob("record.json")]
    seconds = {r["concept"]: r["seconds"] for r in records}
    # What no way can save in the last step: the changed notebook's own computing, as little as it took in this run.
    result["own"] = min(r["seconds"] for r in records if r["concept"] == changed)
    start = _timed([str(VENV / "bin" / "python"), "-c", "import torch, matplotlib.pyplot"], ROOT)[0]
    result["limit"] = sum(seconds[n] for n in notebooks) / os.cpu_count() + start
    result = _ratios(result)
    bench_results.keep("peers", result)
    print(performance.peers(result))
    return 0


def _ratios(result):
    ours = next(iter(result["ways"].values()))
    ways = {name: {"times": {step: round(way["times"][step] / ours["times"][step], 3) for step in performance.STEPS},
                   "page": round(way["page"], 1), "memory": round(way["memory"] / ours["memory"], 3)} for name, way in result["ways"].items()}
    return {**result, "ways": ways, "limit": round(ours["times"]["cold"] / result["limit"], 3), "own": round(result["own"] / ours["times"]["code"], 3)}


def _measure(root, command, site, notebook):
    times, peak = {}, 0
    for step in performance.STEPS:
        if step == "text":
            page = next(root.rglob(f"{notebook}.md"))
            page.write_text(page.read_text(encoding="utf-8") + "\n又一句话。\n", encoding="utf-8")
        if step == "code":
            path = next(p for p in root.rglob(f"{notebook}.ipynb") if not {".cache", "_build", "site"} & set(p.parts))
            changed = json.loads(path.read_text(encoding="utf-8"))
            code = next(c for c in changed["cells"] if c["cell_type"] == "code")
            code["source"] = "".join(code["source"]) + "\nunused = None"
            path.write_text(json.dumps(changed, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        times[step], memory = _timed(command, root)
        if step == "nothing":
            peak = memory  # in the others the largest process is a kernel, the same for all
    pages = [p for p in (root / site).rglob("*.html") if notebook.split("/")[1] in p.as_posix()]
    return {"times": times, "page": max(len(gzip.compress(p.read_bytes())) for p in pages) / 1000, "memory": peak}


def _timed(command, root):
    """Seconds, and peak memory of the largest process in kB; raises when the command fails."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "NO_MKDOCS_2_WARNING": "1", "PATH": f"{_pandoc()}{os.pathsep}{os.environ['PATH']}"}
    begin = time.perf_counter()
    child = subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} 没有成功：\n{said[-2000:]}")
    return time.perf_counter() - begin, used.ru_maxrss


def _ours(folder, base, notebooks):
    return base


def _plain(folder, base, notebooks):
    root = folder / "plain"
    _contents(root / "docs", base, notebooks)
    (root / "docs" / "index.md").write_text("# x\n", encoding="utf-8")
    (root / "mkdocs.yml").write_text(MKDOCS, encoding="utf-8")
    return root


def _book(folder, base, notebooks):
    root = folder / "book"
    _contents(root, base, notebooks)
    (root / "index.md").write_text("# x\n", encoding="utf-8")
    (root / "_config.yml").write_text(BOOK, encoding="utf-8")
    listed = [f"- file: {kind}/{n}" for n in notebooks for kind in ("pages", "notebooks")]
    (root / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n" + "\n".join(listed) + "\n", encoding="utf-8")
    return root


def _sphinx(folder, base, notebooks):
    root = folder / "sphinx"
    _contents(root, base, notebooks)
    listed = "\n".join(f"{kind}/{n}" for n in notebooks for kind in ("pages", "notebooks"))
    (root / "index.md").write_text(f"# x\n\n```{{toctree}}\n{listed}\n```\n", encoding="utf-8")
    (root / "conf.py").write_text(SPHINX, encoding="utf-8")
    return root


def _contents(root, base, notebooks):
    """Pages and notebooks alone. What only this project understands stays as text, but pictures that are nowhere
    go: Sphinx reads a page again and again while one of its files is missing."""
    for name in notebooks:
        for kind, source in (("pages", base / "docs" / f"{name}.md"), ("notebooks", base / "notebooks" / f"{name}.ipynb")):
            target = root / kind / f"{name}{source.suffix}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
            if kind == "pages":
                text = target.read_text(encoding="utf-8")
                target.write_text(re.sub(r"!\[[^\]]*\]\(notebook:[^)]*\)", "", text), encoding="utf-8")


def _install():
    if (PEERS / "ready").exists():
        return
    venv.EnvBuilder(with_pip=True, clear=True).create(PEERS)
    subprocess.run([str(PEERS / "bin" / "python"), "-m", "pip", "install", "--quiet", *WANTED], check=True)
    # torch, matplotlib and the kernel are the project's own; the peers' packages come first.
    [own] = (PEERS / "lib").glob("python*/site-packages")
    [shared] = (VENV / "lib").glob("python*/site-packages")
    (own / "shared.pth").write_text(f"{shared}\n", encoding="utf-8")
    (PEERS / "ready").touch()


def _pandoc():
    return next((PEERS / "lib").glob("python*/site-packages/pypandoc/files"))


PYTHON, OTHER = str(VENV / "bin" / "python"), str(PEERS / "bin" / "python")
WAYS = [("本项目", _ours, [PYTHON, "-m", "scripts.mkdocs_cli", "build", "-q", "--no-strict"], "site"),
        ("mkdocs-jupyter", _plain, [PYTHON, "-m", "mkdocs", "build", "-q", "--no-strict"], "site"),
        ("Jupyter Book 1", _book, [OTHER, "-c", "from jupyter_book.cli.main import main; main()", "build", "-q", "."], "_build/html"),
        ("Sphinx + nbsphinx", _sphinx, [OTHER, "-m", "sphinx", "-q", "-b", "html", ".", "_build/html"], "_build/html")]

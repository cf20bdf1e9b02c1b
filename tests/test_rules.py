"""Every rule catches its fault: put it into a copy of the project, expect file, id and fix in one Chinese line."""
import functools
import json
import os
import re
import subprocess
import sys

import pytest

from scripts.checks import registry
from scripts.environment import ROOT
from scripts.hooks import rules

PAGE = "docs/attention/scaled-dot-product.md"
NOTEBOOK = "notebooks/attention/scaled-dot-product.ipynb"
ASKED = "scripts/formulas/asked/attention.tsv"
WORKFLOW = ".github/workflows/check.yml"


def replaced(old, new):
    def fault(path):
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    return fault


def written(content):
    def fault(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return fault


def appended(line):
    def fault(path):
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(line)
    return fault


def notebook(change):
    """Change the parsed notebook and save it in canonical form."""
    def fault(path):
        parsed = json.loads(path.read_text(encoding="utf-8"))
        change(parsed)
        path.write_text(json.dumps(parsed, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return fault


def code(line):
    """Add a line to the first code cell."""
    def change(parsed):
        cell = next(c for c in parsed["cells"] if c["cell_type"] == "code")
        cell["source"] = "".join(cell["source"]) + "\n" + line
    return notebook(change)


def each_source(old, new):
    def change(parsed):
        for cell in parsed["cells"]:
            cell["source"] = "".join(cell["source"]).replace(old, new)
    return notebook(change)


def vanished(path):
    """A page that the last commit has and the folder has not."""
    page = path.parent / "gone.md"
    page.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    for command in ("init -q", "add docs/attention/gone.md", "-c user.name=x -c user.email=x@example.org commit -qm x"):
        subprocess.run(["git", *command.split()], cwd=path.parents[2], check=True)
    page.unlink()


def symlink(path):
    path.symlink_to("/etc/hostname")


def loop(path):
    replaced("prerequisites: []", "prerequisites: [position/rope]")(path)
    other = path.parent.parent / "position" / "rope.md"
    text = other.read_text(encoding="utf-8")
    other.write_text(re.sub(r"(?m)^prerequisites:.*$", "prerequisites: [attention/scaled-dot-product]", text, count=1), encoding="utf-8")


CORRECTIONS = "docs/source/corrections.yml"
ENTRY = "- {{id: {}, date: 2026-12-01, claim: 原话, verdict: {}, issue: 1}}\n"
FAULTS = [
    *(("LINK-2", PAGE, replaced("https://arxiv.org/abs/1706.03762", wrong)) for wrong in (
        "http://arxiv.org/abs/1706.03762", "https://arxiv.org/abs/1706.0376", "https://arxiv.org/pdf/1706.03762", "https://doi.org/1706.03762",
        "https://github.com/owner", "https://github.com/owner/name/blob/", "https://www.github.com/owner/name/edit/main/x")),
    ("CLAIM-4", CORRECTIONS, written("{}")),
    ("CLAIM-4", CORRECTIONS, written("- {id: R-1")),
    ("CLAIM-4", CORRECTIONS, written("- 一句话\n")),
    ("CLAIM-4", CORRECTIONS, written("- {date: 2024-02-31}\n")),
    ("CLAIM-4", CORRECTIONS, written("- \x00\n")),
    ("CLAIM-4", CORRECTIONS, written(b"\xff\xfe")),
    ("CLAIM-4", CORRECTIONS, written(ENTRY.format("R-2", "错误"))),
    ("CLAIM-4", CORRECTIONS, written(ENTRY.format("R-1", "不对"))),
    ("CLAIM-4", CORRECTIONS, written(ENTRY.format("R-1", "错误"))),
    ("CLAIM-5", "docs/source/ledger.json", replaced('"quote": "', '"quote": "笔记没有这样说')),
    ("CLAIM-5", "docs/source/ledger.json", replaced('"quote": "', '"unquoted": "')),
    ("CLAIM-4", CORRECTIONS, written("- {id: []}\n")),
    ("CLAIM-5", "docs/source/ledger.json", written("[")),
    ("CLAIM-5", "docs/source/ledger.json", replaced('"quote": "', '"quote": ["x"], "unquoted": "')),
    ("CLAIM-5", "docs/source/ledger.json", written('[{"id": "A1-01"}]')),
    ("ADDR-1", PAGE, vanished),
    ("ADDR-2", PAGE, replaced("prerequisites:", "formerly: [attention/grouped-query]\nprerequisites:")),
    ("ADDR-2", PAGE, replaced("prerequisites:", "formerly: [../escape]\nprerequisites:")),
    ("TEXT-1", PAGE, written("注意力".encode("gbk"))),
    ("TEXT-1", PAGE, written("注意力".encode("utf-16"))),
    ("TEXT-2", PAGE, written(b"\xef\xbb\xbf---\ntitle: x\n---\n")),
    ("TEXT-3", PAGE, replaced("## 定义\n", "## 定义\r\n")),
    ("TEXT-4", PAGE, replaced("## 定义", "## 定\x00义")),
    ("TEXT-5", PAGE, replaced("## 定义", "## 定\u200b义")),
    ("TEXT-5", PAGE, replaced("## 定义", "## 定义\u2f00")),
    ("TEXT-5", NOTEBOOK, replaced("import math", "import math\u202e")),
    ("TEXT-6", PAGE, replaced("## 定义", "## 瀹氫箟锛氱缉鏀剧偣绉敞鎰忓姏")),  # 允许乱码示例
    ("TEXT-6", PAGE, replaced("## 定义", "## 锟斤拷锟斤拷")),  # 允许乱码示例
    ("TEXT-7", PAGE, replaced("## 定义", "[" * 20000)),
    ("TEXT-8", PAGE, replaced("## 定义", "<<<<<<< HEAD\n## 定义")),
    ("PAGE-1", PAGE, replaced("title: 缩放点积注意力", "title: [缩放点积注意力")),
    ("PAGE-1", PAGE, replaced("title: 缩放", "title: 2024-02-31 # ")),
    ("PAGE-1", PAGE, replaced("prerequisites:", "formerly: 2024-99-99\nprerequisites:")),
    ("PAGE-1", PAGE, replaced("title: 缩放", "title: !!bool x # ")),
    ("PAGE-1", PAGE, replaced("title: 缩放", "title: " + "[" * 2400 + "]" * 2400 + " # ")),
    ("PAGE-2", PAGE, replaced("prerequisites: []\n", "")),
    ("PAGE-2", PAGE, replaced("prerequisites: []\n", "prerequisites: []\nauthor: x\n")),
    ("PAGE-3", PAGE, replaced("## 定义", "# 定义")),
    ("PAGE-4", PAGE, replaced("## 追问", "## 问答")),
    ("PAGE-5", PAGE, replaced("## 定义", "<script>alert(1)</script>")),
    ("PAGE-5", PAGE, replaced("## 定义", '<img src=x onerror="alert(1)">')),
    ("PAGE-6", PAGE, replaced("## 定义", "## 定义 $d_k$")),
    ("PAGE-7", PAGE, replaced("见 [Vaswani et al., 2017, §3.2.1 式 (1)](https://arxiv.org/abs/1706.03762)", "见某篇博客")),
    ("PAGE-8", PAGE, replaced("## 定义", "[打开](https://colab.research.google.com/github/a/b/blob/main/x.ipynb)")),
    ("PAGE-9", PAGE, replaced("## 定义", "见 [$d_k$](#variance)。\n\n## 定义")),
    ("PAGE-9", PAGE, replaced("## 定义", "| 头 | $d_k$ |\n|---|---:|\n| 1 | 64 |\n\n## 定义")),
    ("LINK-1", PAGE, replaced("## 定义", "[不存在](nowhere.md)")),
    ("LINK-1", PAGE, replaced("## 定义", "[不存在](nowhere.md?q=a)")),
    ("FIG-1", PAGE, replaced("notebook:fig-saturation", "notebook:fig-nowhere")),
    ("FIG-2", PAGE, replaced("![双对数图，实测的点沿极值理论的曲线下降，尾部近似斜率为负二分之一的直线。]", "![图]")),
    ("TEX-1", PAGE, replaced("$d_k=4$", "$\\frac{1}{$")),
    ("TEX-1", PAGE, replaced("$d_k=4$", "$\\undefined$")),
    ("TEX-1", PAGE, replaced("$d_k=4$", "$" + "{" * 4000 + "$")),
    ("TEX-2", PAGE, replaced("\\label{tied-share}", "\\label{other}")),
    ("TEX-3", PAGE, replaced("    en: Variance of the dot product\n", "")),
    ("TEX-3", PAGE, replaced("    aliases: [", "    aliases: [11008, ")),
    ("TEX-6", PAGE, replaced("  dot-variance:\n", "  dot-variance:\n    code: nowhere\n")),
    ("TEX-6", PAGE, replaced("  dot-variance:\n", "  dot-variance:\n    code: [nowhere]\n")),
    ("TEX-7", PAGE, replaced("  dot-variance:\n", "  dot-variance:\n    same: nowhere\n")),
    ("TEX-7", PAGE, replaced("  dot-variance:\n", "  dot-variance:\n    same: [nowhere]\n")),
    ("TEX-7", PAGE, replaced("  dot-variance:\n", "  dot-variance:\n    same: dot-variance\n")),
    ("TEX-8", ASKED, replaced("\t", " ")),
    ("TEX-8", ASKED, appended("no-such-formula\t怎么问\n")),
    ("TEX-8", ASKED, appended("sdpa\t缩放\t点积\n")),
    ("TEX-8", ASKED, appended("sdpa\t怎么问\nsdpa\t怎么问\n")),
    ("TEX-4", PAGE, replaced("$$\n\\label{tied-share}", "\\label{tied-share}")),
    ("TEX-5", "docs/position/rope.md", replaced("formulas:\n", "formulas:\n  sdpa: {title: 重名, en: x, aliases: [], meaning: x, symbols: {}}\n")),
    ("NB-1", NOTEBOOK, written("")),
    ("NB-1", NOTEBOOK, replaced('"cells"', '"cel')),
    ("NB-1", NOTEBOOK, written("[" * 100_000)),
    ("NB-1", NOTEBOOK, notebook(lambda n: n.update(cells=["x"]))),
    ("NB-1", NOTEBOOK, notebook(lambda n: n.update(cells={}))),
    ("NB-1", NOTEBOOK, notebook(lambda n: n["cells"][1].update(source=None))),
    ("NB-1", NOTEBOOK, notebook(lambda n: n["cells"][1].update(source=[1]))),
    ("NB-1", NOTEBOOK, notebook(lambda n: n["cells"][1].pop("source"))),
    ("NB-1", NOTEBOOK, notebook(lambda n: n["cells"][1].update(id=[]))),
    ("NB-1", NOTEBOOK, notebook(lambda n: n.update(nbformat_minor=[]))),
    ("NB-1", NOTEBOOK, notebook(lambda n: n["cells"][0].update(id=n["cells"][1]["id"]))),
    ("NB-1", NOTEBOOK, notebook(lambda n: n["cells"][1].pop("outputs"))),
    ("NB-2", NOTEBOOK, notebook(lambda n: n["cells"][1].update(execution_count=1))),
    ("NB-3", NOTEBOOK, notebook(lambda n: n["metadata"].pop("kernelspec"))),
    ("NB-3", NOTEBOOK, notebook(lambda n: n["metadata"].update(execution={"allow_errors": True, "timeout": -1}))),
    ("NB-4", NOTEBOOK, notebook(lambda n: n["cells"][1].update(metadata={"tags": ["raises-exception"]}))),
    ("NB-5", NOTEBOOK, each_source("# 不除以 $\\sqrt{d_k}$，softmax 会怎样？", "# 缩放")),
    ("NB-6", NOTEBOOK, code("import numpy as np")),
    ("NB-6", NOTEBOOK, code("import urllib.request")),
    *(("NB-6", NOTEBOOK, code(line)) for line in (
        "import posix", "import _socket", "import sqlite3", "import xmlrpc.client, imaplib", "import pty", "import runpy", "import builtins",
        "import codecs", "import contextlib", "from torch import os", "import torch.multiprocessing", "from . import x")),
    ("NB-7", NOTEBOOK, code("!false")),
    ("NB-7", NOTEBOOK, code("%%script bash --no-raise-error")),
    ("NB-7", NOTEBOOK, code("def broken(:")),
    ("NB-7", NOTEBOOK, code("x = " + "-" * 4900 + "1")),
    ("NB-7", NOTEBOOK, code("x = '\x00'")),
    ("NB-7", NOTEBOOK, replaced("import math", "x = '\\ud800'\\nimport math")),
    ("NB-8", NOTEBOOK, code("open('x', 'w')")),
    ("NB-8", NOTEBOOK, code("import io\nio.open('x', 'w')")),
    ("NB-8", NOTEBOOK, code("import io\nio.FileIO('x', 'w')")),
    ("NB-8", NOTEBOOK, code("from io import open as o\no('x', 'w')")),
    ("NB-8", NOTEBOOK, code("o = open")),
    ("NB-8", NOTEBOOK, code("plt.figure().savefig('x.png')")),
    ("NB-9", NOTEBOOK, each_source("#| fig-alt:", "# alt:")),
    ("NB-10", NOTEBOOK, each_source("assert ", "bool() or ")),
    ("NB-11", NOTEBOOK, each_source("torch.set_num_threads(1)", "torch.set_num_threads(2)")),
    ("NB-12", NOTEBOOK, code("try:\n    x = 1\nexcept Exception:\n    pass")),
    ("NB-12", NOTEBOOK, code("try:\n    x = 1\nexcept:\n    pass")),
    ("NB-12", NOTEBOOK, code("try:\n    x = 1\nexcept (Exception,):\n    pass")),
    ("NB-12", NOTEBOOK, code("try:\n    x = 1\nexcept (ValueError, (BaseException,)):\n    pass")),
    ("NB-12", NOTEBOOK, code("try:\n    x = 1\nexcept* Exception:\n    pass")),
    ("NB-13", NOTEBOOK, each_source("## 这个实验没有说明什么", "## 结语")),
    ("NB-14", NOTEBOOK, each_source("## 一次抽样", "https://colab.research.google.com/x")),
    ("NB-15", NOTEBOOK, lambda path: path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")),
    ("NB-16", NOTEBOOK, each_source("## 一次抽样", "<img src=x onerror=alert(1)>")),
    ("NAME-1", "docs/attention/注意力.md", written("---\ntitle: x\ndescription: x\n---\n")),
    ("NAME-1", "docs/attention/a b.md", written("---\ntitle: x\ndescription: x\n---\n")),
    ("NAME-1", "docs/attention/大 图.png", written("x")),
    ("NAME-2", "docs/attention.md", written("---\ntitle: x\ndescription: x\n---\n")),
    ("NAME-3", "docs/leak.txt", symlink),
    ("NAME-4", PAGE, lambda path: path.write_text(path.read_text(encoding="utf-8") + "字\n" * 100_000, encoding="utf-8")),
    ("NAME-4", "docs/assets/big.png", written(bytes(3_000_001))),
    ("NAME-5", "docs/attention/evil.svg", written('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')),
    ("NAME-5", "docs/attention/evil.html", written("<!-- Content-Security-Policy --><script>alert(1)</script>")),
    ("NAME-5", "docs/assets/evil.html", written("<script>alert(1)</script>")),
    ("NAME-5", "docs/attention/evil.js", written("alert(1)")),
    ("NAME-5", "docs/attention/evil", written("x")),
    ("NAME-5", "notebooks/attention/evil.py", written("x = 1\n")),
    ("PAIR-1", NOTEBOOK, lambda path: path.unlink()),
    ("PAIR-1", PAGE, lambda path: path.unlink()),
    ("PAIR-2", "docs/attention/index.md", lambda path: path.unlink()),
    ("PRE-1", PAGE, replaced("prerequisites: []", "prerequisites: [attention/nowhere]")),
    ("PRE-2", PAGE, loop),
    ("CLAIM-1", PAGE, replaced("notes: [A1-07,", "notes: [A9-99, A1-07,")),
    ("CLAIM-2", PAGE, replaced("notes: [A1-07, A1-08,", "notes: [A1-07,")),
    ("CLAIM-2", PAGE, replaced('!!! erratum "A1-08"', '!!! note "A1-08"')),
    ("CLAIM-3", "docs/position/rope.md", lambda path: path.write_text(
        path.read_text(encoding="utf-8") + '\n!!! erratum "A1-08"\n\n    见 [x](https://arxiv.org/abs/1)\n', encoding="utf-8")),
    ("WF-1", ".github/workflows/gate.yml", replaced("@3d3c42e5aac5ba805825da76410c181273ba90b1", "@v7")),
    ("WF-2", WORKFLOW, replaced("permissions: {}", "permissions: write-all")),
    ("WF-2", WORKFLOW, replaced("  pull_request:\n", "  pull_request_target:\n")),
]


# Each fault is in one file; what the restorer finds in the others is what it found before.
find_damage = functools.cache(registry.find_damage)


@pytest.mark.parametrize("rule, name, fault", FAULTS, ids=[f"{r}-{i}" for i, (r, _, _) in enumerate(FAULTS)])
def test_rule_catches_its_fault(copy, monkeypatch, rule, name, fault):
    monkeypatch.setattr(registry, "find_damage", find_damage)
    fault(copy.root / name)
    found = [line for line in registry.run(copy.root) if f"[{rule}]" in line]
    assert found, f"{rule} said nothing"
    path, line, rest = found[0].split(":", 2)
    assert (copy.root / path).parent.is_dir() and int(line) >= 1
    assert "；改法：" in rest


def test_every_rule_has_a_fault_that_it_catches():
    registry.run()
    assert {r.id for r in registry.RULES} == {rule for rule, _, _ in FAULTS}


def test_the_project_itself_is_clean():
    assert registry.run() == []


def test_the_page_of_the_rules_lists_every_id_that_is_raised():
    registry.run()
    raised = {found for path in (ROOT / "scripts").rglob("*.py")
              for found in re.findall(r"(?<=[\[\"])[A-Z]+-\d+(?=[\]\"])", path.read_text(encoding="utf-8"))} - {"UTF-8", "UTF-16"}
    listed = [*(r.id for r in registry.RULES), *(i for i, *_ in rules.LATER)]
    assert sorted(raised) == sorted(listed)


def test_ids_are_unique_and_well_formed():
    assert all(re.fullmatch(r"[A-Z]+-\d+", r.id) for r in registry.RULES)


def test_check_takes_paths(copy):
    replaced("## 定义", "## 定义 $d_k$")(copy.root / PAGE)
    everything = copy.run("check")
    assert everything.returncode == 1 and "[PAGE-6]" in everything.stdout
    assert copy.run("check", "docs/index.md").returncode == 0
    assert copy.run("check", PAGE).returncode == 1
    assert copy.run("check", "docs/nowhere.md").returncode == 2


def test_check_is_fast():
    # Processor time beside that of a plain loop, the best of five pairs: alone it is 4 loops, but work of others
    # that takes the cache away has made it 10 for one pair. (Windows counts no children: 0.)
    loop = "n = 0\nfor i in range(10_000_000): n += i * i % 7"
    ratios = []
    for _ in range(5):
        checks, plain = spent([sys.executable, "-m", "scripts", "check"]), spent([sys.executable, "-c", loop])
        ratios.append(checks / max(plain, 0.01))
        if ratios[-1] <= 8:
            return
    raise AssertionError(f"processor time of the checks, in loops: {ratios}")


def spent(command):
    """Processor seconds of a finished child."""
    before = os.times()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system

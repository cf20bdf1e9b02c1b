"""Notebooks: valid, clean, honest, runnable anywhere. Read as data; nothing is executed here."""
import ast
import re
import sys

import nbformat

from scripts.checks.registry import parse_python, rule
from scripts.notebooks import outputs

KERNELSPEC = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
              "language_info": {"name": "python"}}
# Outside Linux, where a kernel has a network and the disk, these lists are the only barrier. What computes may be added.
ALLOWED_IMPORTS = {"torch", "matplotlib", "mpl_toolkits", "bisect", "collections", "copy", "csv", "dataclasses", "datetime",
                   "fractions", "functools", "hashlib", "heapq", "io", "itertools", "json", "math", "operator", "random", "re", "statistics", "time", "typing", "weakref"}
FORBIDDEN_NAMES = {"open", "exec", "eval", "__import__", "__builtins__", "get_ipython"}
FORBIDDEN_CALLS = {"compile", "input"}  # names that a parameter may have
FORBIDDEN_ATTRIBUTES = {"open", "FileIO", "savefig", "load_state_dict_from_url"}
BROAD = {"Exception", "BaseException", "AssertionError", "ImportError"}


@rule("NB-1", "notebook", "不是合法的笔记本", "用 Jupyter 打开并重新保存；若有冲突标记，先解决冲突")
def valid(notebook):
    if notebook.notebook is None:
        yield 1, "JSON 读不出来，或单元不成其为单元"
        return
    try:
        nbformat.validate(nbformat.from_dict(notebook.notebook))
    except Exception as error:  # nbformat raises several kinds; each means the same to an author
        yield 1, f"{type(error).__name__} {error}".splitlines()[0][:120]
    ids = [str(c.get("id")) for c in notebook.notebook["cells"]]
    for double in {i for i in ids if ids.count(i) > 1}:
        yield notebook.line_of(f'"id": "{double}"'), f"单元 id {double} 用了两次"
    if not ids:
        yield 1, "一个单元也没有"


@rule("NB-2", "notebook", "带着输出或执行序号", "清除全部输出后再提交：图与数由构建时的运行产生")
def stripped(notebook):
    for number, cell in enumerate((notebook.notebook or {}).get("cells", []), 1):
        if cell.get("outputs") or cell.get("execution_count"):
            yield notebook.cell_line(number), f"单元 {number}"


@rule("NB-3", "notebook", "元数据不是规定的内核", "kernelspec 用 python3，语言 python，不留别的元数据")
def metadata(notebook):
    if notebook.notebook and notebook.notebook.get("metadata") != KERNELSPEC:
        yield notebook.line_of('"metadata": {\n  "kernelspec"')


@rule("NB-4", "notebook", "单元带着标签或元数据", "删掉：跳过、容错、超时都不由笔记本决定")
def cell_metadata(notebook):
    for number, cell in enumerate((notebook.notebook or {}).get("cells", []), 1):
        if cell.get("metadata"):
            yield notebook.cell_line(number), f"单元 {number}"


@rule("NB-5", "notebook", "开头不是一个问题", "第一个单元是 Markdown，首行 # 标题以问号结尾")
def title_is_question(notebook):
    cells = (notebook.notebook or {}).get("cells") or [{}]
    first = "".join(cells[0].get("source", "")).split("\n")[0]
    if cells[0].get("cell_type") != "markdown" or not re.fullmatch(r"# .+[？?]", first.strip()):
        yield 1, first[:40]


@rule("NB-6", "notebook", "引入了不许用的模块", "只用 torch、matplotlib 和 math、random 这类只计算的标准库，名单在 scripts/checks/rules_notebooks.py；不联网、不写文件、不开进程")
def imports(notebook):
    for number, nodes in notebook.trees:
        for node in nodes:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else (
                [f"{node.module or ''}.{a.name}" for a in node.names] if isinstance(node, ast.ImportFrom) else [])
            for name in names:
                top, *parts = name.split(".")
                # `from torch import os` gives the same module as `import os`.
                if top not in ALLOWED_IMPORTS or set(parts) & (sys.stdlib_module_names - ALLOWED_IMPORTS):
                    yield notebook.cell_line(number), name


@rule("NB-7", "notebook", "有 shell、魔法命令或语法错误", "写成普通的 Python")
def plain_python(notebook):
    for number, source in notebook.code:
        for line in source.splitlines():
            if re.match(r"\s*[!%]", line):
                yield notebook.cell_line(number), line.strip()[:40]
        try:
            parse_python(source)
        except SyntaxError as error:
            if not re.search(r"^\s*[!%]", source, re.M):
                yield notebook.cell_line(number), f"第 {error.lineno} 行 {error.msg}"


@rule("NB-8", "notebook", "用了不许用的函数", "笔记本不读写文件、不执行字符串、不碰外壳")
def calls(notebook):
    for number, nodes in notebook.trees:
        for node in nodes:
            found = (isinstance(node, ast.Name) and {node.id} & FORBIDDEN_NAMES
                     or isinstance(node, ast.Call) and {getattr(node.func, "id", "")} & FORBIDDEN_CALLS
                     or isinstance(node, ast.Attribute) and {node.attr} & FORBIDDEN_ATTRIBUTES
                     or isinstance(node, ast.alias) and {node.name} & (FORBIDDEN_NAMES | FORBIDDEN_ATTRIBUTES))
            for name in found or ():
                yield notebook.cell_line(number), name


@rule("NB-9", "notebook", "图没有标签、说明或替代文字", "画图的单元以 #| label: fig-名字、#| fig-cap: …、#| fig-alt: … 开头")
def figures(notebook):
    labelled = 0
    for number, source in notebook.code:
        option = outputs.options(source)
        if option.get("label", "").startswith("fig-"):
            labelled += 1
            missing = [k for k in ("fig-cap", "fig-alt") if not option.get(k)]
            if missing:
                yield notebook.cell_line(number), f"单元 {number} 少了 {'、'.join(missing)}"
        elif "plt.show(" in source:
            yield notebook.cell_line(number), f"单元 {number} 没有标签"
    if notebook.notebook and not labelled:
        yield 1, "一张图也没有"


@rule("NB-10", "notebook", "没有断言", "对结论写 assert，结论不成立时它必须失败")
def asserts(notebook):
    if notebook.notebook and not any(isinstance(n, ast.Assert) for _, nodes in notebook.trees for n in nodes):
        yield 1


@rule("NB-11", "notebook", "没有固定线程数与种子", "引入之后写 torch.set_num_threads(1)、SEED = 0，随机数都由 SEED 而来")
def seeded(notebook):
    code = "\n".join(source for _, source in notebook.code)
    for line in ("torch.set_num_threads(1)", "SEED = 0"):
        if notebook.notebook and not re.search(rf"^{re.escape(line)}$", code, re.M):
            yield 1, f"少了 {line}"


@rule("NB-12", "notebook", "用 try 藏住了错误", "去掉 except：出错就该失败")
def no_hidden_errors(notebook):
    for number, nodes in notebook.trees:
        for node in nodes:
            if isinstance(node, ast.ExceptHandler) and (
                    node.type is None or any(getattr(part, "id", "") in BROAD for part in ast.walk(node.type))):
                yield notebook.cell_line(number), f"单元 {number}"


@rule("NB-13", "notebook", "没有写明局限", "最后一个单元是“## 这个实验没有说明什么”")
def limits(notebook):
    cells = (notebook.notebook or {}).get("cells") or []
    if cells and not "".join(cells[-1]["source"]).startswith("## 这个实验没有说明什么"):
        yield notebook.cell_line(len(cells))


@rule("NB-14", "notebook", "手写了会过时的链接", "删掉它：Colab 链接由路径算出")
def no_typed_links(notebook):
    if re.search(r"colab\.research\.google\.com|gallery\.pai-ml\.com", notebook.text):
        yield notebook.line_of("colab.research")


@rule("NB-15", "notebook", "不是规范的写法", "重新保存：UTF-8 汉字不转义，缩进 1，键按字母排序")
def canonical(notebook):
    import json
    if notebook.notebook and notebook.text != json.dumps(notebook.notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n":
        yield 1


@rule("NB-16", "notebook", "Markdown 里有脚本、事件属性或嵌入框", "删掉它")
def no_active_html(notebook):
    for number, cell in enumerate((notebook.notebook or {}).get("cells", []), 1):
        text = "".join(cell["source"])
        if cell.get("cell_type") == "markdown" and re.search(r"<\s*(script|iframe|object|embed|style|svg)\b|<[^>]*\son\w+\s*=|javascript:", text, re.I):
            yield notebook.cell_line(number), f"单元 {number}"

"""Pages: front matter, structure, corrections, formulas, links."""
import re
from urllib.parse import urlsplit

import yaml

from scripts import concepts
from scripts.checks.registry import rule
from scripts.formulas import katex, markdown
from scripts.formulas.code import functions

CONCEPT_KEYS = {"title": str, "description": str, "prerequisites": list, "notes": list, "formulas": dict}
FORMERLY = {"formerly": list}
OTHER_KEYS = {"title": str, "description": str, "order": int, "hide": list, "search": dict}
FORMULA_KEYS = {"title": str, "en": str, "aliases": list, "meaning": str, "symbols": dict}
SECTIONS = ["动手验证", "边界与常见误解", "追问", "参考文献"]
ERRATUM = re.compile(r'^!!! erratum "([^"]*)"[ ]*\n((?:[ ]{4}.*\n|[ ]*\n)*)', re.M)
FIGURE = re.compile(r'!\[([^\]]*)\]\(notebook:([\w-]+)(?:\s+"([^"]*)")?\)')


@rule("PAGE-1", "page", "文件头缺失或不是合法的 YAML", "以 --- 开始和结束，中间是“键: 值”；含冒号的值加引号")
def front_matter_parses(page):
    front, _, _ = concepts.split(page.text)
    try:
        if not isinstance(concepts.parse_yaml(front), dict):
            yield 1
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        yield (mark.line + 2 if mark else 1), str(getattr(error, "problem", error))


@rule("PAGE-2", "page", "文件头的键不对", "概念页恰好有 title、description、prerequisites、notes、formulas；其他页有 title、description；改过名的再加 formerly")
def front_matter_keys(page):
    if not page.meta:
        return
    allowed = CONCEPT_KEYS if page.is_concept else OTHER_KEYS
    needed = allowed if page.is_concept else {"title": str, "description": str}
    for key in needed.keys() - page.meta.keys():
        yield 1, f"少了 {key}"
    for key, value in page.meta.items():
        kind = (allowed | FORMERLY).get(key)
        if kind is None:
            yield page.line_of(f"{key}:"), f"多了 {key}"
        elif not isinstance(value, kind):
            yield page.line_of(f"{key}:"), f"{key} 应为 {kind.__name__}"


@rule("PAGE-3", "page", "正文里有一级标题", "删掉它：标题取自文件头的 title")
def no_h1(page):
    if page.is_concept:
        for number, line in markdown.prose(page.text):
            if re.match(r"# ", line):
                yield number


@rule("PAGE-4", "page", "概念页缺一节，或次序不对", "依次写“## 动手验证”“## 边界与常见误解”“## 追问”“## 参考文献”，开头是 !!! abstract \"面试里这样答\"")
def sections(page):
    if not page.is_concept:
        return
    headings = [(n, line[3:].split(" {")[0].strip()) for n, line in markdown.prose(page.text) if line.startswith("## ")]
    found = [name for _, name in headings if name in SECTIONS]
    if found != SECTIONS:
        yield 1, f"现在是 {'、'.join(found) or '一节也没有'}"
    if '!!! abstract "面试里这样答"' not in page.text:
        yield 1, "没有“面试里这样答”"
    if page.text.count("\n??? question") < 3:
        yield page.line_of("## 追问"), "追问少于 3 个"


@rule("PAGE-5", "page", "含有脚本、事件属性或嵌入框", "删掉它；交互写成 docs/assets 里的模块")
def no_active_html(page):
    for number, line in markdown.prose(page.text):
        match = re.search(r"<\s*(script|iframe|object|embed|style|link|meta|base)\b|<[^>]*\son\w+\s*=|javascript:", line, re.I)
        if match:
            yield number, match[0]


@rule("PAGE-6", "page", "标题里有公式", "改用文字：标题会进目录和浏览器标签")
def no_formula_in_heading(page):
    for number, line in markdown.prose(page.text):
        if re.match(r"#{1,6} ", line) and markdown.INLINE.search(line):
            yield number


@rule("PAGE-7", "page", "勘误没有给出处", "写明论文或官方代码，带链接")
def erratum_source(page):
    for match in ERRATUM.finditer(page.text):
        if not re.search(r"\]\(https://", match[2]):
            yield page.text.count("\n", 0, match.start()) + 1, match[1]


@rule("PAGE-8", "page", "手写了会过时的链接", "删掉它：笔记本、Colab、编辑与报告的链接由路径算出")
def no_typed_links(page):
    for number, line in enumerate(page.lines, 1):
        if re.search(r"colab\.research\.google\.com|gallery\.pai-ml\.com|github\.com/[\w.-]+/[\w.-]+/(edit|issues/new)", line):
            yield number


@rule("PAGE-9", "page", "链接或表头里只有公式", "添上文字，如“头数 $h$”：有的读屏软件跳过公式，链接或那一列就没有了名字")
def words_beside_formulas(page):
    lines = list(markdown.prose(page.text))
    for (number, line), (_, below) in zip(lines, [*lines[1:], (0, "")]):
        texts = re.findall(r"\[\s*(\$[^$]+\$)\s*\]\(", line)
        if re.fullmatch(r"\s*\|?(\s*:?-+:?\s*\|)+(\s*:?-+:?)?\s*", below):
            texts += line.strip().strip("|").split("|")
        for text in texts:
            if markdown.INLINE.fullmatch(text.strip()):
                yield number, text.strip()


@rule("LINK-1", "page", "相对链接指向不存在的文件", "改成存在的 .md 文件的相对路径")
def relative_links(page):
    for number, line in markdown.prose(page.text):
        for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s#?]+)(?:[#?][^)\s]*)?\)", line):
            if re.match(r"[a-z]+:", target):
                continue
            if target.startswith("/"):
                yield number, f"{target} 是绝对路径"
            elif not (page.path.parent / target).exists():
                yield number, target


# How an address of these hosts must look; what it leads to is asked once a week (.github/workflows/weekly.yml).
FORMS = {  # Four digits after the point until 2014, five since.
         "arxiv.org": r"/(abs|html)/((0\d|1[0-4])\d\d\.\d{4}|(1[5-9]|[2-9]\d)\d\d\.\d{5}|[a-z-]+/\d{7})(v\d+)?", "doi.org": r"/10\.\d{4,9}/\S+",
         "github.com": r"/[A-Za-z0-9-]+/[\w.-]+(/(blob|tree|commit|raw)/[\w./%-]+|/(issues|pull|discussions)/\d+|/releases/tag/[\w.-]+)?"}


@rule("LINK-2", "page", "外部链接的写法不对", "用 https；arXiv 写 arxiv.org/abs/编号，DOI 写 doi.org/10.…，GitHub 写到仓库、分支上的文件或 issue")
def external_links(page):
    for number, line in markdown.prose(page.text):
        for address in re.findall(r"\]\(<?(https?://[^)\s>]+)", line):
            found = urlsplit(address)
            form = FORMS.get(found.netloc.removeprefix("www."))
            if found.scheme != "https" or (form and not re.fullmatch(form, found.path)):
                yield number, address


@rule("FIG-2", "page", "图没有替代文字或说明", "写成 `![图里看得到什么](notebook:fig-名字 \"一句说明\")`")
def figure_text(page):
    for match in FIGURE.finditer(page.text):
        if len(match[1]) < 6 or not match[3]:
            yield page.text.count("\n", 0, match.start()) + 1, match[2]


@rule("TEX-1", "page", "KaTeX 不接受这个公式", "照提示改；站点的宏在 docs/assets/macros.json")
def formulas_render(page):
    for formula in page.formulas:
        try:
            katex.render(formula.tex, formula.display)
        except katex.TexError as error:
            yield formula.line, f"{formula.tex[:60]}（{error}）"


@rule("TEX-2", "page", "公式的名字与 \\label 对不上", "每个 \\label{名字} 在文件头 formulas 下有同名的一项，反过来也是")
def formula_names(page):
    labels = [f.label for f in page.formulas if f.label]
    for formula in page.formulas:
        if formula.label and formula.label not in page.named:
            yield formula.line, f"{formula.label} 没有名字"
    for name in page.named:
        if name not in labels:
            yield page.line_of(f"  {name}:"), f"{name} 没有公式"
        if labels.count(name) > 1:
            yield page.line_of(f"\\label{{{name}}}"), f"{name} 用了两次"


@rule("TEX-3", "page", "公式的说明不全", "写 title、en、aliases、meaning、symbols")
def formula_entries(page):
    for name, entry in page.named.items():
        wrong = [k for k, kind in FORMULA_KEYS.items() if not isinstance(entry, dict) or not isinstance(entry.get(k), kind)]
        wrong += [k for k in (entry if isinstance(entry, dict) else ()) if k not in {*FORMULA_KEYS, "code", "same"}]
        if not wrong:  # YAML reads 11008 as a number
            wrong = [f"aliases 里的 {alias}（加引号）" for alias in entry["aliases"] if not isinstance(alias, str)]
        if wrong:
            yield page.line_of(f"  {name}:"), f"{name} 的 {'、'.join(wrong)}"


@rule("TEX-6", "page", "公式的 code 不是它的笔记本里的函数", "写笔记本最外层定义的一个函数的名字，或删掉 code")
def formula_code(page):
    named = [(name, entry["code"]) for name, entry in page.named.items() if isinstance(entry, dict) and "code" in entry]
    notebook = page.root / "notebooks" / f"{page.source.removesuffix('.md')}.ipynb"
    try:
        defined = functions(notebook) if named and notebook.exists() else {}
    except (ValueError, RecursionError, MemoryError):
        return  # NB-1 or NB-7 names it
    for name, function in named:
        if str(function) not in defined:
            yield page.line_of(f"  {name}:"), f"{name} 的 {function}"


@rule("TEX-4", "page", "行间公式没有收尾", "$$ 单独成行，前后各一个")
def display_closed(page):
    if sum(bool(markdown.DISPLAY.match(line)) for _, line in markdown.prose(page.text)) % 2:
        yield next(n for n, line in list(markdown.prose(page.text))[::-1] if markdown.DISPLAY.match(line))

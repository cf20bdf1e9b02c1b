"""What only shows when files are seen together: pairs, names, cycles, claims, workflows."""
import datetime
import re

import yaml

from scripts import concepts, repository
from scripts.checks.registry import File, rule
from scripts.checks.rules_pages import ERRATUM, FIGURE
from scripts.environment import ROOT
from scripts.formulas import other_words
from scripts.notebooks import outputs, quote


@rule("NAME-1", "project", "文件名含有不许用的字符", "只用小写字母、数字、连字符、点和下划线")
def names(project):
    for file in project.files:
        if file.name.startswith(("docs/", "notebooks/")) and not re.fullmatch(r"[a-z0-9._/-]+", file.name):
            yield file, 1, file.path.name


@rule("NAME-2", "project", "两个文件会生成同一个网址", "改掉一个名字：x.md 与 x/index.md、大小写不同的名字都算同一个")
def collisions(project):
    seen = {}
    for file in project.files:
        url = re.sub(r"(/index)?\.md$", "", file.name).lower()
        if url in seen and seen[url] != file.name:
            yield file, 1, f"与 {seen[url]} 相同"
        seen[url] = file.name


@rule("NAME-3", "project", "是符号链接", "换成真正的文件：链接会把机器上的任意文件发布出去")
def symlinks(project):
    for file in project.files:
        if file.path.is_symlink():
            yield file, 1, ""


@rule("NAME-4", "project", "文件太大", "拆开它，或缩小数据")
def sizes(project):
    for file in project.files:
        limit = 300_000 if file.name.endswith((".md", ".ipynb")) else 3_000_000
        if not file.path.is_symlink() and file.path.stat().st_size > limit:
            yield file, 1, f"{file.path.stat().st_size // 1000} kB，上限 {limit // 1000} kB"


# Longest folder first. A page of someone's own or an SVG would run scripts without our policy.
TYPES = {"docs/assets/": {".css", ".js", ".json", ".png"}, "docs/": {".md", ".csv", ".json", ".txt", ".yml"}, "notebooks/": {".ipynb"}}


@rule("NAME-5", "project", "这里不放这种文件", "docs 里放 .md、.csv、.json、.txt、.yml，docs/assets 里放 .css、.js、.json、.png，notebooks 里放 .ipynb")
def types(project):
    for file in project.files:
        folder = next((f for f in TYPES if file.name.startswith(f)), None)
        if folder and file.path.suffix not in TYPES[folder]:
            yield file, 1, file.path.name


@rule("ADDR-1", "project", "网页没有了，旧地址却没有去处", "在接替它的页面的文件头写 formerly: [旧的 主题/概念]")
def old_addresses_kept(project):
    now = {page.source.removesuffix(".md") for page in project.pages}
    kept = {old for page in project.pages for old in page.listed("formerly")}
    # A pull request is tested as its merge, whose first parent is main as it is published.
    for commit in ("HEAD", "HEAD^1"):
        for name in repository.files(commit, "docs", project.root):
            if name.endswith(".md") and (old := name.removeprefix("docs/").removesuffix(".md")) not in now | kept:
                kept.add(old)
                yield File(project.root / name, project.root), 1, ""


@rule("ADDR-2", "project", "formerly 里的旧地址不能用", "写已经没有页面的 主题/概念，每个只写在一页")
def old_addresses_free(project):
    now, seen = {page.source.removesuffix(".md") for page in project.pages}, set()
    for page in project.pages:
        for old in page.listed("formerly"):
            if old in now | seen or not re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)*", old):
                yield page, page.line_of("formerly:"), old
            seen.add(old)


@rule("PAIR-1", "project", "概念只有一半", "页面 docs/主题/概念.md 与笔记本 notebooks/主题/概念.ipynb 必须成对")
def pairs(project):
    for concept in project.concepts.keys() - project.notebooks.keys():
        yield project.concepts[concept], 1, f"没有 notebooks/{concept}.ipynb"
    for concept in project.notebooks.keys() - project.concepts.keys():
        yield project.notebooks[concept], 1, f"没有 docs/{concept}.md"


@rule("PAIR-2", "project", "主题没有概览页", "添加 docs/主题/index.md，文件头含 title、description、order")
def topic_pages(project):
    for concept, page in project.concepts.items():
        if not (project.root / "docs" / concept.split("/")[0] / "index.md").exists():
            yield page, 1, concept.split("/")[0]


@rule("PRE-1", "project", "先修的概念不存在", "改成存在的 主题/概念，或去掉")
def prerequisites_exist(project):
    for page in project.concepts.values():
        for needed in page.listed("prerequisites"):
            if needed not in project.concepts:
                yield page, page.line_of("prerequisites:"), needed


@rule("PRE-2", "project", "先修关系成环", "去掉环上的一条")
def prerequisites_acyclic(project):
    needs = {c: [n for n in p.listed("prerequisites") if n in project.concepts] for c, p in project.concepts.items()}
    left = dict(needs)
    while True:
        free = [c for c, needed in left.items() if not set(needed) & left.keys()]
        if not free:
            break
        for concept in free:
            del left[concept]
    for concept in left:
        yield project.concepts[concept], project.concepts[concept].line_of("prerequisites:"), "、".join(left[concept])


@rule("CLAIM-1", "project", "账本里没有这个编号", "对照 docs/source/ledger.json 与 corrections.yml")
def claims_exist(project):
    own = {str(entry.get("id")) for entry in project.corrections}
    for page in project.concepts.values():
        ids = [*page.listed("notes"), *(m[1] for m in ERRATUM.finditer(page.text))]
        for claim in ids:
            if claim not in project.ledger and claim not in own:
                yield page, page.line_of(claim), claim


@rule("CLAIM-2", "project", "笔记里说错的没有更正，或更正没有列入 notes", "每个非“正确”的编号写一段 !!! erratum \"编号\"，并列入文件头的 notes")
def claims_corrected(project):
    for page in project.concepts.values():
        notes = [c for c in page.listed("notes") if c in project.ledger]
        placed = [m[1] for m in ERRATUM.finditer(page.text)]
        for claim in notes:
            if project.ledger[claim]["verdict"] in concepts.CORRECTED and claim not in placed:
                yield page, page.line_of(claim), f"{claim}（{project.ledger[claim]['verdict']}）没有更正"
        for claim in placed:
            if claim in project.ledger and claim not in notes:
                yield page, page.line_of(f'"{claim}"'), f"{claim} 不在 notes 里"


@rule("CLAIM-3", "project", "同一条勘误写在了两页", "只留一处：编号的链接必须唯一")
def claims_once(project):
    seen = {}
    for concept, page in project.concepts.items():
        for match in ERRATUM.finditer(page.text):
            if match[1] in seen:
                yield page, page.line_of(f'"{match[1]}"'), f"{match[1]} 已在 {seen[match[1]]}"
            seen[match[1]] = concept


CORRECTION = {"id": str, "date": datetime.date, "claim": str, "verdict": str, "issue": int}


@rule("CLAIM-4", "project", "本站的更正登记得不对", "照 docs/source/corrections.yml 开头的样子写，编号 R-1 起连续，并在一页上写 !!! erratum \"编号\"")
def corrections_registered(project):
    file = File(project.root / "docs/source/corrections.yml", project.root)
    placed = {m[1] for page in project.pages for m in ERRATUM.finditer(page.text)}
    try:
        found = concepts.parse_yaml(file.text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        yield file, mark.line + 1 if mark else 1, "不是合法的 YAML"
        return
    if not isinstance(found, list):
        yield file, 1, "不是一个列表"
        return
    for number, entry in enumerate(found, 1):
        line = file.line_of(f"id: R-{number}\n")
        if not isinstance(entry, dict) or {k: type(v) for k, v in entry.items()} != CORRECTION:
            yield file, line, f"第 {number} 条缺项、多项，或类型不对"
        elif entry["id"] != f"R-{number}" or entry["verdict"] not in concepts.CORRECTED:
            yield file, line, f"第 {number} 条的编号或判定"
        elif entry["id"] not in placed:
            yield file, line, f"{entry['id']} 没有写到页面上"


@rule("CLAIM-5", "project", "引的原话不是笔记里的", "从 docs/source/notes.md 的一节里逐字抄到账本的 quote，中间省去的写“……”")
def quotes_literal(project):
    file = File(project.root / "docs/source/ledger.json", project.root)
    sections = list(concepts.sections((project.root / "docs/source/notes.md").read_text(encoding="utf-8")))
    if not project.ledger:
        yield file, 1, "账本读不出来，或有一条没有 id、verdict"
    for claim in project.ledger.values():
        said = str(claim.get("quote", ""))
        if claim["verdict"] in concepts.CORRECTED and all(concepts.quote_end(said, text) < 0 for _, text in sections):
            yield file, file.line_of(f'"{claim["id"]}"'), f"{claim['id']}：{said}"


@rule("TEX-5", "project", "公式的名字与别的页面重复", "换一个全站唯一的名字")
def formula_ids(project):
    seen = {}
    for concept, page in project.concepts.items():
        for name in page.named:
            if name in seen:
                yield page, page.line_of(f"  {name}:"), f"{name} 已在 {seen[name]}"
            seen[name] = concept


@rule("TEX-7", "project", "公式的 same 指向的公式不行", "写另一页上同一条公式的名字，那一条自己没有 same")
def formula_spellings(project):
    entries = {name: entry for page in project.concepts.values() for name, entry in page.named.items() if isinstance(entry, dict)}
    for page in project.concepts.values():
        for name, entry in page.named.items():
            if isinstance(entry, dict) and "same" in entry and (entry["same"] == name or "same" in entries.get(str(entry["same"]), {"same": 0})):
                yield page, page.line_of(f"  {name}:"), f"{name} 的 {entry['same']}"


@rule("TEX-8", "project", "这一行不是公式的一种问法", "写“公式的名字、制表符、一种问法”，同一公式不写两遍；公式的名字在它那一页的文件头里")
def ways_to_ask(project):
    known = {name for page in project.concepts.values() for name in page.named}
    for file in project.files:
        if file.path.parent == project.root / other_words.FOLDER.relative_to(ROOT):
            seen = set()
            for number, line in enumerate(file.text.splitlines(), 1):
                name, _, text = line.partition("\t")
                if name not in known or not text.strip() or "\t" in text or line in seen:
                    yield file, number, line[:60]
                seen.add(line)


@rule("FIG-1", "project", "页面引用了笔记本里没有的图或结果", "对照笔记本里 #| label: 的名字")
def labels_exist(project):
    for concept, page in project.concepts.items():
        notebook = project.notebooks.get(concept)
        if notebook is None:
            continue
        labels = {outputs.options(source).get("label") for _, source in notebook.code}
        for match in FIGURE.finditer(page.text):
            if match[2] not in labels:
                yield page, page.line_of(match[0]), match[2]
        if quote.QUOTE.search(page.text) and "results" not in labels:
            yield page, page.line_of("{{"), "没有 results 单元"


@rule("WF-1", "project", "工作流引用的动作没有按提交固定", "写成 动作@40 位提交号 # 版本")
def actions_pinned(project):
    for file in project.files:
        if file.name.startswith(".github/workflows/"):
            for number, line in enumerate(file.lines, 1):
                used = re.match(r"\s*(?:- )?uses:\s*([^\s#]+)", line)
                if used and not used[1].startswith("$/") and not re.search(r"@[0-9a-f]{40}$", used[1]):
                    yield file, number, used[1]


@rule("WF-2", "project", "工作流的触发或权限太宽", "顶层写 permissions: {}；不用 pull_request_target")
def workflow_rights(project):
    for file in project.files:
        if file.name.startswith(".github/workflows/"):
            if not re.search(r"^permissions: \{\}", file.text, re.M):
                yield file, 1, "没有 permissions: {}"
            if re.search(r"^\s*pull_request_target:", file.text, re.M):
                yield file, file.line_of("pull_request_target"), "pull_request_target"

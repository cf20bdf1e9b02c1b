"""The contributing page lists the rules as the checks declare them, and what else is raised; test_rules compares."""
from scripts.checks import registry, rules_notebooks, rules_pages, rules_project, rules_text  # noqa: F401

SCOPES = {"text": "所有文件", "page": "页面", "notebook": "笔记本", "project": "整个项目"}
# Found by a command, when a notebook runs or the site is built; the text stands where they are raised.
LATER = [
    ("ARG-1", "命令", "没有这个文件", "检查路径"), ("RUN-0", "命令", "没有这个笔记本", "写 主题/概念"),
    ("LOCK-1", "命令", "torch 换了版本而没有它的 CPU 轮子", "先改 scripts/lock.py"),
    ("COMMENT-1", "命令", "检查结果写不到 PR 上", "看仓库的 Actions 权限"),
    ("RUN-1", "执行", "单元报错", "在本机运行，改到不报错"), ("RUN-2", "执行", "单个单元超时", "缩小规模或去掉死循环"),
    ("RUN-3", "执行", "整个笔记本超时", "缩小规模，或拆成两个概念"), ("RUN-4", "执行", "内核中途退出", "检查内存、os._exit 与原生扩展"),
    ("RUN-5", "执行", "留下了文件", "笔记本不写文件"), ("RUN-6", "执行", "向 stderr 输出，或图中有缺字", "消除警告；图内只用符号和英文"),
    ("RUN-7", "执行", "输出太大", "少打印；密集的散点用 rasterized=True"), ("RUN-8", "执行", "results 不是字典", "只含数字、字符串、列表和字典"),
    ("RUN-9", "执行", "标了图却没有画", "在那个单元里画图"), ("RUN-10", "执行", "运行结果存不下来", "照提示改"),
    ("RUN-11", "执行", "标签重复，或含别的字符", "写 results，或 fig- 加字母、数字、- 与 _，每个只用一次"),
    ("NUM-1", "构建", "页面引用结果而笔记本没有 results", "加一个 results 单元"), ("NUM-2", "构建", "结果里没有这个名字", "对照 results 单元"),
    ("NUM-3", "构建", "数字的格式不适用", "用 .3f、.0% 等"), ("NUM-4", "构建", "手写了运行结果里的数", "改成引用"),
    ("ERR-1", "构建", "账本里没有这个编号", "对照 docs/source/ledger.json"),
    ("NOTES-1", "构建", "不知道说法在笔记的哪一节", "写进 scripts/hooks/source.py 的 SECTIONS"),
    ("WIDGET-1", "构建", "没有这个计算器", "在 docs/assets/widgets/specs.js 里添加，或改名"),
    ("PERF-1", "构建", "性能页少一张表的结果", "运行那个基准"),
    ("STYLE-1", "构建", "样式表没有精简成", "检查 scripts/hooks/lean.mjs"), ("BUNDLE-1", "构建", "公式搜索的模块合不起来", "照提示改"),
    ("SITE-0", "构建", "mkdocs 没有建成，或新的站点放不上去", "照提示改"),
    ("SITE-1", "成品", "链接或锚点不存在", "改链接"), ("SITE-2", "成品", "重复的 id", "给标题另起英文锚点"),
    ("SITE-3", "成品", "从别的主机加载", "把文件放进站点"), ("SITE-4", "成品", "页面太重", "拆成两页"),
    ("SITE-5", "成品", "没有内容安全策略", "检查 scripts/hooks/page.py"), ("SITE-6", "成品", "笔记本没有变成页面", "检查 scripts/hooks/notebooks.py"),
    ("SITE-7", "成品", "留下了没有处理的写法", "检查那一处"), ("SITE-8", "成品", "公式搜索太重", "缩小它的模块，或缩短公式的说明与别名"),
    ("SITE-9", "成品", "页面里有会运行的东西", "删掉它；交互写成 docs/assets 里的模块"),
]


def on_page_markdown(markdown, page, config, files):
    """Replace `<!-- rules -->`; show `{{ … }}` examples literally."""
    if page.file.src_uri != "contributing.md":
        return markdown
    rows = [(r.id, SCOPES[r.scope], r.message, r.fix) for r in registry.RULES] + LATER
    table = "\n".join(["| 编号 | 范围 | 不许 | 改法 |", "|---|---|---|---|",
                       *(f"| `{i}` | {scope} | {_cell(what)} | {_cell(fix)} |" for i, scope, what, fix in rows)])
    return markdown.replace('{{ "', "").replace('" }}', "").replace("<!-- rules -->", table)


def _cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;").replace("$$", "`$$`")

"""What must hold of the built site: links, anchors, ids, weight, policy, no foreign host or script, every notebook there."""
import gzip
import json
import re
from urllib.parse import unquote, urljoin, urlsplit

from lxml import html

from scripts.hooks.page import signature
from scripts.notebooks import cache

PAGE_BYTES, LISTED_BYTES = 60_000, 155  # gzip, HTML alone; a page that lists formulas may weigh so much for each
# Formula search, gzip: what its first use loads of ours (KaTeX and MiniSearch are libraries and stand apart),
# what the first line of code adds, the list of formulas and the other words for them, divided by their number.
SEARCH_BYTES, SEARCH_CODE_BYTES, FORMULA_BYTES, ASKED_BYTES = 47_900, 10_000, 140, 340
LOADING = {("script", "src"), ("link", "href"), ("img", "src"), ("source", "src"), ("iframe", "src"), ("image", "href")}
HERE = "https://here.invalid/"
ACTIVE = {"iframe", "frame", "object", "embed", "applet", "base", "style", "form", "animate", "set"}
THEME_FORMS = {"md-header__option", "md-search__form"}
MOVED = re.compile(r"0; url=(\.{1,2}/)*([\w-]+/)*")  # scripts/hooks/redirects.py


def faults(root):
    """Chinese fault lines for the site in a folder, sorted."""
    pages = {p.relative_to(root).as_posix(): p for p in sorted(root.rglob("*.html"))}
    trees = {name: html.document_fromstring(p.read_bytes()) for name, p in pages.items()}
    ids = {name: [e.get("id") for e in tree.iter() if isinstance(e.tag, str) and e.get("id")] for name, tree in trees.items()}
    found = []
    for name, tree in trees.items():
        found += _links(root, name, tree, ids)
        found += [f"{name}:1: [SITE-2] 重复的 id {i}；改法：给标题加 {{ #另一个名字 }}。" for i in sorted({i for i in ids[name] if ids[name].count(i) > 1})]
        found += _page(name, pages[name].read_bytes())
        found += _active(name, tree)
    for path in cache.all_notebooks():
        page = f"notebooks/{cache.concept_of(path)}/index.html"
        if page not in pages:
            found.append(f"{page}:1: [SITE-6] 笔记本没有变成页面；改法：检查 scripts/hooks/notebooks.py。")
    return sorted(found)


def search_weight(assets):
    """Bytes of formula search after gzip: {"own", "programs", "library", "data", "asked", "details"}."""
    def size(*paths):
        return sum(len(gzip.compress(path.read_bytes())) for path in paths)

    own = list((assets / "formula-search").iterdir())
    programs = [path for path in own if path.name.startswith("code-")]
    return {"own": size(*(path for path in own if path not in programs)), "programs": size(*programs),
            "library": size(assets / "vendor" / "minisearch" / "index.js"),
            "data": size(assets / "formulas.json"), "asked": size(assets / "formula-asked.json"), "details": size(assets / "formula-details.json")}


def search_faults(assets):
    """Chinese fault lines for formula search in the site's folder `assets`."""
    weight, found = search_weight(assets), []
    count = len(json.loads((assets / "formulas.json").read_text(encoding="utf-8")))
    for name, what, limit in (("own", "公式搜索的代码", SEARCH_BYTES), ("programs", "公式搜索读代码的部分", SEARCH_CODE_BYTES),
                              ("data", f"{count} 条公式的清单", FORMULA_BYTES * count),
                              ("asked", f"{count} 条公式的别名与别的问法", ASKED_BYTES * count)):
        if weight[name] > limit:
            found.append(f"assets/formula-search:1: [SITE-8] {what}压缩后 {weight[name]} B，上限 {limit} B；"
                         "改法：缩小 docs/assets/formula-search，或缩短 formulas 里的说明与别名、scripts/formulas/asked 里的问法。")
    return found


def _page(name, raw):
    weight = len(gzip.compress(raw))
    limit = max(PAGE_BYTES, LISTED_BYTES * raw.count(b'class="formula-entry"'))
    if weight > limit:
        yield f"{name}:1: [SITE-4] 页面压缩后 {weight // 1000} kB，上限 {limit // 1000} kB；改法：拆成两页，或减少输出。"
    body = re.sub(r"<(script|pre|code|annotation)\b.*?</\1>", "", raw.decode("utf-8"), flags=re.S)
    left = re.search(r"katex-error|<x-math|\\\(|\\\[|\{\{ |notebook:fig-", body)
    if left:
        yield f"{name}:1: [SITE-7] 留下了没有处理的 {left[0]}；改法：检查这一处的写法。"


def _active(name, tree):
    """What a reader's browser would run or obey, and comments: a mark that no hook has read is one."""
    policies = tree.xpath("//head/meta[@http-equiv='Content-Security-Policy']/@content")
    if not policies:
        yield f"{name}:1: [SITE-5] 没有内容安全策略；改法：检查 scripts/hooks/page.py。"
    for element in tree.iter():
        if not isinstance(element.tag, str):
            if "允许乱码示例" not in element.text:
                yield f"{name}:1: [SITE-7] 留下了没有处理的 <!--{element.text[:40]}-->；改法：检查这一处的写法，或删掉注释。"
            continue
        wrong = [f"{key}={value[:40]}" for key, value in element.items()
                 if key.startswith("on") or (key not in ("href", "src") and "javascript:" in value.lower())]
        if element.tag in ACTIVE and element.get("class") not in THEME_FORMS:
            wrong.append(f"<{element.tag}>")
        if element.get("http-equiv", "").lower() == "refresh" and not MOVED.fullmatch(element.get("content", "")):
            wrong.append(f"<meta> {element.get('content', '')[:40]}")
        # The theme's __config is data; a second one is a double id.
        if element.tag == "script" and element.get("src") is None and element.get("id") != "__config":
            code = element.text or ""
            if signature(code) not in "".join(policies):
                wrong.append(f"<script>{code.strip()[:40]}")
        for what in wrong:
            yield f"{name}:1: [SITE-9] 会运行或改动页面的 {what}；改法：删掉它，交互写成 docs/assets 里的模块。"


def _links(root, name, tree, ids):
    base = urljoin(HERE, name)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        for attribute in ("href", "src"):
            value = element.get(attribute)
            if value is None or (element.tag == "use"):
                continue
            loads = (element.tag, attribute) in LOADING and element.get("rel") not in ("canonical", "alternate", "next", "prev")
            target = urlsplit(urljoin(base, value))
            if f"{target.scheme}://{target.netloc}/" != HERE:
                if loads and not value.startswith("data:"):
                    yield f"{name}:1: [SITE-3] 从别的主机加载 {value}；改法：把文件放进站点。"
                elif target.scheme not in ("https", "http", "mailto", "data"):
                    yield f"{name}:1: [SITE-1] 不许用的链接 {value[:80]}；改法：删掉它。"
                continue
            path = unquote(target.path).lstrip("/")
            path = f"{path}index.html" if path.endswith("/") or not path else path
            # The 404 page is served at any address, so its links start at the site's root.
            if name == "404.html":
                continue
            if not (root / path).is_file():
                yield f"{name}:1: [SITE-1] 链接 {value} 没有对应的文件；改法：改链接或补文件。"
            elif target.fragment and path.endswith(".html") and unquote(target.fragment) not in ids[path]:
                yield f"{name}:1: [SITE-1] 链接 {value} 的锚点不存在；改法：对照目标页的标题。"
            elif element.tag == "script" and not re.fullmatch(r"assets/.*\.js", path):
                yield f"{name}:1: [SITE-9] 会运行的 {value}；改法：删掉它，交互写成 docs/assets 里的模块。"

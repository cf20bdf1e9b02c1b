"""Text search: our terms are words, and a page that explains comes before a page that lists.

Without the terms 低秩适配 is cut into 低/秩/适配 and not found.
"""
import functools
import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import jieba
from mkdocs.exceptions import PluginError

from scripts import terminology
from scripts.environment import CACHE
from scripts.notebooks import cache

KEPT = CACHE / "search"

# Where a word only occurs.
QUIET = {"source/notes.md": 0.01, "source/index.md": 0.5, "errata.md": 0.2, "terminology.md": 0.5, "notation.md": 0.5,
         "contributing.md": 0.5, "index.md": 0.5}
# A notebook is found by its question, its concept's page first.
NOTEBOOK = 0.5

# The theme's worker looks a query's Chinese words up in the index but stops one character short of the query's end,
# so that no word at its end was ever found whole: 线性注意力 was asked as 线性 and 注意.
SHORT, WHOLE = "for(let o=s+1;o<t.length;o++)t.slice(s,o)in e", "for(let o=s+1;o<=t.length;o++)t.slice(s,o)in e"
# The theme fetches the index (a third of a megabyte) on every page, whether anybody searches or not; from a disk it
# waits until the box is opened, and so it does everywhere now.
AT_ONCE, WHEN_OPENED = 'L($(location.protocol!=="file:"),Je("search"))', 'L($(!1),Je("search"))'


def on_env(env, config, files):
    """Cutting all Chinese text into words is a fifth of a build: a page that reads as before keeps its entries."""
    index = next(plugin for name, plugin in config.plugins.items() if name.endswith("search")).search_index
    around = [version("mkdocs-material"), version("jieba"), Path(__file__).read_text(encoding="utf-8"), sorted(terminology.chinese())]
    _words.cache_clear()  # under `mkdocs serve` a term may have come
    index.add_entry_from_context = functools.partial(_add, index, index.add_entry_from_context, around)
    return env


@functools.cache
def _words():
    """Material's search plugin segments with the same module-level jieba. Its dictionary is read only when text is cut."""
    jieba.setLogLevel("WARNING")
    for term in terminology.chinese():
        jieba.add_word(term)


def _add(index, read, around, page):
    """The entries of one page: those kept from a build in which all that they are made of was the same, or read anew."""
    def places(toc):
        return [(item.id, item.url, places(item.children)) for item in toc]

    meta = [page.meta.get(name) for name in ("title", "search", "tags")]
    made_of = [around, page.url, page.title, meta, page.content, places(page.toc)]
    key = hashlib.sha256(json.dumps(made_of, default=str).encode()).hexdigest()
    kept = KEPT / f"{page.file.src_uri.replace('/', '--')}.json"
    known = cache.read_whole(kept) or {}
    if known.get("key") != key:
        _words()
        before = len(index.entries)
        read(page)
        cache.write_whole(kept, json.dumps({"key": key, "entries": index.entries[before:]}, default=str))
    else:
        index.entries += known["entries"]


def on_page_content(html, page, config, files):
    """Set the page's weight."""
    weight = NOTEBOOK if page.file.src_uri.endswith(".ipynb") else QUIET.get(page.file.src_uri)
    if weight:
        page.meta["search"] = {"boost": weight}
    return html


def on_post_build(config):
    """Give each concept's first entry the names it goes by (the terminology table): a search for a name finds its page.

    Only the first entry: a page's tags would stand on every section, and weigh as much there.
    """
    scripts = Path(config.site_dir) / "assets" / "javascripts"
    _mend(scripts, "workers/search.*.js", SHORT, WHOLE, "SHORT", "看新版还漏不漏查询末尾的词")
    _mend(scripts, "bundle.*.js", AT_ONCE, WHEN_OPENED, "AT_ONCE", "看新版是不是一打开页面就取索引")
    index = Path(config.site_dir) / "search" / "search_index.json"
    data, names = json.loads(index.read_text(encoding="utf-8")), terminology.names()
    for entry in data["docs"]:
        known = names.get(entry["location"].rstrip("/"))
        if known:
            entry["tags"] = known
    index.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _mend(folder, pattern, old, new, name, look):
    """Replace one place in a script of the theme, which must be there."""
    [script] = folder.glob(pattern)
    code = script.read_text(encoding="utf-8")
    if new not in code:
        if code.count(old) != 1:
            raise PluginError(f"{script.name}:1: 主题的搜索脚本变了，scripts/hooks/search.py 里的 {name} 找不到；"
                              f"改法：{look}（tests/browser/test_search.py），已经好了就删掉这处修补。")
        script.write_text(code.replace(old, new), encoding="utf-8")

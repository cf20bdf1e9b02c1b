"""Notebook pages: mkdocs-jupyter renders the executed notebook, this mends what it gets wrong.

Mended: headings get the ids that Markdown pages use; contents links work; formulas are marked for KaTeX; code uses
the theme's own highlighting (no 600 KB of inlined style); figures are files with alt text; output is sanitised.
The mended page is kept beside the run, so an unchanged notebook costs one file read. Coloured code is thousands of
tags that text search leaves out anyway: it is put back after the search index has read the page.
"""
import functools
import hashlib
import html
import inspect
import itertools
import json
import re
import shutil
from pathlib import Path

import bs4
import nbformat
import nh3
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File
from mkdocs.structure.toc import get_toc
from mkdocs.utils import get_relative_url
from pymdownx.slugs import slugify

from scripts import concepts
from scripts.formulas import markdown, plain
from scripts.notebooks import ahead, cache, outputs
from scripts.notebooks.images import images

SHOWN = cache.CACHE / "shown"
SLUG = slugify(case="lower")
CODE = re.compile(r'<div[^>]*class="highlight"[^>]*><pre>.*?</pre></div>', re.S)
HOLE = re.compile(r'<x-code data-i="(\d+)"></x-code>')
TAGS = nh3.ALLOWED_TAGS | {"figure", "figcaption", "section"}
ATTRIBUTES = {**{tag: set(values) for tag, values in nh3.ALLOWED_ATTRIBUTES.items()},
              "*": {"class", "id", "data-search-exclude"}, "img": {"src", "alt", "width", "height", "loading", "decoding"}, "a": {"href", "title"}}

_code_of = {}  # page source: list of HTML


# Before mkdocs-jupyter, which wraps every .ipynb that it finds among the files.
@event_priority(100)
def on_files(files, config):
    """Add a page `notebooks/<topic>/<concept>/` for every notebook."""
    for path in cache.all_notebooks():
        name = f"notebooks/{cache.concept_of(path)}.ipynb"
        if cache.run_folder(path).exists():
            _prepare(path, SHOWN / name)
        # Not File.generated: mkdocs-jupyter's wrapper loses the path of generated files.
        files.append(File(name, str(SHOWN), config.site_dir, config.use_directory_urls))
    return files


# After mkdocs-jupyter has put its own render method on the page.
@event_priority(-100)
def on_pre_page(page, config, files):
    """Wrap the rendering: from the cache, or render, mend and keep."""
    if not page.file.src_uri.endswith(".ipynb"):
        return page
    concept = page.file.src_uri.removeprefix("notebooks/").removesuffix(".ipynb")
    notebook = cache.NOTEBOOKS / f"{concept}.ipynb"
    kept = _kept(notebook)
    if notebook in ahead.begun:  # its run may have come since the files were listed
        _prepare(notebook, SHOWN / page.file.src_uri)
    render = page.render

    def mended(config, files):
        stored = cache.read_whole(kept)
        if stored is None:
            render(config, files)
            stored = mend(page.content)
            cache.write_whole(kept, json.dumps(stored, ensure_ascii=False))
        page.content, page.toc = stored["content"], get_toc(stored["toc"])
        page.title = stored["title"]
        page.content = page.content.replace("figure:", get_relative_url(f"assets/figures/{concept}/", page.url))
        _code_of[page.file.src_uri] = CODE.findall(page.content)
        numbers = itertools.count()
        page.content = CODE.sub(lambda m: f'<x-code data-i="{next(numbers)}"></x-code>', page.content)
        meta = concepts.DOCS / f"{concept}.md"
        if meta.exists():
            page.meta["description"] = f"可运行的笔记本：{stored['title']}"

    page.render = mended
    return page


def on_post_page(output, page, config):
    """Put the code back."""
    return HOLE.sub(lambda m: _code_of[page.file.src_uri][int(m[1])], output)


def on_post_build(config):
    """Publish the notebooks themselves for download. Among the files mkdocs-jupyter would take them for pages."""
    for path in cache.all_notebooks():
        target = Path(config.site_dir) / "assets" / "notebooks" / f"{cache.concept_of(path)}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def mend(content):
    """Clean HTML, contents and title from mkdocs-jupyter's page.

    Returns {"content": str, "toc": toc tokens, "title": str}.
    """
    soup, used, toc, title = bs4.BeautifulSoup(content, "lxml"), set(), [], ""
    out = bs4.BeautifulSoup('<div class="notebook"></div>', "lxml").div
    codes = 0
    for cell in soup.select(".jp-Cell"):
        if "jp-MarkdownCell" in cell["class"]:
            text = cell.select_one(".jp-RenderedMarkdown, .jp-MarkdownOutput")
            for link in text.select("a.anchor-link"):
                link.decompose()
            _mark_formulas(text, soup)
            for heading in text.find_all(re.compile(r"^h[1-6]$")):
                name = heading.get_text().strip()
                heading["id"] = _unique(SLUG(name, "-") or "section", used)
                level = int(heading.name[1])
                if level > 1:  # text search finds a notebook by its question; the rest is its page's affair
                    heading["data-search-exclude"] = ""
                if level == 1 and not title:
                    title = name
                toc.append({"level": level, "id": heading["id"], "name": name, "children": []})
            out.extend(list(text.children))
        else:
            code = cell.select_one(".highlight-ipynb pre")
            if code and code.get_text().strip():
                codes += 1
                out.append(_code(code, soup, f"code-{codes}"))
            for shown in cell.select(".jp-OutputArea-output"):
                out.append(_output(shown, soup))
    clean = nh3.clean(str(out), tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "figure"},
                      link_rel="noopener")
    return {"content": clean, "toc": _nest(toc), "title": _formulas_to_text(title)}


def _kept(path):
    """Where the mended page of a notebook's valid run is kept."""
    return cache.run_folder(path) / f"page-{_version()}.json"


def _prepare(path, target):
    """Write the executed notebook as readers see it: no option lines, figures as links to their files.

    Only when it will be rendered: its time is what mkdocs goes by when it rebuilds what changed.
    """
    mark = target.with_name(f"{target.name}.key")
    if _kept(path).exists() and mark.exists() and mark.read_text() == cache.key(path):
        return
    folder = cache.run_folder(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.read(folder / "executed.ipynb", as_version=4)
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    drawn = {(f["cell"], f["index"]): (name, f) for name, f in record["figures"].items()}
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        cell.source, index = outputs.without_options(cell.source), 0
        for output in cell.outputs:
            if "image/svg+xml" in output.get("data", {}):
                output["data"] = nbformat.NotebookNode({"text/html": _figure(*drawn[number, index])})
                index += 1
    nbformat.write(notebook, target)
    mark.write_text(cache.key(path))


def _figure(name, figure):
    caption = f"<figcaption>{html.escape(figure['caption'])}</figcaption>" if figure["caption"] else ""
    return f'<figure class="run" id="{name}">{images("figure:", name, figure, figure["alt"])}{caption}</figure>'


def _code(pre, soup, name):
    """The theme's own markup for code: its colours and its copy button come with it."""
    block = soup.new_tag("div", attrs={"class": "highlight", "id": name, "data-search-exclude": ""})
    new_pre, code = soup.new_tag("pre"), soup.new_tag("code")
    code.extend(list(pre.children))
    new_pre.append(code)
    block.append(new_pre)
    return block


def _output(shown, soup):
    block = soup.new_tag("div", attrs={"class": "nb-output", "data-search-exclude": ""})
    block.extend(list(shown.children))
    for style in block(["style", "script"]):
        style.decompose()
    return block


def _mark_formulas(text, soup):
    """`$…$` and `$$…$$` in rendered Markdown become the spans that Markdown pages have."""
    for node in list(text.find_all(string=lambda s: "$" in s)):
        if node.find_parent(["code", "pre"]):
            continue
        marked = re.sub(r"\$\$(.+?)\$\$", lambda m: rf'<div class="arithmatex">\[{m[1].strip()}\]</div>',
                        html.escape(str(node), quote=False), flags=re.S)
        marked = markdown.INLINE.sub(lambda m: rf'<span class="arithmatex">\({m[1]}\)</span>', marked)
        new = bs4.BeautifulSoup(marked, "lxml")
        node.replace_with(*list((new.body.p or new.body).children) if new.body and new.body.p and len(new.body.contents) == 1
                          else list(new.body.children))


def _formulas_to_text(title):
    return re.sub(r"\\\((.*?)\\\)", lambda m: plain.plain(m[1]), title)


def _unique(slug, used):
    candidate, number = slug, 1
    while candidate in used:
        number += 1
        candidate = f"{slug}-{number}"
    used.add(candidate)
    return candidate


def _nest(tokens):
    """Flat heading list -> the nested tokens that mkdocs makes a table of contents from."""
    root = {"level": 0, "children": []}
    stack = [root]
    for token in tokens:
        token["name"] = _formulas_to_text(token["name"])
        while stack[-1]["level"] >= token["level"]:
            stack.pop()
        stack[-1]["children"].append(token)
        stack.append(token)
    return root["children"]


@functools.cache
def _version():
    """Changes with the code that makes a page, so that a better mend is not hidden by a kept page."""
    code = (__file__, inspect.getfile(images), inspect.getfile(markdown), inspect.getfile(plain))
    return hashlib.sha256(b"".join(Path(f).read_bytes() for f in code)).hexdigest()[:12]

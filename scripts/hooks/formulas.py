"""Formulas: rendered by KaTeX while building, named ones framed and collected for search.

Markdown leaves `<span class="arithmatex">\\(…\\)</span>`. Until the search index is made, a formula stays a
short readable text (else the index would hold each one three times); then KaTeX's HTML takes its place.
"""
import html
import json
import re
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path

from mkdocs.exceptions import Abort
from mkdocs.utils import get_relative_url

from scripts import concepts
from scripts.environment import ROOT
from scripts.formulas import katex, other_words
from scripts.formulas.code import functions
from scripts.formulas.markdown import LABEL, formulas, prose
from scripts.formulas.plain import plain

ARITHMATEX = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.S)
HOLE = re.compile(r'<x-math data-i="(\d+)"[^>]*>.*?</x-math>', re.S)

CLOSING = re.compile(r"(?:</\w+>)*[，。、；：？！）”’》」』…—]")
LAST, ENDS = '<span class="katex-base">', "</span></span>"  # of a formula's pieces between which a line may break, and what closes the formula

HEADING = re.compile(r"#{2,4} (.+?)(?: *\{[^}]*\})? *$")

_rendered = {}  # page source: list of HTML
_collected = []  # formula records in page order
_named = {}  # page: {id: record}


def on_pre_build(config):
    """Start afresh: under `mkdocs serve` the module stays loaded."""
    _rendered.clear()
    _collected[:] = collect()
    _named.clear()
    for record in _collected:
        _named.setdefault(record["page"], {})[record["id"]] = record


def on_page_markdown(markdown, page, config, files):
    """Replace `<!-- formulas -->` by a heading for each topic, so that the contents lead to it; table() follows."""
    if "<!-- formulas -->" not in markdown:
        return markdown
    return markdown.replace("<!-- formulas -->", "\n\n".join(
        f'### {concepts.topic(topic)["title"]} {{ #{topic} }}\n\n<!-- formulas {topic} -->' for topic in _topics()))


def _topics():
    """Of the collected formulas, in order."""
    return concepts.topics(record["page"] for record in _collected)


def on_page_content(content, page, config, files):
    """Replace each formula by a hole with readable text, keep KaTeX's HTML for later."""
    source, pieces = page.file.src_uri, []
    names = _named.get(source.removesuffix(".md"), {})

    def hole(match):
        tex = html.unescape(match[2])
        display = match[1] == "div"
        label = LABEL.search(tex)
        tex = LABEL.sub("", tex).strip()
        try:
            piece = katex.render(tex, display)
        except katex.TexError as error:
            raise Abort(f"{_place(source, tex)}: [TEX-1] KaTeX 不接受 {tex[:80]}：{error}；改法：照提示改这个公式。") from None
        named = names.get(label[1]) if label else None
        if named:
            piece = framed(named, piece)
            text = f" {named['title']} {named['en']} "
        else:
            text = "" if display else plain(tex)
            piece = f'<div class="formula">{piece}</div>' if display else piece
        pieces.append(piece)
        return f'<x-math data-i="{len(pieces) - 1}">{html.escape(text)}</x-math>'

    content = ARITHMATEX.sub(hole, content)
    _plain_titles(page.toc)
    if source == "formulas.md":
        for topic in _topics():
            content = content.replace(f"<!-- formulas {topic} -->", table(topic, page.url, pieces))
    _rendered[source] = pieces
    return content


def _plain_titles(items):
    """Contents and navigation cannot draw formulas."""
    for item in items:
        item.title = re.sub(r"\\\((.*?)\\\)", lambda m: plain(html.unescape(m[1])), item.title)
        _plain_titles(item.children)


def on_post_page(output, page, config):
    """Fill the holes. A browser would break the line behind a formula even before a comma; not behind what may not wrap."""
    pieces = _rendered.get(page.file.src_uri, [])

    def fill(hole):
        piece = pieces[int(hole[1])]
        if not CLOSING.match(output, hole.end()):
            return piece
        start, last, rest = piece.rpartition(LAST)
        return f'{start}<span class="kept">{last}{rest.removesuffix(ENDS)}</span>{ENDS}'

    return HOLE.sub(fill, output)


def on_post_build(config):
    """Write the records that formula search reads; apart what it can do without at first, symbols and code for who asks."""
    assets = Path(config.site_dir) / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    records = [{**{k: v for k, v in f.items() if k not in ("code", "aliases")}, "symbols": int(bool(f["symbols"]))} for f in _collected]
    asked = {**other_words.index([f["id"] for f in _collected]), "aliases": [f["aliases"] for f in _collected]}
    details = {f["id"]: {k: f[k] for k in ("symbols", "code") if f.get(k)} for f in _collected}
    for name, content in (("formulas", records), ("formula-asked", asked), ("formula-details", details)):
        (assets / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def framed(record, rendered):
    """A named formula: its anchor and its name beside it."""
    return (f'<div class="formula named" id="formula-{record["id"]}">{rendered}'
            f'<a class="formula-name" href="#formula-{record["id"]}" title="{html.escape(record["context"])}">'
            f'{html.escape(record["title"])}</a></div>')


def collect():
    """Every named formula of every concept page in reading order: id, tex, names, meaning (`context`), symbols, where it stands."""
    found = []
    for concept in chain.from_iterable(concepts.by_topic().values()):
        path = concepts.DOCS / f"{concept}.md"
        text, meta = path.read_text(encoding="utf-8"), concepts.front_matter(path)
        named = meta.get("formulas") or {}
        defined = functions(notebook) if (notebook := ROOT / "notebooks" / f"{concept}.ipynb").exists() else {}
        headings = [(line, match[1]) for line, content in prose(text) if (match := HEADING.match(content))]
        for formula in formulas(text):
            entry = named.get(formula.label)
            if entry:
                found.append({
                    "id": formula.label, "tex": formula.tex, "title": entry["title"], "en": entry["en"],
                    "aliases": entry.get("aliases") or [], "context": entry["meaning"],
                    "symbols": {str(k): str(v) for k, v in (entry.get("symbols") or {}).items()},
                    "page": concept, "section": meta["title"],
                    "heading": next((title for line, title in reversed(headings) if line < formula.line), "")})
                if "same" in entry:  # TEX-7: it is there
                    found[-1]["same"] = entry["same"]
                if "code" in entry:  # TEX-6: it is defined
                    found[-1]["cell"], found[-1]["code"] = defined[entry["code"]]
    return found


def table(topic, page_url, pieces):
    """All named formulas of a topic, grouped by page, readable without JavaScript."""
    members = [record for record in _collected if record["page"].startswith(f"{topic}/")]
    out = [f'<div class="formula-list" style="--entries: {len(members)}">']
    for page, records in groupby(members, key=itemgetter("page")):
        records = list(records)
        out.append(f'<section class="formula-page" style="--entries: {len(records)}"><h4 id="{page.replace("/", "-")}">'
                   f'<a href="{get_relative_url(page + "/", page_url)}">{html.escape(records[0]["section"])}</a></h4>')
        for record in records:
            pieces.append(katex.mathml(record["tex"], True))
            anchor = f"{page}/#formula-{record['id']}"
            code = ""
            if "cell" in record:
                cell = get_relative_url(f"notebooks/{page}/#code-{record['cell']}", page_url)
                code = f' <a href="{cell}" aria-label="{html.escape(record["title"])}的实现">实现</a>'
            out.append(f'<div class="formula-entry"><p><a href="{get_relative_url(anchor, page_url)}">'
                       f'{html.escape(record["title"])}</a> <span lang="en">{html.escape(record["en"])}</span>{code}</p>'
                       f'<div class="formula-plain"><x-math data-i="{len(pieces) - 1}"></x-math></div></div>')
        out.append("</section>")
    return "\n".join([*out, "</div>"])


def _place(source, tex):
    """path:line of the first place where the formula begins; of its cell in a notebook, which has a cell's text in one line."""
    path = source if source.startswith("notebooks/") else f"docs/{source}"
    start = tex.split("\n")[0]
    lines = (ROOT / path).read_text(encoding="utf-8").split("\n")
    return f"{path}:{next((n for n, line in enumerate(lines, 1) if start in line or json.dumps(start)[1:-1] in line), 1)}"

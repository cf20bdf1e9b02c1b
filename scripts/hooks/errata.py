"""Corrections: an admonition on the page where the reader meets it, and the page that collects them all.

`!!! erratum "A6-03"` holds what is true and its source; the notes' own words, verdict and anchor come from the ledger,
or for what this site itself had wrong (R-1, R-2, …) from docs/source/corrections.yml.
"""
import functools
import html
import re

from markdown import markdown
from mkdocs.exceptions import Abort
from mkdocs.utils import get_relative_url

from scripts import concepts
from scripts.hooks import source

ADMONITION = re.compile(r'<div class="admonition erratum">\s*<p class="admonition-title">(?P<id>[^<]+)</p>')
HEADING = re.compile(r'^!!! erratum "([^"]+)"', re.M)


def on_page_content(content, page, config, files):
    """Complete each correction from the ledger; draw the collecting page."""
    def complete(match):
        claim, whose = concepts.claims().get(match["id"]), "本页" if match["id"] in concepts.corrections() else "笔记"
        if claim is None:
            raise Abort(f"docs/{page.file.src_uri}:1: [ERR-1] 账本里没有 {match['id']}；改法：改成 docs/source/ledger.json 里的编号。")
        # What this site itself had wrong does not stand in the notes.
        there = source.link(match["id"], page.url) if whose == "笔记" else ""
        return (f'<div class="admonition erratum" id="{concepts.anchor(match["id"])}">'
                f'<p class="admonition-title">勘误 {match["id"]} · {whose}{claim["verdict"]}'
                f'<a class="headerlink" href="#{concepts.anchor(match["id"])}" title="本条勘误的固定链接">¶</a></p>'
                f'<p class="erratum-quote">{whose}原话：<q>{words(claim)}</q>{there}</p>')

    content = ADMONITION.sub(complete, content)
    if page.file.src_uri == "errata.md":
        content = content.replace("<!-- errata -->", table(page.url))
    return content


def placed():
    """{claim id: concept} for every correction that stands on a page."""
    found = {}
    for concept in concepts.pages():
        for claim_id in HEADING.findall((concepts.DOCS / f"{concept}.md").read_text(encoding="utf-8")):
            found[claim_id] = concept
    return found


def table(page_url):
    """All corrections by topic, with counts, each linking to its place."""
    where, ledger, claims, out = placed(), concepts.ledger(), concepts.claims(), []
    counts = {v: sum(ledger[i]["verdict"] == v for i in where if i in ledger) for v in concepts.CORRECTED}
    handled = {i for c in concepts.pages() for i in concepts.front_matter(concepts.DOCS / f"{c}.md").get("notes", ())}
    right = sum(ledger[i]["verdict"] == "正确" for i in handled)
    out.append(f'<p>笔记的 {len(ledger)} 条说法已核对 {len(handled)} 条：正确 {right} 条，'
               + "，".join(f"{v} {n} 条" for v, n in counts.items() if n) + "。</p>")
    if concepts.corrections():
        out.append(f"<p>上线之后由读者指出、本站自己更正的 {len(concepts.corrections())} 条，编号以 R 开头。</p>")
    # docs/assets/errata.js puts its filter here; without scripts the page is whole without it.
    out.append('<div class="errata-filter"></div><div data-errata>')
    for topic in concepts.topics(where.values()):
        title = concepts.topic(topic)["title"]
        out.append(f'<section data-topic="{topic}" data-title="{html.escape(title)}">'
                   f'<h2 id="{topic}">{title}<a class="headerlink" href="#{topic}" title="固定链接">¶</a></h2>'
                   '<div class="md-typeset__scrollwrap errata"><div class="md-typeset__table"><table><thead><tr>'
                   "<th>编号</th><th>判定</th><th>笔记原话</th><th>更正在</th></tr></thead><tbody>")
        for claim_id in sorted(where, key=_natural):
            concept = where[claim_id]
            if not concept.startswith(f"{topic}/"):
                continue
            claim, page = claims[claim_id], concepts.front_matter(concepts.DOCS / f"{concept}.md")
            url = get_relative_url(f"{concept}/", page_url) + f"#{concepts.anchor(claim_id)}"
            out.append(f'<tr data-verdict="{claim["verdict"]}"><td><a href="{url}">{claim_id}</a></td><td>{claim["verdict"]}</td>'
                       f'<td>{words(claim)}</td><td>{html.escape(page["title"].split("：")[0])}</td></tr>')
        out.append("</tbody></table></div></div></section>")
    out.append("</div>")
    return "\n".join(out)


def words(claim):
    """What is corrected, word for word: of the notes with their formulas, which scripts/hooks/formulas.py renders."""
    if "quote" not in claim:  # our own
        return html.escape(claim["claim"])
    return _drawn(claim["quote"].replace("$$", "$"))


@functools.cache  # each stands on its page and on the page of all
def _drawn(quote):
    said = markdown(quote, extensions=["pymdownx.arithmatex"], extension_configs={"pymdownx.arithmatex": {"generic": True}})
    return said.removeprefix("<p>").removesuffix("</p>")


def _natural(claim_id):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", claim_id)]

"""The notes as they were, numbered where a page corrects them, beside what became of each section; and the way back."""
import html
import re

from mkdocs.exceptions import Abort
from mkdocs.utils import get_relative_url

from scripts import concepts

NOTES = "source/notes/"
# Claims are numbered by the list that they were checked in (A6-03); where that list's section stands in the notes, part.number.
SECTIONS = {
    "A1": "1.1", "A2": "1.2", "A3": "1.3", "A4": "1.4", "A5": "1.5", "A6": "1.6", "B7": "1.7", "B8": "1.8", "B9": "1.9", "B10": "1.10",
    "A11": "1.11", "B12": "1.12", "B4": "1.13", "B5": "1.14", "BS": "1.14", "C1": "2.1", "C2": "2.2", "BL": "2.2", "C3": "2.3", "C4": "2.4",
    "C5": "2.5", "C6": "2.6", "C7": "3.1", "C8": "3.2", "AS": "3.2", "C9": "3.3", "C10": "3.4", "BR": "3.4", "C11": "3.5", "C12": "3.6",
    "AC": "3.6",
}
PARTS = "一二三"
HEADING = re.compile(r"(?=<h[23] id=)")
LINK = re.compile(r'\[[^\[\]]*\]\([^\s()]*(?: +"[^"]*")?\)')


def on_page_markdown(markdown, page, config, files):
    """Room for a second column; behind what is corrected the number of the correction."""
    if page.url != NOTES:
        return markdown
    page.meta["hide"] = ["navigation"]
    quoted = {}  # section -> [(quotation, link to its correction)]
    for concept in concepts.pages():
        for claim_id in concepts.front_matter(concepts.DOCS / f"{concept}.md")["notes"]:
            claim = concepts.ledger()[claim_id]
            if "quote" in claim:
                url = f"{get_relative_url(f'{concept}/', page.url)}#{concepts.anchor(claim_id)}"
                link = f'<a href="{url}" title="{claim["verdict"]}">{claim_id}</a>'
                quoted.setdefault(section(claim_id), []).append((claim["quote"], link))
    return "".join(_marked(text, quoted.get(number, ())) for number, text in concepts.sections(markdown))


def _marked(text, quoted):
    """A section with the links behind what is quoted; headings stay as they are, they are in the contents."""
    found = {}
    for quote, link in quoted:
        at = concepts.quote_end(quote, text)
        at = next((m.end() for m in LINK.finditer(text) if m.start() < at < m.end()), at)  # not within a link
        found.setdefault(at, []).append(link)
    for at in sorted(found, reverse=True):
        line = text[text.rfind("\n", 0, at) + 1:at]
        apart = "\n\n" + re.match(" *", line)[0] if line.endswith("$$") else ""  # beside it a display formula is none
        if not line.startswith("#"):
            text = f'{text[:at]}{apart or "&NoBreak;"}<sup class="wrong" data-search-exclude>{" ".join(found[at])}</sup>{text[at:]}'
    return text


def on_page_content(content, page, config, files):
    """Wrap each section of the notes with its column."""
    if page.url != NOTES:
        return content
    part = number = 0
    out = []
    for piece in HEADING.split(content):
        if piece.startswith("<h2"):
            part, number = part + 1, 0
        elif piece.startswith("<h3"):
            number += 1
            piece = (f'<section class="notes-section" id="{anchor(f"{part}.{number}")}"><div>{piece}</div>'
                     f'<aside data-search-exclude>{_became(f"{part}.{number}", page.url)}</aside></section>')
        out.append(piece)
    return "".join(out)


def on_page_context(context, page, config, nav):
    """`sections` for scripts/theme/partials/page-links.html: where the notes speak of this concept."""
    if concepts.is_concept(page.file.src_uri):
        there = sorted({section(claim) for claim in page.meta.get("notes") or ()}, key=_order)
        context["sections"] = [{"url": f"{NOTES}#{anchor(s)}", "title": name(s)} for s in there]
    return context


def section(claim_id):
    """Section of the notes that a claim stands in. Raises Abort for a list that SECTIONS does not know."""
    prefix = claim_id.split("-")[0]
    if prefix not in SECTIONS:
        raise Abort(f"docs/source/ledger.json:1: [NOTES-1] 不知道 {prefix} 开头的说法在笔记的哪一节；改法：写进 scripts/hooks/source.py 的 SECTIONS。")
    return SECTIONS[prefix]


def anchor(section_number):
    """1.6 -> notes-1-6."""
    return f"notes-{section_number.replace('.', '-')}"


def name(section_number):
    """1.6 -> 第一部分第 6 节."""
    part, number = section_number.split(".")
    return f"第{PARTS[int(part) - 1]}部分第 {number} 节"


def link(claim_id, page_url):
    """Where a claim stands in the notes, as a link after its quotation."""
    there = section(claim_id)
    return f' <a href="{get_relative_url(NOTES, page_url)}#{anchor(there)}">{name(there)}</a>'


def _became(section_number, page_url):
    """For each concept that the section went into: its page, what was right, what was corrected and where."""
    lines = ["<p>这一节后来</p>"]
    for members in concepts.by_topic().values():
        for concept, meta in members.items():
            claims = [c for c in meta["notes"] if section(c) == section_number]
            if not claims:
                continue
            url, verdicts = get_relative_url(f"{concept}/", page_url), {c: concepts.ledger()[c]["verdict"] for c in claims}
            wrong = [c for c in claims if verdicts[c] != "正确"]
            said = [f"{len(claims) - len(wrong)} 条正确"] if len(wrong) < len(claims) else []
            said += [f'{verdicts[c]} <a href="{url}#{concepts.anchor(c)}" title="{html.escape(concepts.ledger()[c]["claim"])}">{c}</a>' for c in wrong]
            lines.append(f'<p><a href="{url}">{html.escape(meta["title"].split("：")[0])}</a><br>{"，".join(said)}</p>')
    return "".join(lines)


def _order(section_number):
    return [int(n) for n in section_number.split(".")]

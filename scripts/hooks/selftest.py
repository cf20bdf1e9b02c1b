"""The self-test page: every 追问 of every page as a card. docs/assets/self-test.js fetches an answer from its page."""
import html
import re

from scripts import concepts

QUESTION = re.compile(r'^\?\?\? question "(.+)"$', re.M)


def on_page_markdown(markdown, page, config, files):
    """Replace `<!-- cards -->` by the questions, topic by topic; without scripts they are links to their pages."""
    if "<!-- cards -->" not in markdown:
        return markdown
    out = ['<div class="cards" data-cards markdown="block">']
    for topic, members in concepts.by_topic().items():
        out.append(f'<h2 id="{topic}">{html.escape(concepts.topic(topic)["title"])}</h2>')
        for concept, meta in members.items():
            name = html.escape(meta["title"].split("：")[0])
            for number, question in enumerate(questions(concept)):
                out.append(f'<section class="card" data-page="../{concept}/" data-number="{number}" markdown="block">'
                           f'<p class="card-question" markdown="span">{html.escape(question, quote=False)}</p>'
                           f'<p><a href="../{concept}/#追问">{name}</a></p></section>')
    return markdown.replace("<!-- cards -->", "\n".join([*out, "</div>"]))


def questions(concept):
    """The questions of one page, in order."""
    return QUESTION.findall((concepts.DOCS / f"{concept}.md").read_text(encoding="utf-8"))

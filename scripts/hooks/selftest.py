"""The self-test page: every 追问 of every page as a card. docs/assets/self-test.js fetches an answer from its page."""
import hashlib
import html
import re

from scripts import concepts

QUESTION = re.compile(r'^\?\?\? question "(.+)"$', re.M)
# In the page from the start, so that nothing moves when the script comes.
CONTROLS = ('<div class="card-tools"><p class="card-count" role="status">{count} 张，会的 0 张。</p><p class="card-controls">'
            '<input type="checkbox" id="cards-open" autocomplete="off"><label for="cards-open"> 只看还不会的</label> '
            '<button type="button">随便来一张</button> <button type="button">清空记录</button></p></div>')
BUTTONS = ('<p class="card-tools"><button type="button">看答案</button><button type="button">会</button>'
           '<button type="button">不会</button></p>')


def on_page_markdown(markdown, page, config, files):
    """Replace `<!-- cards -->` by the questions, topic by topic; without scripts they are links to their pages."""
    if "<!-- cards -->" not in markdown:
        return markdown
    out = []
    for topic, members in concepts.by_topic().items():
        out.append(f'<h2 id="{topic}">{html.escape(concepts.topic(topic)["title"])}</h2>')
        for concept, meta in members.items():
            name = html.escape(meta["title"].split("：")[0])
            for number, question in enumerate(questions(concept)):
                key = hashlib.sha256(f"{concept}\n{question}".encode()).hexdigest()[:12]  # what a reader's record knows it by
                out.append(f'<section class="card" data-page="../{concept}/" data-number="{number}" data-key="{key}" markdown="block">'
                           f'<p class="card-question" markdown="span">{html.escape(question, quote=False)}</p>'
                           f'<p><a href="../{concept}/#追问">{name}</a></p>{BUTTONS}</section>')
    controls = CONTROLS.format(count=sum(line.startswith("<section") for line in out))
    return markdown.replace("<!-- cards -->", "\n".join(['<div class="cards" data-cards="" markdown="block">', controls, *out, "</div>"]))


def questions(concept):
    """The questions of one page, in order."""
    return QUESTION.findall((concepts.DOCS / f"{concept}.md").read_text(encoding="utf-8"))

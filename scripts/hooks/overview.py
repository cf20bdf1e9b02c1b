"""Home and topic pages list their concepts, from the front matter of the concept pages."""
import html
import posixpath

from scripts import concepts


def on_page_markdown(markdown, page, config, files):
    """Replace `<!-- concepts -->` by the list of one topic, or of all topics on the home page."""
    if "<!-- concepts -->" not in markdown:
        return markdown
    here = posixpath.dirname(page.file.src_uri)
    meta = {c: concepts.front_matter(concepts.DOCS / f"{c}.md") for c in concepts.pages()}
    lines = []
    for topic in [here] if here else concepts.topics(meta):
        if not here:
            lines.append(f"\n### [{concepts.topic(topic)['title']}]({topic}/index.md) {{ #{topic} }}\n")
        for concept in concepts.ordered([c for c in meta if c.startswith(f"{topic}/")], meta):
            link = posixpath.relpath(f"{concept}.md", here or ".")
            lines.append(f"- [{meta[concept]['title']}]({link})：{html.escape(meta[concept]['description'], quote=False)}")
    return markdown.replace("<!-- concepts -->", "\n".join(lines))

"""Home and topic pages list their concepts, from the front matter of the concept pages."""
import html
import posixpath

from scripts import concepts


def on_page_markdown(markdown, page, config, files):
    """Replace `<!-- concepts -->` by the list of one topic, or of all topics on the home page."""
    if "<!-- concepts -->" not in markdown:
        return markdown
    here = posixpath.dirname(page.file.src_uri)
    topics, lines = concepts.by_topic(), []
    for topic in [here] if here else topics:
        if not here:
            lines.append(f"\n### [{concepts.topic(topic)['title']}]({topic}/index.md) {{ #{topic} }}\n")
        for concept, meta in topics.get(topic, {}).items():
            link = posixpath.relpath(f"{concept}.md", here or ".")
            lines.append(f"- [{meta['title']}]({link})：{html.escape(meta['description'], quote=False)}")
    return markdown.replace("<!-- concepts -->", "\n".join(lines))

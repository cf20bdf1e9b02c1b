"""Home and topic pages list their concepts, from the front matter of the concept pages."""
import html
import posixpath

from scripts import concepts


def on_page_markdown(markdown, page, config, files):
    """Replace `<!-- concepts -->` by the list of one topic, or of all topics on the home page."""
    if "<!-- concepts -->" not in markdown:
        return markdown
    here = posixpath.dirname(page.file.src_uri)
    # A topic reads its own folder alone: with hundreds of topics all of each other's would be most of a build.
    found = [f"{here}/{path.stem}" for path in (concepts.DOCS / here).glob("*.md") if path.stem != "index"] if here else None
    lines = []
    for topic, members in concepts.by_topic(found).items():
        if not here:
            lines.append(f"\n### [{concepts.topic(topic)['title']}]({topic}/index.md) {{ #{topic} }}\n")
        for concept, meta in members.items():
            link = posixpath.relpath(f"{concept}.md", here or ".")
            lines.append(f"- [{meta['title']}]({link})：{html.escape(meta['description'], quote=False)}")
    return markdown.replace("<!-- concepts -->", "\n".join(lines))

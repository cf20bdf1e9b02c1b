"""The map on the home page: every concept in the band of its topic, a line from each prerequisite to what it opens."""
import html
import re

from scripts import concepts

WIDTH, GAP, HIGH, ROW, LABEL = 960, 8, 26, 44, 96
ARC = 12  # how far a line within a row is bent upwards; room for it is left above the first


def on_page_markdown(markdown, page, config, files):
    """Replace `<!-- map -->` by the drawing; on a phone the list below it serves instead (docs/assets/site.css)."""
    return markdown.replace("<!-- map -->", draw()) if "<!-- map -->" in markdown else markdown


def draw():
    """One SVG, no script needed: nodes are links."""
    meta, boxes, labels, y = {}, {}, [], ARC
    for topic, members in concepts.by_topic().items():
        meta |= members
        labels.append((y, concepts.topic(topic)["title"]))
        x = LABEL
        for concept in members:
            name = short(meta[concept]["title"])
            wide = round(sum(11.5 if ord(char) > 0x2e80 else 6.4 for char in name) + 14)
            if x + wide > WIDTH:
                x, y = LABEL, y + ROW - 10
            boxes[concept] = (x, y, wide, name)
            x += wide + GAP
        y += ROW
    lines = [edge(boxes[before], boxes[concept], before, concept) for concept in boxes
             for before in meta[concept].get("prerequisites") or ()]
    nodes = [f'<a href="{c}/" data-concept="{c}"><title>{html.escape(meta[c]["title"])}</title>'
             f'<rect x="{x}" y="{top}" width="{wide}" height="{HIGH}" rx="5"/>'
             f'<text x="{x + wide / 2:.0f}" y="{top + 17.5}">{html.escape(name)}</text></a>' for c, (x, top, wide, name) in boxes.items()]
    heads = [f'<text class="map-topic" x="0" y="{top + 17.5}">{html.escape(title)}</text>' for top, title in labels]
    return (f'<svg class="concept-map" viewBox="0 0 {WIDTH} {y}" role="group" aria-label="概念地图：线从先修的概念连到它之后的概念" '
            f'data-search-exclude>{"".join(lines)}{"".join(heads)}{"".join(nodes)}</svg>')


def short(title):
    """A title's name without its explanation, in one language where it gives two."""
    name = title.split("：")[0]
    chinese, _, english = name.partition(" ")
    if chinese.isascii() or not english.isascii() or not english:
        return name
    # 旋转位置编码 RoPE -> RoPE, 键值缓存 KV Cache -> KV Cache: what people say; 编辑距离 Edit Distance -> 编辑距离.
    return english if re.search(r"[A-Z]\w*[A-Z]", english) and len(english) < 14 else chinese


def edge(start, end, before, concept):
    x0, y0, w0, _ = start
    x1, y1, w1, _ = end
    x0, x1 = x0 + w0 / 2, x1 + w1 / 2
    y0, y1 = (y0 + HIGH, y1) if y1 > y0 else (y0, y1 + HIGH) if y1 < y0 else (y0, y1)
    bend = (y0 + y1) / 2 if y0 != y1 else y0 - ARC
    return (f'<path data-from="{before}" data-to="{concept}" d="M{x0:.0f} {y0} C{x0:.0f} {bend:.0f} {x1:.0f} {bend:.0f} {x1:.0f} {y1}"/>')

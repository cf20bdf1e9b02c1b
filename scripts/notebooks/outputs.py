"""From an executed notebook: its labelled figures as files, its results as data.

A label is a first line `#| label: fig-…` or `#| label: results`, Quarto's cell options.
"""
import ast
import json
import re

# The neutral colours of matplotlibrc and what they become on a dark page.
DARK = {"#1f2328": "#e6edf3", "#c4c9d0": "#545d68", "#000000": "#e6edf3"}


def options(source):
    """Cell options of the leading `#| key: value` lines, as a dict."""
    found = {}
    for line in source.splitlines():
        match = re.fullmatch(r"#\|\s*([\w-]+):\s*(.+?)\s*", line)
        if not match:
            break
        found[match[1]] = match[2]
    return found


def bad_labels(cells):
    """(cell number, what is wrong) of each label that cannot name a file of its own; some systems' file names know no case."""
    seen = set()
    for number, cell in enumerate(cells, 1):
        label = options(cell.source).get("label") if cell.cell_type == "code" else None
        if label is None:
            continue
        if not re.fullmatch(r"results|fig-[\w-]+", label):
            yield number, f"标签 {label} 的写法不对"
        elif label.lower() in seen:
            yield number, f"标签 {label} 前面已经用过"
        seen.add(label.lower())


def without_options(source):
    """The cell's code as a reader should see it."""
    lines = source.splitlines()
    while lines and lines[0].startswith("#|"):
        lines.pop(0)
    return "\n".join(lines)


def svgs(cell):
    """SVG texts among the outputs of a code cell, in order."""
    return ["".join(o["data"]["image/svg+xml"]) for o in cell.get("outputs", ())
            if "image/svg+xml" in o.get("data", {})]


def size(svg):
    """Width and height of an SVG in CSS pixels, rounded."""
    width, height = (float(re.search(rf'\b{side}="([\d.]+)pt"', svg)[1]) for side in ("width", "height"))
    return round(width * 4 / 3), round(height * 4 / 3)


def lean(svg):
    """The SVG without its prolog, metadata and comments: they name the matplotlib version and repeat every label."""
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
    return re.sub(r">\s+<", "><", svg).strip() + "\n"


def dark(svg):
    """The same picture for a dark page: neutral colours exchanged, data colours kept."""
    return re.sub("|".join(DARK), lambda m: DARK[m[0]], svg)


def results(cell):
    """The dict that a `results` cell shows.

    Raises ValueError (Chinese) when the cell shows no dict of plain numbers, strings, lists and dicts.
    """
    shown = [o["data"]["text/plain"] for o in cell.get("outputs", ()) if o.get("output_type") == "execute_result"]
    try:
        value = ast.literal_eval("".join(shown[-1])) if shown else None
        json.dumps(value)  # sets, bytes and the like are literals, too, but cannot be kept
    except (ValueError, SyntaxError, TypeError):
        value = None
    if not isinstance(value, dict):
        raise ValueError("`#| label: results` 的单元没有显示一个只含数字、字符串、列表和字典的 dict；"
                         "改法：让最后一个表达式是这样的 dict，张量先用 .item() 或 .tolist()。")
    return value

"""`<!-- widget: name -->` becomes the place of a calculator; docs/assets/site.js fills it when it comes near."""
import re

from mkdocs.exceptions import Abort

from scripts import concepts

MARK = re.compile(r"^<!-- widget: ([\w-]+) -->$", re.M)
SPECS = concepts.DOCS / "assets" / "widgets" / "specs.js"


def names():
    """Calculators that specs.js defines."""
    code = SPECS.read_text(encoding="utf-8")
    return re.findall(r'^  "?([\w-]+)"?: \{$', code[code.index("export const specs"):], re.M)


def on_page_markdown(markdown, page, config, files):
    """Replace the marks."""
    def place(match):
        if match[1] not in names():
            line = (concepts.DOCS / page.file.src_uri).read_text(encoding="utf-8").split(match[0])[0].count("\n") + 1
            raise Abort(f"docs/{page.file.src_uri}:{line}: [WIDGET-1] 没有叫 {match[1]} 的计算器；"
                        f"改法：用 {'、'.join(names())} 之一，或在 docs/assets/widgets/specs.js 里添加。")
        # Not in the text index: its words would be found without their numbers.
        return f'<div class="widget" data-widget="{match[1]}" data-search-exclude></div>'
    return MARK.sub(place, markdown)

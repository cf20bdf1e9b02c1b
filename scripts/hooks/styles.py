"""One style sheet instead of four: on a phone each further file delays the first paint by a round trip."""
import hashlib
import re
from pathlib import Path

import material
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url

from scripts import concepts
from scripts.formulas.katex import KATEX

LINK = re.compile(r'\s*<link rel="stylesheet" href="[^"]*(?:stylesheets/(?:main|palette)\.[^"]*|katex\.min\.css|assets/site\.css)">')

_name = ""


def on_files(files, config):
    """Join the theme's, KaTeX's and our own style; the hash in the name lets browsers keep it for ever."""
    global _name
    theme = Path(material.__file__).parent / "templates" / "assets" / "stylesheets"
    parts = [next(theme.glob(f"{name}.*.min.css")).read_text(encoding="utf-8") for name in ("main", "palette")]
    # Only woff2 is shipped: every browser that runs this site reads it.
    parts.append(re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)', "",
                        (KATEX / "katex.min.css").read_text(encoding="utf-8")).replace("url(fonts/", "url(vendor/katex/fonts/"))
    parts.append((concepts.DOCS / "assets" / "site.css").read_text(encoding="utf-8"))
    text = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", "\n".join(parts))
    # formula-search asks the sheets' names whether KaTeX is among them, so as not to load it twice.
    _name = f"assets/style-katex.{hashlib.sha256(text.encode()).hexdigest()[:8]}.css"
    files.append(File.generated(config, _name, content=text))
    return files


def on_post_page(output, page, config):
    """Point the page to the joined sheet."""
    return joined(output, get_relative_url(_name, page.url))


def on_post_template(output_content, template_name, config):
    """The 404 page starts its links at the site's root."""
    if not template_name.endswith(".html"):
        return output_content
    root = re.search(r'<link rel="icon" href="(.*?)assets/', output_content)
    return joined(output_content, (root[1] if root else "/") + _name)


def joined(output, url):
    """Replace the first style link by ours and drop the others."""
    first = LINK.search(output)
    if not first:
        return output
    return LINK.sub("", output[:first.start()] + f'\n<link rel="stylesheet" href="{url}">' + output[first.end():])

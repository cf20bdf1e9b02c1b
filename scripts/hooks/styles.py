"""One style sheet instead of four, and at first only what the site's pages use of it: on a phone each further file
delays the first paint by a round trip, and so does each further 14 kB. The rest follows with the theme's script
(docs/assets/site.js), which is what makes the elements that no page has from the start.
"""
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import material
from mkdocs.exceptions import Abort
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url

from scripts import concepts
from scripts.environment import CACHE, ROOT, node
from scripts.formulas.katex import KATEX

LINK = re.compile(r'\s*<link rel="stylesheet" href="[^"]*(?:stylesheets/(?:main|palette)\.[^"]*|katex\.min\.css|assets/site\.css)">')

TAG = re.compile(r"<script.*?</script>|<[a-z][^>]*>", re.S)  # inline scripts set classes, too
WORD = re.compile(r"#?[\w-]+")  # the theme knows pictures for the dark by the end of their address

LEAN, NPM_LOCK = ROOT / "scripts" / "hooks" / "lean.mjs", ROOT / "scripts" / "npm" / "package-lock.json"
KEPT = CACHE / "lean"
ALPHABET = re.compile(r'class="[^"]*\b(mathbb|mathcal)\b[^"]*"[^>]*>([^<]*)<')  # a letter that leans has a style beside its class

_name = ""
_lean = False
_words, _characters, _alphabets = set(), set(), {}


def on_startup(command, dirty):
    """Under `mkdocs serve` pages are rendered one by one, so nobody knows what all of them use."""
    global _lean
    _lean = command == "build"


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
    _name = f"assets/style-katex.{hashlib.sha256(text.encode()).hexdigest()[:8]}.css"
    files.append(File.generated(config, _name, content=text))
    # Formulas would blink if their fonts were declared a second time.
    files.append(File.generated(config, _whole(), content=re.sub(r"@font-face\s*\{[^}]*\}", "", text)))
    _words.clear()
    _characters.clear()
    _alphabets.clear()
    return files


def _whole():
    return _name.replace("style-katex.", "style-whole.")


def on_post_page(output, page, config):
    """Point the page to the joined sheet, note what it uses."""
    _note(output)
    return joined(output, get_relative_url(_name, page.url), get_relative_url(_whole(), page.url))


def on_post_template(output_content, template_name, config):
    """The 404 page starts its links at the site's root."""
    if not template_name.endswith(".html"):
        return output_content
    root = re.search(r'<link rel="icon" href="(.*?)assets/', output_content)
    root = root[1] if root else "/"
    _note(output_content)
    return joined(output_content, root + _name, root + _whole())


def _note(output):
    for tag in set(TAG.findall(output)):
        _words.update(WORD.findall(tag))
    _characters.update(output)
    for name, letters in set(ALPHABET.findall(output)):
        _alphabets.setdefault(name, set()).update(letters)


def on_post_build(config):
    """Leave out of the first sheet and the first fonts what no page uses; the result is kept while that stays the same."""
    if not _lean:
        return
    assets = Path(config.site_dir) / "assets"
    style = Path(config.site_dir) / _name
    # Our own scripts make elements before a reader's first move.
    for script in [*assets.glob("*.js"), *(assets / "widgets").glob("*.js"), assets / "formula-search" / "page.js"]:
        _words.update(WORD.findall(script.read_text(encoding="utf-8")))
    text = style.read_text(encoding="utf-8")
    known = {form for word in WORD.findall(text) for form in (word, word.removeprefix("#"))}
    used = json.dumps({"words": " ".join(sorted(_words & known)),
                       # KaTeX's fonts have no Han, but the stroke of ≠ in the private-use area.
                       "characters": "".join(sorted(c for c in _characters if c < "\u2e80" or "\ue000" <= c < "\uf900")),
                       "alphabets": {name: "".join(sorted(letters)) for name, letters in sorted(_alphabets.items())}})
    key = hashlib.sha256((used + text).encode() + LEAN.read_bytes() + NPM_LOCK.read_bytes()).hexdigest()[:32]
    if not (KEPT / key / style.name).exists():
        done = subprocess.run([node(), str(LEAN), str(style), str(KEPT / key)], input=used, capture_output=True, text=True, encoding="utf-8")
        if done.returncode:
            raise Abort(f"docs/assets/site.css:1: [STYLE-1] 样式表没有精简成；改法：照提示改。\n{done.stderr}")
    shutil.copytree(KEPT / key, assets, dirs_exist_ok=True)


def joined(output, url, whole):
    """Replace the first style link by ours and drop the others; the theme's whole sheet is only named, not loaded."""
    first = LINK.search(output)
    if not first:
        return output
    ours = f'\n<link rel="stylesheet" href="{url}"><link as="style" href="{whole}" data-whole>'
    head = output.index("</head>")  # the pattern tries every run of white space, and most are below
    return output[:first.start()] + ours + LINK.sub("", output[first.end():head]) + output[head:]

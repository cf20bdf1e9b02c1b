"""The last touch on every page: what the theme leaves undone, and a content-security policy with the hashes of its scripts."""
import base64
import hashlib
import re

from jinja2 import FileSystemBytecodeCache

from scripts.environment import CACHE

TEMPLATES = CACHE / "templates"
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.S)

_ours = []  # a pattern for each inline script of the theme


def on_env(env, config, files):
    """Keep the theme's templates compiled; jinja2 compiles again what reads differently. Learn the theme's scripts."""
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = FileSystemBytecodeCache(str(TEMPLATES))
    _ours[:] = [pattern for name in env.list_templates() if name.startswith("partials/javascripts/")
                for pattern in scripts_of(env.loader.get_source(env, name)[0])]
    return env


def scripts_of(template):
    """A pattern for each inline script of a template; {{ … }} in it stands for the way to the site's root."""
    return [re.compile(r"[\w./:-]*".join(re.escape(part) for part in re.split(r"\{\{.*?\}\}", m["code"])))
            for m in INLINE_SCRIPT.finditer(template)]


def on_post_page(output, page, config):
    """Mend the theme, insert the policy."""
    return with_policy(mended(output))


def on_post_template(output_content, template_name, config):
    """The 404 page is a template, not a page."""
    return with_policy(mended(output_content)) if template_name.endswith(".html") else output_content


# What the theme prints, and what a reader's browser or screen reader needs instead.
MENDS = [
    # The theme's script costs a phone more than the whole page; docs/assets/site.js fetches it
    # when the page stands and starts it at the reader's first move.
    (re.compile(r'<script src="([^"]*bundle\.[^"]*)"></script>'), r'<link as="script" href="\1" data-bundle>'),
    (re.compile(r'(<div class="md-search" data-md-component="search" role="dialog")>'), r'\1 aria-label="搜索">'),
    # Wide code scrolls; before the theme's script has started the keyboard must reach it, too.
    (re.compile(r'(<pre[^>]*>(?:<span></span>)?<code)>'), r'\1 tabindex="0">'),
    (re.compile(r'<nav class="md-code__nav">'), '<nav class="md-code__nav" aria-label="代码">'),
    # The empty corner of a table heads nothing.
    (re.compile(r'<th( style="[^"]*")?></th>'), r'<td\1></td>'),
]

FONTS = re.compile(r'\s*<link rel="preload" [^>]*as="font"[^>]*>')


def mended(output):
    """Apply MENDS. Without formulas, their fonts need not come first."""
    if 'class="katex' not in output:
        output = FONTS.sub("", output)
    for pattern, replacement in MENDS:
        output = pattern.sub(replacement, output)
    return output


def signature(code):
    """What the policy knows an inline script by."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() + "'"


def with_policy(output):
    """Hash the theme's inline scripts; what an author wrote or is injected later has no hash and does not run."""
    hashes = sorted({signature(m["code"]) for m in INLINE_SCRIPT.finditer(output) if any(ours.fullmatch(m["code"]) for ours in _ours)})
    # KaTeX positions with style attributes, hence unsafe-inline for styles; they cannot load or run anything here.
    policy = ("default-src 'none'; script-src 'self' " + " ".join(hashes) + "; style-src 'self' 'unsafe-inline'; "
              "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
              "base-uri 'none'; form-action 'none'")
    return output.replace('<meta charset="utf-8">', f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">', 1)

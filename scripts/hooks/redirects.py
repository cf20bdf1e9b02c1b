"""Old addresses stay: a page whose front matter says `formerly: [topic/old]` is also found there, its notebook too."""
import html
from pathlib import Path

from mkdocs.utils import get_relative_url

from scripts import concepts


def on_post_build(config):
    """Write one small page for each old address."""
    for source in sorted(concepts.DOCS.rglob("*.md")):
        meta, address = concepts.front_matter(source), concepts.address(source)
        for old in meta.get("formerly") or ():
            _write(Path(config["site_dir"]), f"{old}/", address, meta["title"])
            if concepts.is_concept(source.relative_to(concepts.DOCS)):
                _write(Path(config["site_dir"]), f"notebooks/{old}/", f"notebooks/{address}", meta["title"])


def _write(site, old, new, title):
    to, script = get_relative_url(new, old), get_relative_url("assets/moved.js", old)
    page = site / old / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    # Refreshing alone would lose the part after #; the script keeps it, and is gone before the refresh comes.
    page.write_text(f"""<!doctype html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>已移走：{html.escape(title)}</title>
<link rel="canonical" href="{to}">
<script src="{script}"></script>
<meta http-equiv="refresh" content="0; url={to}">
</head>
<body><main><h1>这一页移走了</h1><p>现在在 <a href="{to}">{html.escape(title)}</a>。</p></main></body>
</html>
""", encoding="utf-8")

"""The site as one archive that opens from a disk, where browsers refuse modules, fetch, workers from files and fonts."""
import base64
import io
import json
import re
import zipfile

ARCHIVE = "llm-notes.zip"
FOLDER = "llm-notes"
# Pages that a server answers with, files that only a server's readers fetch.
LEFT_OUT = re.compile(r"404\.html|sitemap\.xml(\.gz)?|.*\.map|assets/(vendor|formula-search|widgets)/.*|assets/(self-test|errata|enlarge|moved)\.js|"
                      r"assets/javascripts/(lunr|workers)/.*|assets/(formulas|formula-[a-z]+|macros)\.json|search/.*")
OFFER = re.compile(r'(<p class="offline-get">.*?)<span></span></p>')
# Inline scripts are let run: the page comes from the reader's own disk, and nothing can be loaded from or sent to anywhere.
POLICY = "default-src 'none'; script-src file: 'unsafe-inline'; style-src file: 'unsafe-inline'; img-src file: data:; font-src data:; worker-src blob:; base-uri 'none'; form-action 'none'"


def add(site):
    """Write the archive into a built site and its size onto the page that offers it."""
    (site / ARCHIVE).write_bytes(archive(site))
    page = site / "offline" / "index.html"
    size = f"{(site / ARCHIVE).stat().st_size / 1e6:.1f} MB"
    page.write_text(OFFER.sub(rf"\g<1>{size}</p>", page.read_text(encoding="utf-8")), encoding="utf-8")


def archive(site):
    """The archive's bytes, the same for the same site: names sorted, one date for all."""
    files = {p.relative_to(site).as_posix(): p.read_bytes() for p in site.rglob("*") if p.is_file()}
    kept = {name: raw for name, raw in files.items() if not LEFT_OUT.fullmatch(name) and name != ARCHIVE}
    for name, raw in kept.items():
        if name.endswith(".html"):
            kept[name] = _page(raw.decode("utf-8")).encode()
        elif name.endswith(".css"):
            kept[name] = _with_fonts(raw.decode("utf-8"), files).encode()
    kept["search/search_index.js"] = _index(files["search/search_index.json"]).encode()
    kept["assets/offline.js"] = _worker(files).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for name in sorted(kept):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr, entry.compress_type = 3, 0o644 << 16, zipfile.ZIP_DEFLATED
            target.writestr(entry, kept[name])
    return out.getvalue()


def _page(text):
    """Links name files; module scripts go; what needs them says so."""
    text = re.sub(r'(?<= href=")[^"]*|(?<= data-page=")[^"]*', lambda m: _file(m[0]), text)
    text = re.sub(r'(<meta http-equiv="Content-Security-Policy" content=")[^"]*', lambda m: m[1] + POLICY, text)
    text = re.sub(r'<link rel="preload"[^>]*>\s*|<script src="[^"]*formula-search/page\.js" type="module"></script>\s*', "", text)
    # Before the theme's script is started by site.js, the worker must be ours.
    text = re.sub(r'<script src="([^"]*)site\.js" type="module"></script>',
                  r'<script src="\1offline.js" defer></script><script src="\1site.js" defer></script>', text)
    text = re.sub(r'<div class="widget" data-widget="[^"]*"[^>]*></div>', '<p class="offline-gap">这里在线时有一个计算器。</p>', text)
    text = re.sub(r' data-(?:cards|errata|formula-palette)(?:="")?(?=[ >])', "", text)
    text = re.sub(r'<div id="formula-search">.*?</div>', '<p class="offline-gap">公式搜索只在线可用；下面的清单是全的，可以用浏览器的“在页面中查找”。</p>', text)
    text = re.sub(r'<div class="formula-examples">.*?</div>', "", text, flags=re.S)  # there is no box for them
    return OFFER.sub("<p>正在看的就是离线版。</p>", text)


def _file(url):
    """A link to a folder becomes a link to the page in it."""
    path, rest = re.fullmatch(r"([^?#]*)(.*)", url, re.S).groups()
    if ":" in path or path.startswith("//") or not re.search(r"(^|/)\.{0,2}$", path) or not path:
        return url
    return f"{path.rstrip('/')}/index.html{rest}"


def _with_fonts(css, files):
    """Fonts inside the sheet: from a disk, some browsers load none."""
    def inlined(match):
        return f"url(data:font/woff2;base64,{base64.b64encode(files['assets/' + match[1]]).decode()})"
    return re.sub(r"url\((vendor/[^)]*\.woff2)\)", inlined, css)


def _index(raw):
    """The search index as a script, which is how the theme wants it from a disk."""
    data = json.loads(raw)
    for entry in data["docs"]:
        path, mark, anchor = entry["location"].partition("#")
        entry["location"] = f"{path}index.html{mark}{anchor}"
    return f"var __index = {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}"


def _worker(files):
    """The search's worker with all that it would import, as a text in the page: a blob may run where a file may not."""
    [name] = [f for f in files if re.fullmatch(r"assets/javascripts/workers/search\.\w+\.min\.js", f)]
    parts = [name, "assets/javascripts/lunr/min/lunr.stemmer.support.min.js", "assets/javascripts/lunr/min/lunr.zh.min.js"]
    code = "self.importScripts = () => {};\n" + "\n".join(re.sub(r"//# sourceMappingURL=.*", "", files[p].decode("utf-8")) for p in parts)
    return (f"const code = {json.dumps(code)};\n"
            'const FromFile = Worker;\nwindow.Worker = function () { return new FromFile(URL.createObjectURL(new Blob([code], { type: "text/javascript" }))); };\n')

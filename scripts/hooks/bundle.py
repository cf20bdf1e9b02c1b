"""Formula search joined and minified: `docs/assets/formula-search` as readers get it."""
import hashlib
import subprocess

from mkdocs.exceptions import Abort
from mkdocs.structure.files import File

from scripts import concepts
from scripts.environment import CACHE, ROOT, node
from scripts.hooks.styles import NPM_LOCK

SOURCE = "assets/formula-search/"
BUNDLE = ROOT / "scripts" / "formulas" / "bundle.mjs"
KEPT = CACHE / "bundle"


def on_files(files, config):
    """Put the joined files where the modules stood; they are kept while the modules stay the same."""
    modules = sorted(path for path in (concepts.DOCS / SOURCE).rglob("*") if path.is_file())
    made = KEPT / hashlib.sha256(b"\0".join(path.read_bytes() for path in (BUNDLE, NPM_LOCK, *modules))).hexdigest()[:32]
    if not (made / "vendor" / "minisearch" / "index.js").exists():  # what bundle.mjs makes last
        done = subprocess.run([node(), str(BUNDLE), str(made)], capture_output=True, text=True, encoding="utf-8")
        if done.returncode:
            raise Abort(f"docs/{SOURCE}:1: [BUNDLE-1] 公式搜索的模块合不起来；改法：照提示改。\n{done.stderr}")
    for file in [f for f in files if f.src_uri.startswith(SOURCE)]:
        files.remove(file)
    for path in sorted(made.rglob("*.*")):
        files.append(File.generated(config, f"assets/{path.relative_to(made).as_posix()}", abs_src_path=str(path)))
    return files

"""Third-party browser files, from the npm packages that set-up installed: served by us, committed by no one."""
from mkdocs.structure.files import File

from scripts.environment import NPM

# path in node_modules (glob): folder in the site
VENDOR = {
    "katex/dist/katex.min.css": "assets/vendor/katex",
    "katex/dist/katex.min.js": "assets/vendor/katex",
    "katex/dist/fonts/*.woff2": "assets/vendor/katex/fonts",
    "@fontsource/stix-two-math/files/stix-two-math-latin-400-normal.woff2": "assets/vendor/math",
}


def on_files(files, config):
    """Add the vendor files."""
    modules = NPM / "node_modules"
    for pattern, folder in VENDOR.items():
        for path in sorted(modules.glob(pattern)):
            files.append(File.generated(config, f"{folder}/{path.name}", abs_src_path=str(path)))
    return files

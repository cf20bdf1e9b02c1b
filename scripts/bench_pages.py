"""Lighthouse (mobile profile) over chosen pages of the built site: median of several runs, as a table."""
import json
import os
import statistics
import subprocess

from scripts.environment import CACHE, NPM, ROOT, browser, node
from scripts.serving import serve

PAGES = ["", "attention/scaled-dot-product/", "position/rope/", "architecture/parameter-count/", "attention/multi-head-latent/",
         "finetuning/lora/", "notebooks/attention/scaled-dot-product/", "formulas/"]
RUNS = 5
CATEGORIES = ["performance", "accessibility", "best-practices", "seo"]
# Without a screen Chromium may draw once a second only, and Lighthouse would count all that happened meanwhile as
# needed for the first paint; with every stage run before a frame it draws when the page is ready, as a phone does.
FLAGS = ("--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
         "--disable-component-update --disable-sync --run-all-compositor-stages-before-draw")


def main():
    """Print one row a page."""
    with serve(ROOT / "site") as base:
        print("| 页面 | 性能 | 可访问性 | 最佳实践 | SEO | LCP ms | CLS | TBT ms | kB |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|")
        for page in PAGES:
            print(row(page or "首页", [audit(base + page) for _ in range(RUNS)]), flush=True)
    return 0


def audit(url):
    """One Lighthouse report as a dict."""
    target = CACHE / "lighthouse.json"
    cli = NPM / "node_modules" / "lighthouse" / "cli" / "index.js"
    command = [node(), str(cli), url, "--quiet", "--output=json", f"--output-path={target}", f"--chrome-flags={FLAGS}"]
    for last in (False, False, True):  # one start in twenty or so draws nothing at all, and Lighthouse gives up
        if subprocess.run(command, check=last, env={**os.environ, "CHROME_PATH": browser()}).returncode == 0:
            break
    return json.loads(target.read_text(encoding="utf-8"))


def row(name, reports):
    """Medians of several reports as a table row."""
    def median(pick):
        return statistics.median(pick(r) for r in reports)

    scores = [f"{median(lambda r: r['categories'][c]['score']) * 100:.0f}" for c in CATEGORIES]
    numbers = [f"{median(lambda r: r['audits'][a]['numericValue']):{spec}}" for a, spec in
               (("largest-contentful-paint", ".0f"), ("cumulative-layout-shift", ".3f"), ("total-blocking-time", ".0f"))]
    weight = median(lambda r: r["audits"]["total-byte-weight"]["numericValue"]) / 1000
    return f"| {name} | {' | '.join(scores)} | {' | '.join(numbers)} | {weight:.0f} |"

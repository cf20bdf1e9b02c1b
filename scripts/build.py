"""The complete site: check, execute, build beside, check what was built, then put it in place.

`site/` is either the previous good site or the new good one. Whatever fails before the
last step leaves it untouched.
"""
import os
import shutil
import subprocess
import sys

from scripts import offline, repository
from scripts.checks import registry, site
from scripts.environment import CACHE, ROOT
from scripts.notebooks import cache, execute, quote

NEW = CACHE / "site-new"
SITE = ROOT / "site"


def main(argv):
    """Return 0 and a new site/, or 1 and the old one."""
    for number, (name, step) in enumerate(STEPS, 1):
        print(f"[构建 {number}/{len(STEPS)}] {name}…", flush=True)
        faults = step()
        if faults:
            print("\n".join(faults), file=sys.stderr)
            print(f"[构建] 在“{name}”停下，{len(faults)} 处不合；site/ 没有改动", file=sys.stderr)
            return 1
    print(f"[构建] 完成：{len(list(SITE.rglob('*.html')))} 个页面在 {SITE.name}/")
    return 0


def _check():
    return registry.run()


def _execute():
    return execute.execute_all()


def _numbers():
    """Prose must not repeat by hand what a run has measured."""
    faults = []
    for path in cache.all_notebooks():
        page = ROOT / "docs" / f"{cache.concept_of(path)}.md"
        if page.exists():
            faults += quote.typed_by_hand(page.read_text(encoding="utf-8"), cache.load(path), page)
    return faults


def _mkdocs():
    # Never -q: it raises the log level above WARNING, and --strict counts warnings by listening to the log.
    command = [sys.executable, "-m", "scripts.mkdocs_cli", "build", "--strict", "--site-dir", str(NEW)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT),
                               # The sitemap's dates come from the commit, not from the clock: two builds of it are alike.
                               "SOURCE_DATE_EPOCH": repository.commit_time()})
    if done.returncode == 0:
        return []
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line and not line.startswith(("INFO", "DEBUG"))]
    return ["mkdocs.yml:1: [SITE-0] mkdocs 没有建成；改法：照下面的提示改。", *lines[-30:]]


def _offline():
    offline.add(NEW)
    return []


def _built():
    return site.faults(NEW) + site.search_faults(NEW / "assets")


def _publish():
    old = CACHE / "site-old"
    if not SITE.exists() and old.exists():  # killed between the two renames: this is the only good site
        old.rename(SITE)
    shutil.rmtree(old, ignore_errors=True)
    try:
        if SITE.exists():
            SITE.rename(old)
        NEW.rename(SITE)
    except OSError as error:
        if not SITE.exists() and old.exists():
            old.rename(SITE)
        return [f"site/:1: [SITE-0] 新的站点放不上去（{error}）；改法：关掉正在用 site/ 的预览与窗口，再运行一次。"]
    shutil.rmtree(old, ignore_errors=True)
    return []


STEPS = [("检查源文件", _check), ("执行笔记本", _execute), ("核对手写的数", _numbers), ("生成页面", _mkdocs),
         ("打包离线版", _offline), ("检查生成的页面", _built), ("放到 site/", _publish)]

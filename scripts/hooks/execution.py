"""Before a build: every notebook has a valid run, or there is no build."""
import threading

import bs4
import jieba
import jupytext
from mkdocs.exceptions import Abort
from mkdocs_jupyter import convert

from scripts.notebooks import cache, execute


def on_serve(server, config, builder):
    """Rebuild when a notebook, a hook or the matplotlib style changes, not only pages."""
    for folder in ("notebooks", "scripts/hooks", "scripts/formulas", "scripts/theme"):
        server.watch(folder)
    return server


def on_pre_build(config):
    """Execute what is stale. Under `mkdocs serve` this is what makes an edited notebook run again, and only it."""
    if all(cache.load(path) for path in cache.all_notebooks()):
        return
    run = execute.execute_all  # loads what executes before the other thread begins to load
    loading = threading.Thread(target=_load)
    loading.start()
    errors = run()
    loading.join()
    if errors:
        raise Abort("\n".join(errors))


def _load():
    """While kernels compute: what the pages of new runs need (scripts.mkdocs_cli loads it late), and the segmenter's words."""
    jupytext.reads, bs4.BeautifulSoup, convert.nb2html  # noqa: B018
    jieba.setLogLevel("WARNING")
    jieba.initialize()

"""Before a page is made of it: every notebook has a valid run, or there is no build."""
import functools

import bs4
import jieba
from mkdocs.exceptions import Abort
from mkdocs.plugins import event_priority
from mkdocs_jupyter import convert

from scripts.notebooks import ahead, cache

_previewing = False
_order = []  # of all files, while those that wait stand last


def on_startup(command, dirty):
    """`mkdocs build` or `mkdocs serve`."""
    global _previewing
    _previewing = command == "serve"


def on_serve(server, config, builder):
    """Rebuild when a notebook, a hook or a template changes, not only pages."""
    for folder in ("notebooks", "scripts/hooks", "scripts/formulas", "scripts/theme"):
        server.watch(folder)
    return server


def on_pre_build(config):
    """Execute what is stale, unless scripts.mkdocs_cli has begun to."""
    ahead.begin()
    if _previewing:  # what is rebuilt is settled by the files' times, so that nothing may come later
        _refuse(ahead.end())


# After mkdocs-jupyter, which makes a new list.
@event_priority(-100)
def on_files(files, config):
    """The pages that wait for a run come last."""
    _order[:] = files if ahead.begun and not _previewing else []
    if _order:
        for path in ahead.begun:
            for source in (f"{cache.concept_of(path)}.md", f"notebooks/{cache.concept_of(path)}.ipynb"):
                if file := files.get_file_from_path(source):
                    files.remove(file)
                    files.append(file)
    return files


# Before any hook reads the run.
@event_priority(100)
def on_pre_page(page, config, files):
    """Wait for the run of which this page is made."""
    path = cache.NOTEBOOKS / f"{page.file.src_uri.removeprefix('notebooks/').rsplit('.', 1)[0]}.ipynb"
    if path in ahead.begun:
        _load()
        _refuse(ahead.wait(path))
    return page


@event_priority(100)
def on_env(env, config, files):
    """Pages are written, listed and indexed in the order in which they were found."""
    _refuse(ahead.end())
    for file in _order:
        files.remove(file)
        files.append(file)
    return env


@functools.cache
def _load():
    """While kernels compute: the segmenter's words, and everything that turns a run into a page. A first conversion, of
    what is there already, reads and compiles templates that take longer than the page itself."""
    jieba.setLogLevel("WARNING")
    jieba.initialize()
    bs4.BeautifulSoup(convert.nb2html(str(ahead.begun[0])), "lxml")
    convert.nb2md(str(ahead.begun[0]))


def _refuse(errors):
    if errors:
        raise Abort(errors.strip())

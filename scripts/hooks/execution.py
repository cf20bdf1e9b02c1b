"""Before a build: every notebook has a valid run, or there is no build."""
from mkdocs.exceptions import Abort

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
    errors = execute.execute_all()
    if errors:
        raise Abort("\n".join(errors))

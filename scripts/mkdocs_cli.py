"""mkdocs with this project's start-up (see scripts/__init__.py): `python -m scripts.mkdocs_cli build …`."""
import importlib
import sys
import types

from scripts.notebooks import ahead

# What only a notebook or a page that changed needs takes a third of a build in which nothing did.
LATER = ("jupytext", "mkdocs_jupyter.convert", "nbformat", "bs4")


def later(name):
    """Let `import name` cost nothing until something of the module is asked for."""
    stand_in = types.ModuleType(name)

    # importlib.util.LazyLoader would serve, but until Python 3.12 the import statement itself asks, and so loads.
    def __getattr__(attribute):
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
        return getattr(importlib.import_module(name), attribute)

    stand_in.__getattr__ = __getattr__
    sys.modules[name] = stand_in


if __name__ == "__main__":
    if sys.argv[1:2] == ["build"]:
        ahead.begin()
    from mkdocs.__main__ import cli  # after that: it takes a second to load

    for module in LATER:
        later(module)
    cli()

"""mkdocs with this project's start-up (see scripts/__init__.py): `python -m scripts.mkdocs_cli build …`."""
from mkdocs.__main__ import cli

if __name__ == "__main__":
    cli()

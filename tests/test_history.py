"""The timeline's data stands twice: a file for readers, a literal for a notebook that must run alone. They are one."""
import json

from scripts.concepts import DOCS
from scripts.notebooks import cache


def test_the_notebook_holds_the_published_table():
    notebook = json.loads((cache.NOTEBOOKS / "models" / "history.ipynb").read_text(encoding="utf-8"))
    code = "\n".join("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code")
    table = (DOCS / "models" / "history.csv").read_text(encoding="utf-8")
    assert f'TABLE = """\\\n{table}"""' in code
    assert table.count("\n") > 20

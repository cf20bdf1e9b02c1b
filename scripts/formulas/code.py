"""The function of a notebook that computes a formula: `code: name` in the formula's entry."""
import ast
import json


def functions(path):
    """{name: (number of the code cell, source)} of the functions that a notebook defines at top level."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    except (ValueError, LookupError, TypeError):
        return {}  # no notebook at all: NB-1 names it
    found = {}
    for number, source in enumerate(filter(str.strip, sources), 1):
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue  # NB-7 names it
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                found[node.name] = number, ast.get_source_segment(source, node)
    return found

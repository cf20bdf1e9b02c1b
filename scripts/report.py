"""What a pull request changes: each changed notebook's results, output and figures beside those of the commit before: of main, in a pull request.

`report.json` holds only names and numbers: it is what scripts/comment.py may read. `index.html` is for people.
"""
import difflib
import html
import json
import shutil
import sys

import nbformat

from scripts import comment, repository
from scripts.environment import CACHE
from scripts.notebooks import cache, execute

BASE = "HEAD^1"  # a pull request is tested as its merge, whose first parent is main
OLD = CACHE / "base" / "notebooks"
OUT = CACHE / "report"
LINES = 200  # of one notebook's output difference


def main(argv):
    """Write .cache/report/ and print the summary in Markdown; return 1 when a changed notebook does not run."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    changed = [p for p in cache.all_notebooks() if before(p) != p.read_bytes()]
    olds = [_store(p) for p in changed if before(p)]
    # What main has may fail under a new lock: then there is nothing to compare with, and that is said.
    execute.execute_all(olds, report=lambda line: None)
    errors = execute.execute_all(changed, report=lambda line: print(line, file=sys.stderr))
    entries = [_entry(p) for p in changed if cache.load(p)]
    numbers = {"notebooks": [entry["numbers"] for entry in entries], "failed": len(errors)}
    (OUT / "report.json").write_text(json.dumps(numbers, ensure_ascii=False, indent=1), encoding="utf-8")
    (OUT / "index.html").write_text(_page(entries, errors), encoding="utf-8")
    print(comment.summary(numbers))
    print("\n".join(errors), file=sys.stderr)
    return bool(errors)


def before(path):
    """The notebook as main has it, in bytes; b"" when it is new."""
    return repository.content(BASE, f"notebooks/{cache.concept_of(path)}.ipynb")


def _store(path):
    old = OLD / f"{cache.concept_of(path)}.ipynb"
    old.parent.mkdir(parents=True, exist_ok=True)
    old.write_bytes(before(path))
    return old


def _entry(path):
    """One notebook: `numbers` for the summary, `html` for the page."""
    concept, new = cache.concept_of(path), cache.load(path)
    old_path = OLD / f"{concept}.ipynb"
    old = (cache.load(old_path) if before(path) else None) or {"figures": {}, "results": None, "seconds": None}
    values, news = _flat(old["results"]), _flat(new["results"])
    moved = sorted(k for k in values.keys() | news.keys() if values.get(k) != news.get(k))
    lines = list(difflib.unified_diff(_printed(old_path) if old["seconds"] is not None else [], _printed(path), "main", "这里", lineterm="", n=1))
    figures, rows = {"same": 0, "changed": 0, "added": 0, "removed": 0}, []
    for name in sorted(old["figures"].keys() | new["figures"].keys()):
        pair = [_copy(p, concept, name, side) if name in run["figures"] else None
                for p, run, side in ((old_path, old, "main"), (path, new, "here"))]
        state = "added" if pair[0] is None else "removed" if pair[1] is None else "same" if _same(pair) else "changed"
        figures[state] += 1
        if state != "same":
            rows.append(f"<tr><th>{html.escape(name)}</th>" + "".join(f'<td><img src="{f}" alt=""></td>' if f else "<td>无</td>" for f in pair) + "</tr>")
    numbers = {"concept": concept, "seconds": [old["seconds"], new["seconds"]], "results": len(moved), "lines": sum(x[:1] in "+-" for x in lines[2:]), "figures": figures}
    body = (f"<h2>{concept}</h2><p>CPU 秒：{'新的笔记本' if old['seconds'] is None else old['seconds']} → {new['seconds']}</p>"
            + _table(["结果", "main", "这里"], [[k, values.get(k, "无"), news.get(k, "无")] for k in moved])
            + (f"<table><tr><th>图</th><th>main</th><th>这里</th></tr>{''.join(rows)}</table>" if rows else "")
            + (f"<pre>{html.escape(chr(10).join(lines[:LINES]))}</pre>" if lines else ""))
    return {"numbers": numbers, "html": body}


def _flat(results, name=""):
    """Nested results as {dotted name: text}."""
    if isinstance(results, dict):
        return {k: v for key, value in results.items() for k, v in _flat(value, f"{name}.{key}".lstrip(".")).items()}
    if isinstance(results, list):
        return {k: v for n, value in enumerate(results) for k, v in _flat(value, f"{name}.{n}").items()}
    return {} if results is None else {name: repr(results)}


def _printed(path):
    """Lines of text that a run printed or showed, without figures."""
    lines = []
    for number, cell in enumerate(nbformat.read(cache.run_folder(path) / "executed.ipynb", as_version=4).cells, 1):
        for output in cell.get("outputs", ()):
            text = output.get("text") or ("" if "image/svg+xml" in output.get("data", {}) else output.get("data", {}).get("text/plain", ""))
            lines += [f"[{number}] {line}" for line in text.splitlines()]
    return lines


def _copy(path, concept, name, side):
    file = f"{concept.replace('/', '-')}-{name}.{side}.svg"
    shutil.copy(cache.run_folder(path) / f"{name}.svg", OUT / file)
    return file


def _same(pair):
    return (OUT / pair[0]).read_bytes() == (OUT / pair[1]).read_bytes()


def _table(head, rows):
    if not rows:
        return ""
    return ("<table><tr>" + "".join(f"<th>{h}</th>" for h in head) + "</tr>"
            + "".join("<tr>" + "".join(f"<td>{html.escape(str(c))}</td>" for c in row) + "</tr>" for row in rows) + "</table>")


def _page(entries, errors):
    failed = "".join(f"<li>{html.escape(e)}</li>" for e in errors)
    return (f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>改动的笔记本</title>'
            # The figures are a stranger's: nothing in this page may run or load from elsewhere.
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src \'self\' file:; style-src \'unsafe-inline\'">'
            "<style>body{font:15px/1.6 system-ui;margin:2rem;max-width:75rem}td,th{border:1px solid #ccc;padding:.2rem .6rem;text-align:left}"
            "table{border-collapse:collapse;margin:1rem 0}img{max-width:34rem;background:#fff}pre{overflow:auto;background:#f4f4f4;padding:1rem}</style>"
            f"<h1>改动的笔记本：{len(entries)} 个</h1><ul>{failed}</ul>" + "".join(e["html"] for e in entries) + "</html>\n")

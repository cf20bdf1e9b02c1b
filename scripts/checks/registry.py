"""How a rule is declared and run.

    @rule("TEXT-2", "text", "文件以 BOM 开头", "存成不带 BOM 的 UTF-8")
    def byte_order_mark(file):
        if file.raw.startswith(b"\\xef\\xbb\\xbf"):
            yield 1

A rule gets one thing of its scope and yields a line number, or (line, detail), for each fault.
"""
import ast
import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import yaml

from scripts import concepts
from scripts.environment import ROOT
from scripts.formulas import markdown
from scripts.restore.badness import find_damage

RULES = []
# What contributors write. Vendored and generated things lie elsewhere (.venv, .cache, site).
FOLDERS = ("docs", "notebooks", "scripts", "tests", ".github")
GENERATED = {".venv", ".cache", "site", ".git"}
# Read as text; of docs and notebooks, every file is seen, since mkdocs publishes whatever lies there.
SUFFIXES = {".md", ".ipynb", ".py", ".yml", ".yaml", ".css", ".js", ".mjs", ".html", ".json", ".jsonl", ".toml", ".tsv", ".txt", ".in"}
# Kept byte for byte as it was found: the damage is the point.
DAMAGED = {"docs/source/notes-mojibake.txt"}
# Written by `python -m scripts clean`, to the letter: what the notes say is not ours to tidy.
PRODUCED = {"docs/source/notes.md"}


class Rule(NamedTuple):
    """One declared rule."""

    id: str
    scope: str  # text, page, notebook or project
    message: str
    fix: str
    function: object


def rule(rule_id, scope, message, fix):
    """Declare a rule. An id is given once and stays with its meaning for ever."""
    def declare(function):
        assert rule_id not in {r.id for r in RULES}, f"{rule_id} is declared twice"
        RULES.append(Rule(rule_id, scope, message, fix, function))
        return function
    return declare


@functools.cache
def parse_python(source):
    """The syntax tree of a cell. Whatever else the parser stumbles over (depth, half a character) is a SyntaxError, too."""
    try:
        return ast.parse(source)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error)) from error


@dataclass
class File:
    """A file under check."""

    path: Path
    root: Path

    @functools.cached_property
    def name(self):
        return self.path.relative_to(self.root).as_posix()

    @functools.cached_property
    def raw(self):
        return self.path.read_bytes()

    @functools.cached_property
    def is_utf8(self):
        try:
            self.raw.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True

    @functools.cached_property
    def text(self):
        """The text; empty when it is not UTF-8, so that only TEXT-1 speaks."""
        return self.raw.decode("utf-8") if self.is_utf8 else ""

    @functools.cached_property
    def damage(self):
        """Findings of the restorer's guard."""
        return find_damage(self.text)

    @functools.cached_property
    def lines(self):
        return self.text.split("\n")

    def line_of(self, part):
        """1-based line where a piece of text first stands (1 if nowhere)."""
        at = self.text.find(part)
        return 1 if at < 0 else self.text.count("\n", 0, at) + 1

    # pages
    @functools.cached_property
    def source(self):
        return self.path.relative_to(self.root / "docs").as_posix()

    @functools.cached_property
    def is_concept(self):
        return concepts.is_concept(self.source)

    @functools.cached_property
    def meta(self):
        """Front matter as a dict; {} when it is missing or does not parse (PAGE-1 says so)."""
        front, _, _ = concepts.split(self.text)
        try:
            found = concepts.parse_yaml(front)
        except yaml.YAMLError:
            return {}
        return found if isinstance(found, dict) else {}

    def listed(self, key):
        """A list of the front matter; empty when it is missing or of another kind (PAGE-2 says so)."""
        found = self.meta.get(key)
        return [str(item) for item in found] if isinstance(found, list) else []

    @functools.cached_property
    def named(self):
        """The `formulas` of the front matter; empty when of another kind."""
        found = self.meta.get("formulas")
        return found if isinstance(found, dict) else {}

    @functools.cached_property
    def formulas(self):
        return markdown.formulas(self.text)

    # notebooks
    @functools.cached_property
    def notebook(self):
        """Parsed JSON whose cells are cells, or None (NB-1 says so)."""
        try:
            found = json.loads(self.text)
        except (json.JSONDecodeError, RecursionError):
            return None
        cells = found.get("cells") if isinstance(found, dict) else None
        return found if isinstance(cells, list) and all(isinstance(c, dict) and _is_text(c.get("source")) for c in cells) else None

    @functools.cached_property
    def code(self):
        """(cell number, source) of the code cells."""
        return [(n, "".join(c["source"])) for n, c in enumerate((self.notebook or {}).get("cells", []), 1)
                if c.get("cell_type") == "code"]

    @functools.cached_property
    def trees(self):
        """(cell number, syntax nodes) of the code cells that parse; NB-7 names the others."""
        found = []
        for number, source in self.code:
            try:
                found.append((number, list(ast.walk(parse_python(source)))))
            except SyntaxError:
                continue
        return found

    def cell_line(self, number):
        """Line of the file where a cell begins, so that an editor can jump there."""
        starts = [m.start() for m in re.finditer(r'"cell_type"', self.text)]
        return self.text.count("\n", 0, starts[number - 1]) + 1 if number <= len(starts) else 1


def _is_text(source):
    return isinstance(source, str) or (isinstance(source, list) and all(isinstance(line, str) for line in source))


@dataclass
class Project:
    """All files, for rules that look at more than one."""

    root: Path
    files: list

    @functools.cached_property
    def pages(self):
        return [f for f in self.files if f.name.startswith("docs/") and f.name.endswith(".md")]

    @functools.cached_property
    def concepts(self):
        return {f.source.removesuffix(".md"): f for f in self.pages if f.is_concept}

    @functools.cached_property
    def notebooks(self):
        return {f.name.removeprefix("notebooks/").removesuffix(".ipynb"): f for f in self.files
                if f.name.startswith("notebooks/") and f.name.endswith(".ipynb")}

    @functools.cached_property
    def ledger(self):
        """Claims of the notes by id; {} when the file is of another kind (CLAIM-5 says so)."""
        try:
            found = json.loads((self.root / "docs/source/ledger.json").read_text(encoding="utf-8"))
            return {c["id"]: c for c in found if c["verdict"]}
        except (ValueError, LookupError, TypeError, RecursionError):
            return {}

    @functools.cached_property
    def corrections(self):
        """Entries of docs/source/corrections.yml; [] when it is no list (CLAIM-4 says so)."""
        try:
            found = concepts.parse_yaml((self.root / "docs/source/corrections.yml").read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError):
            return []
        return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def run(root=ROOT, only=()):
    """Run every rule.

    Args:
        root: the project (tests give a damaged copy).
        only: paths; when given, faults in other files are not reported.

    Returns:
        sorted list of `path:line: [ID] …；改法：…`.
    """
    from scripts.checks import rules_notebooks, rules_pages, rules_project, rules_text  # noqa: F401  they declare

    project = Project(root, list(_files(root)))
    wanted = {Path(p).resolve() for p in only}
    found = set()
    for each in RULES:
        for subject in _subjects(each.scope, project):
            for fault in each.function(subject) or ():
                file, line, detail = _unpack(fault, subject)
                if wanted and not any(file.path.resolve() == w or w in file.path.resolve().parents for w in wanted):
                    continue
                found.add((file.name, line, f"{file.name}:{line}: [{each.id}] {each.message}{detail}；改法：{each.fix}。"))
    return [text for _, _, text in sorted(found)]


def _unpack(fault, subject):
    """A fault is line, (line, detail) or, in project rules, (file, line, detail)."""
    if isinstance(fault, int):
        return subject, fault, ""
    if len(fault) == 2:
        return subject, fault[0], f"：{fault[1]}"
    return fault[0], fault[1], f"：{fault[2]}" if fault[2] else ""


def _subjects(scope, project):
    if scope == "project":
        return [project]
    if scope == "page":
        return [f for f in project.pages if f.is_utf8 and f.name not in PRODUCED]
    if scope == "notebook":
        return list(project.notebooks.values())
    return [f for f in project.files if f.path.is_symlink() or f.path.suffix in SUFFIXES]


def _files(root):
    top = [p for p in root.iterdir() if p.name not in GENERATED and (p.is_file() or p.is_symlink())]
    for path in sorted([*top, *(p for folder in FOLDERS for p in (root / folder).rglob("*"))]):
        if "__pycache__" in path.parts or ".ipynb_checkpoints" in path.parts:
            continue
        # Hidden files are an editor's or a system's; mkdocs leaves them out, too.
        published = path.relative_to(root).parts[0] in ("docs", "notebooks") and not path.name.startswith(".")
        if path.is_symlink() or (path.is_file() and (published or path.suffix in SUFFIXES)):
            yield File(path, root)

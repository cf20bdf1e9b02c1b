"""What a concept is: two files with one path. Reads pages and the ledger; writes nothing."""
import functools
import json
import re
from pathlib import Path

import yaml

from scripts.environment import ROOT

DOCS = ROOT / "docs"
LEDGER = DOCS / "source" / "ledger.json"
CORRECTIONS = DOCS / "source" / "corrections.yml"
CORRECTED = ("错误", "不精确", "不完整", "无法证实", "过时")  # verdicts that call for a correction, as the errata page counts them


def is_concept(source):
    """Whether a page path below docs/ (`attention/x.md`) is a concept page: in a topic folder, not its index."""
    parts = Path(source).parts
    return len(parts) == 2 and parts[0] not in ("source", "assets") and parts[1].endswith(".md") and parts[1] != "index.md"


def address(path):
    """Address of a page below the site's root: `topic/concept/`, `topic/`, `/` for the home page."""
    return "/".join(p for p in path.relative_to(DOCS).with_suffix("").parts if p != "index") + "/"


def pages(docs=DOCS):
    """`topic/concept` of every concept page on disk, sorted."""
    return sorted(p.relative_to(docs).with_suffix("").as_posix() for p in docs.glob("*/*.md")
                  if is_concept(p.relative_to(docs)))


def split(text):
    """Front matter text (without the fences) and body of a Markdown file; front matter may be empty.

    Returns (front, body, number of lines before the body).
    """
    if not text.startswith("---\n") or "\n---\n" not in text[3:]:
        return "", text, 0
    end = text.index("\n---\n", 3)
    front, body = text[4:end + 1], text[end + 5:]
    return front, body, front.count("\n") + 2


def parse_yaml(text):
    """Safe YAML by libyaml where it is there: ten times faster, and fifty pages are read several times a build.

    Raises yaml.YAMLError, also for what else PyYAML stumbles over (2024-02-31, `!!bool x`, depth).
    """
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise yaml.YAMLError(str(error)) from error


def front_matter(path):
    """Front matter of a page as a dict; {} when there is none. Raises yaml.YAMLError."""
    return _front_matter(path, path.stat().st_mtime_ns)


@functools.cache
def _front_matter(path, _changed):
    front, _, _ = split(path.read_text(encoding="utf-8"))
    return parse_yaml(front) or {} if front else {}


def topic(name):
    """Front matter of a topic's overview page (title, order); {} when there is none."""
    index = DOCS / name / "index.md"
    return front_matter(index) if index.exists() else {}


def topics(pages_of):
    """Topics of the given `topic/concept` names, in the order that their overview pages give."""
    return sorted({c.split("/")[0] for c in pages_of}, key=lambda name: topic(name).get("order", 99))


def ordered(topic_pages, meta):
    """Concepts of one topic so that prerequisites come first, then by title.

    Args:
        topic_pages: list of `topic/concept`.
        meta: {concept: front matter}.
    """
    left, out = sorted(topic_pages, key=lambda c: str(meta[c].get("title", c))), []
    while left:
        ready = next((c for c in left if not set(meta[c].get("prerequisites") or ()) & set(left)), left[0])
        left.remove(ready)
        out.append(ready)
    return out


def by_topic(found=None):
    """The concepts on disk, or those given, as readers meet them.

    Returns:
        {topic: {concept: front matter}}, topics and concepts in reading order.
    """
    members = {}
    for concept in pages() if found is None else found:
        members.setdefault(concept.split("/")[0], {})[concept] = front_matter(DOCS / f"{concept}.md")
    return {name: {c: members[name][c] for c in ordered(list(members[name]), members[name])}
            for name in topics(f"{name}/" for name in members)}


def ledger():
    """Claims of the notes by id: {id: {id, section, claim, verdict, correction, source, …}}."""
    return _by_id(LEDGER, json.loads, LEDGER.stat().st_mtime_ns)


def corrections():
    """What this site itself had wrong, by id: {id: {id, date, claim, verdict, issue}}."""
    return _by_id(CORRECTIONS, parse_yaml, CORRECTIONS.stat().st_mtime_ns)


@functools.cache
def _by_id(path, parse, _changed):
    return {entry["id"]: entry for entry in parse(path.read_text(encoding="utf-8"))}


def claims():
    """Everything that a correction may correct: the notes' claims and our own."""
    return ledger() | corrections()


def sections(notes):
    """(part.number, text) of each section of the tidied notes, in order; n.0 is what stands before a part's first."""
    part = number = 0
    for piece in re.split(r"(?m)^(?=##{1,2} )", notes):
        part, number = (part + 1, 0) if piece.startswith("## ") else (part, number + piece.startswith("### "))
        yield f"{part}.{number}", piece


def quote_end(quote, text):
    """Where a quotation of the ledger ends in a text, its parts (“……” between them) in order; -1 if it does not stand there."""
    end = 0
    for part in quote.split("……"):
        start = text.find(part, end)
        if start < 0 or not part:
            return -1
        end = start + len(part)
    return end


def anchor(claim_id):
    """Anchor of a correction, the same for ever: A6-03 -> erratum-a6-03."""
    return f"erratum-{claim_id.lower()}"

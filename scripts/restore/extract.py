"""The text inside a file of a package: HTML, message catalogues, JSON, man pages and the like.

`text` chooses by the file's name. What comes back is plain text for learning, not
for reading: mark-up is dropped, the order of paragraphs kept.
"""

from __future__ import annotations

import gettext
import gzip
import io
import json
import re
import sqlite3
import warnings
from collections.abc import Iterator

from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning

BLOCKS = ("p", "div", "li", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "td", "th", "title", "caption")
TAG = re.compile(r"</?[A-Za-z_][^<>\n]{0,80}>")
WORD_TAG = re.compile(r"(\S+)/[A-Za-z]{1,3}\b")
NARROW = {code + 0xFEE0: code for code in map(ord, "./%0123456789")} | {
    code + 0xFEE0: code for start in "Aa" for code in range(ord(start), ord(start) + 26)
}
MAN_MARKS = re.compile(r"\\f[A-Z]|\\f\(..|\\[&|^]|\\s[-+]?\d")


def from_html(data: bytes) -> str:
    """One line per innermost block; XML pages are read as HTML, which is enough here."""
    warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
    soup = BeautifulSoup(data, "lxml")
    found = [tag for tag in soup.find_all(BLOCKS) if tag.find(BLOCKS) is None]
    return "\n".join(" ".join(tag.get_text().split()) for tag in found)


def from_catalogue(data: bytes) -> str:
    """The translations of a compiled message catalogue, tags such as <color_red> left out."""
    catalogue = gettext.GNUTranslations(io.BytesIO(data))._catalog
    return TAG.sub("", "\n".join(value for key, value in catalogue.items() if key))


def strings(value: object) -> Iterator[str]:
    """All strings of a JSON value, keys not counted."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def from_json(data: bytes) -> str:
    """All strings of a JSON document, one per line."""
    return TAG.sub("", "\n".join(strings(json.loads(data))))


def from_notebook(data: bytes) -> str:
    """The source of all cells of a notebook."""
    return "\n".join("".join(cell["source"]) for cell in json.loads(data)["cells"])


def from_script(data: bytes) -> str:
    """The string literals of a JavaScript file that hold hanzi."""
    found = re.findall(r'"((?:[^"\\\n]|\\.)*[\u4e00-\u9fff](?:[^"\\\n]|\\.)*)"', data.decode("utf-8"))
    return "\n".join(item.replace("\\n", "\n").replace('\\"', '"') for item in found)


def from_laws(data: bytes) -> str:
    """The articles of a SQLite file of laws, in order, without the Civil Code: a held-out text quotes it."""
    with sqlite3.connect(":memory:") as base:
        base.deserialize(data)
        return "\n".join(row for (row,) in base.execute(
            "select article_text from articles where law_name not like '%民法典%' order by id"
        ))


def from_messages(data: bytes) -> str:
    """What stands after the equal sign, in Fluent and properties files."""
    rows = data.decode("utf-8", "replace").split("\n")
    return TAG.sub("", "\n".join(row.split("=", 1)[-1] for row in rows if not row.startswith("#")))


def from_man(data: bytes) -> str:
    """A man page without its requests and font changes."""
    rows = []
    for row in data.decode("utf-8", "replace").split("\n"):
        if row.startswith((".\\\"", "'\\\"", ".so", ".ig")):
            continue
        row = re.sub(r"^[.'][A-Za-z]{1,2}\b ?", "", row)
        rows.append(MAN_MARKS.sub("", row).replace('"', "").replace("\\-", "-"))
    return "\n".join(rows)


def from_tagged(data: bytes) -> str:
    """A text whose words carry their part of speech, as in 19980101-01-001-001/m 迈向/v.

    Its letters and digits are full-width, as no one writes them today; they become ASCII.
    """
    rows = []
    for row in data.decode("utf-8").translate(NARROW).split("\n"):
        row = re.sub(r"^\d{8}-\S+\s+", "", row)
        rows.append(re.sub(r"[\[\]]\s*(?:/?[A-Za-z]+)?", "", WORD_TAG.sub(r"\1", row)).replace(" ", ""))
    return "\n".join(rows)


def from_table(data: bytes) -> str:
    """The cells of a table with tabs between columns, one per line."""
    return data.decode("utf-8").replace("\t", "\n")


def from_python(data: bytes) -> str:
    """Comments and strings of a Python file as they stand, without the lines that repeat a property's description."""
    rows = TAG.sub("", data.decode("utf-8")).split("\n")
    return "\n".join(row.strip().removeprefix('r"""') for row in rows if not row.lstrip().startswith(":param"))


def from_plain(data: bytes) -> str:
    """The file itself."""
    return data.decode("utf-8", "replace")


READERS = (
    (".html", from_html), (".page", from_html), (".mo", from_catalogue), (".json", from_json), (".js", from_script),
    (".ipynb", from_notebook), (".db", from_laws), (".ftl", from_messages), (".properties", from_messages),
    ("199801.txt", from_tagged), (".tsv", from_table), (".py", from_python),
)


def text(name: str, data: bytes) -> str:
    """The text of a file, by its name."""
    if name.endswith(".gz"):
        data, name = gzip.decompress(data), name[:-3]
        if re.search(r"\.\d\w*$", name):
            return from_man(data)
    for ending, reader in READERS:
        if name.endswith(ending):
            return reader(data)
    return from_plain(data)

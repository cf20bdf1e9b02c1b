"""Other words for formulas: asked/<topic>.tsv has a formula's name and one way to ask for it on each line.

Names and aliases stand on the page and are shown; these are only searched. They are written from what a formula means,
in words that its page does not use.
"""
import re
from pathlib import Path

FOLDER = Path(__file__).with_name("asked")
RUN = re.compile(r"[\u4e00-\u9fff]+|[A-Za-z\d][\w-]*", re.A)
CAMEL = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]")  # search reads the parts of these
STOP = set("the of a an in to is are and for with on by as at it its what how why does do if when from that this be per vs "
           "you we i not no did so or than then there which".split())


def read():
    """{formula: its other words, each once, as one line}."""
    lines = {}
    for path in sorted(FOLDER.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            name, _, text = line.partition("\t")
            lines.setdefault(name, []).append(text)
    return {name: words(texts) for name, texts in lines.items()}


def words(texts):
    """What search makes use of: every run of Chinese characters that no other contains, every other word once."""
    runs = dict.fromkeys(run for text in texts for run in RUN.findall(text))
    chinese = [run for run in runs if run[0] >= "\u4e00"]
    others = dict.fromkeys(run if CAMEL.search(run) else run.lower() for run in runs if run[0] < "\u4e00")
    together = "\n".join(chinese)
    return " ".join([*(run for run in chinese if together.count(run) == 1),
                     *(run for run in others if len(run) > 1 and run not in STOP)])

"""Other words for formulas: asked/<topic>.tsv has a formula's name and one way to ask for it on each line.

Names and aliases stand on the page and are shown; these are only searched. They are written from what a formula means,
in words that its page does not use.
"""
import re
from collections import Counter
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("asked")
RUN = re.compile(r"[\u4e00-\u9fff]+|[A-Za-z\d][\w-]*", re.A)
CAMEL = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]")  # search reads the parts of these
SELDOM = 2  # two characters that stand together in fewer lines of all are hardly ever asked for
OFTEN = 10  # what more formulas have in one of their lines tells none of them
STOP = set("the of a an in to is are and for with on by as at it its what how why does do if when from that this be per vs "
           "you we i not no did so or than then there which".split())


def read():
    """{formula: its lines}."""
    lines = {}
    for path in sorted(FOLDER.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            name, _, text = line.partition("\t")
            lines.setdefault(name, []).append(text)
    return lines


def words(text):
    """What search makes use of in a line: pairs of Chinese characters, and other words."""
    found = set()
    for run in RUN.findall(text):
        if is_chinese(run):
            found.update(run[at:at + 2] for at in range(max(1, len(run) - 1)))
        elif len(run) > 1 and run.lower() not in STOP:
            found.add(run if CAMEL.search(run) else run.lower())
    return found


def is_chinese(word):
    """Whether it is of Chinese characters."""
    return word[0] >= "\u4e00"


@cache
def stem(word):
    """One for its plural and its other forms, much as text.js makes it."""
    if is_chinese(word) or CAMEL.search(word) or len(word) < 5:
        return word
    return re.sub(r"(ations?|ing|ed|es|(?<!s)s|er)$", "", re.sub(r"is(ation|ations|ed|er|ing|e)$", r"iz\1", word))


def telling(word, found):
    """Where a word says something: of the pairs of Chinese characters a part, which does as well as all.

    found: [(place of a formula, how many of its lines have the word)]
    """
    if not is_chinese(word):
        return found
    if sum(count for _, count in found) < SELDOM:
        return []
    return [(place, count) for place, count in found if count > 1 or len(found) <= OFTEN]


def index(names):
    """The words of the formulas `names` as `asked.js` reads them: {"words": "… …", "where": for each word, numbers}.

    A number is the count of formulas left out since the last that has the word.
    """
    lines, where, written = read(), {}, {}
    for place, name in enumerate(names):
        seen = Counter()
        for text in lines.get(name, ()):
            stems = set()
            for word in words(text):
                stems.add(stem(word))
                written[stem(word)] = min(word, written.get(stem(word), word), key=len)
            seen.update(stems)
        for word, count in seen.items():
            where.setdefault(word, []).append((place, count))
    kept = sorted((written[word], found) for word, places in where.items() if (found := telling(word, places)))
    return {"words": " ".join(word for word, _ in kept), "where": [
        [place - before - 1 for (place, _), before in zip(found, [-1, *(place for place, _ in found)])]
        for _, found in kept]}

"""Make `data/pairs.xz` from open-gram's language model.

    python -m scripts.restore.build_pairs LM_SC_T3G PYDICT_SC_BIN

The two files are in Debian's package `sunpinyin-data` (CC BY-SA 3.0). Kept are
the frequencies of words that jieba also knows, and those pairs in which the
damage leaves a choice for one of the two words. Not needed to run anything.
"""

from __future__ import annotations

import struct
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import jieba
import numpy as np

from scripts.restore import packed, pairs
from scripts.restore.characters import is_hanzi
from scripts.restore.codec import damage

FIRST_WORD = 70  # smaller ids are marks such as "unknown"
WORD_MASK = 0x3FFFF
RIVAL_COST = 15.0  # nats; a rarer homograph is no rival


def read_words(path: Path) -> list[str]:
    """Word strings by id: UTF-32, each closed by NUL, from the offset that the header names."""
    data = path.read_bytes()
    offset = struct.unpack("<3I", data[:12])[2]
    return data[offset:].decode("utf-32-le", errors="replace").split("\0")


class Level(NamedTuple):
    """The nodes of one order of the model; the last one only marks the end."""

    words: np.ndarray  # int64 [n], ids
    probability: np.ndarray  # float32 [n]
    backoff: np.ndarray  # float32 [n]; the highest order has none
    child: np.ndarray  # int64 [n], first node of the next order


def read_model(path: Path) -> list[Level]:
    """Single words, pairs and triples.

    Layout: order, flag, level sizes; 65,536 probabilities; 16,384 backoff weights;
    per level nodes of three 32-bit words with packed fields, the last level's of two.
    """
    data = path.read_bytes()
    order, _ = struct.unpack("<2I", data[:8])
    sizes = struct.unpack(f"<{order + 1}I", data[8:8 + 4 * (order + 1)])
    at = 8 + 4 * (order + 1)
    probability = np.frombuffer(data, np.float32, 1 << 16, at)
    at += 4 << 16
    backoff = np.frombuffer(data, np.float32, 1 << 14, at)
    at += 4 << 14
    levels = []
    for number, size in enumerate(sizes):
        width = 2 if number == order else 3
        nodes = np.frombuffer(data, np.uint32, size * width, at).reshape(-1, width).astype(np.int64)
        at += size * width * 4
        levels.append(Level(
            nodes[:, 0] & WORD_MASK, probability[nodes[:, 1] & 0xFFFF], backoff[nodes[:, 0] >> 18],
            (nodes[:, 1] >> 16) | ((nodes[:, -1] >> 25) << 16),
        ))
    return levels[1:]


def contested_words(cost: dict[str, float]) -> set[str]:
    """Words that share their damaged form with another word that is not too rare."""
    groups = defaultdict(list)
    for word in cost:
        if is_hanzi(word[0]):
            groups[damage(word)].append(word)
    return {
        word for group in groups.values() for word in group
        if any(cost[other] < RIVAL_COST for other in group if other != word)
    }


def steps(numbers: np.ndarray, words: int) -> np.ndarray:
    """Differences compress better; the reader sums them modulo the vocabulary."""
    return (np.diff(numbers, prepend=0) % words).astype(np.uint32)


def main(argv: list[str]) -> int:
    """Read the two files named in `argv` and jieba's dictionary, and write the table."""
    names = read_words(Path(argv[1]))
    single, pair, _ = read_model(Path(argv[0]))
    with Path(jieba.__file__).with_name("dict.txt").open(encoding="utf-8") as lines:
        known = {line.split(" ")[0] for line in lines}
    index: dict[int, int] = {}
    words: list[str] = []
    rows = []
    order = np.argsort(-single.probability[:-1], kind="stable")  # frequent words get small numbers
    for row in order.tolist():
        word_id = int(single.words[row])
        if not FIRST_WORD <= word_id < len(names) or single.probability[row] <= 0:
            continue
        word = names[word_id]
        if word and "\n" not in word and (word in known or len(word) == 1):
            index[word_id] = len(words)
            words.append(word)
            rows.append(row)
    cost = {word: -float(np.log(single.probability[row])) for word, row in zip(words, rows)}
    contested = contested_words(cost)
    count, second, gain = [], [], []
    for word, row in zip(words, rows):
        low, high = int(single.child[row]), int(single.child[row + 1])
        here = []
        for at in range(low, high):
            other = index.get(int(pair.words[at]))
            if other is not None and (word in contested or words[other] in contested):
                here.append((other, float(np.log(pair.probability[at])) + cost[words[other]]))
        here.sort()
        count.append(len(here))
        second.extend(other for other, _ in here)
        gain.extend(value for _, value in here)
    pairs.PAIRS.write_bytes(packed.pack(dict(
        words=np.frombuffer("\n".join(words).encode("utf-8"), np.uint8),
        cost=np.clip(np.rint(np.array(list(cost.values())) / pairs.STEP), 0, 255).astype(np.uint8),
        backoff=np.clip(np.rint(-np.log(np.minimum(single.backoff[rows], 1)) / pairs.STEP), 0, 255).astype(np.uint8),
        contested=np.array([word in contested for word in words], np.uint8),
        count=np.array(count, np.uint16),
        second=steps(np.array(second, np.int64), len(words)),
        gain=np.clip(np.rint(np.array(gain) / pairs.STEP), -127, 127).astype(np.int8),
    )))
    print(f"{len(words):,} words, {len(second):,} pairs, {pairs.PAIRS.stat().st_size:,} bytes", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

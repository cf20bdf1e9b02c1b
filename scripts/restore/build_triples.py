"""Make `data/triples.xz` from libime's language model.

    python -m scripts.restore.build_triples ZH_CN_LM

The file is in Debian's package `libime-data-language-model` 1.1.17-1 (LGPL 2.1+), a
KenLM trie of three words with quantised probabilities. Kept are words of hanzi, and those
pairs and triples that say something: what they change over backing off, times how
often they come, is at least `LEAST`. Not needed to run anything.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from scripts.restore import packed, triples
from scripts.restore.build_pairs import contested_words, steps
from scripts.restore.characters import is_hanzi

LEAST = 3e-8  # nats times relative frequency
FORMAT = b"mmap lm http://kheafield.com/code format version 5"
HEADER = 88 + 20  # what names the format, then order, kind and version; the sizes of the orders follow
QUANTISED_ARRAY_TRIE = 5
NATS = float(np.log(10))  # KenLM stores decimal logarithms


class Model(NamedTuple):
    """All n-grams of the trie as they stand in it: the last word leads to the one before, that to the first."""

    words: list[str]
    cost: np.ndarray  # float64 [v], log probability
    backoff: np.ndarray  # float64 [v], log weight
    pair: np.ndarray  # int64 [n, 2], first and second word
    pair_cost: np.ndarray
    pair_backoff: np.ndarray
    triple: np.ndarray  # int64 [m, 2], first word and the pair of the other two
    triple_cost: np.ndarray


def field(data: np.ndarray, at: np.ndarray, length: int) -> np.ndarray:
    """The numbers of `length` bits that begin at the bits `at` of the bytes `data`."""
    byte, shift = at >> 3, (at & 7).astype(np.uint64)
    value = np.zeros(len(at), np.uint64)
    for number in range(8):
        value |= data[byte + number].astype(np.uint64) << np.uint64(8 * number)
    return ((value >> shift) & np.uint64((1 << length) - 1)).astype(np.int64)


def inline_bits(most: int, entries: int, allowed: int) -> int:
    """How many low bits of a pointer stand beside its entry; KenLM keeps the others in a table if that is smaller."""
    needed = most.bit_length()
    chopped = min(range(min(needed, allowed) + 1), key=lambda bits: (most >> (needed - bits)) * 64 - entries * bits)
    return needed - chopped


def read_model(path: Path) -> Model:
    """Read a KenLM file of three orders; ValueError if it is of another kind."""
    raw = path.read_bytes()
    order, kind = struct.unpack_from("<B7xi", raw, HEADER - 20)
    if not raw.startswith(FORMAT) or (order, kind) != (3, QUANTISED_ARRAY_TRIE):
        raise ValueError(f"{path}: 不是三词的 KenLM 压缩树（第 5 版）；改法：用本文件开头写明的那个版本的包")
    singles, pairs, longest = struct.unpack_from("<3Q", raw, HEADER)
    at = (HEADER + 3 * 8 + 7) // 8 * 8 + 8 * (singles + 1)  # the hashes of the words
    bits, backoff_bits = raw[at + 1], raw[at + 2]
    at += 8
    tables = []
    for width in (bits, backoff_bits, bits):
        tables.append(np.frombuffer(raw, np.float32, 1 << width, at).astype(np.float64) * NATS)
        at += 4 << width
    roots = np.frombuffer(raw, np.dtype([("cost", "<f4"), ("backoff", "<f4"), ("child", "<u8")]), singles + 2, at)
    at += roots.nbytes
    # Pairs: which of them begins a new value of the high bits of its pointer, then the packed entries.
    inline = inline_bits(longest, pairs + 1, raw[at + 1])
    high = np.frombuffer(raw, np.uint64, (longest >> inline) + 1, (at + 7) // 8 * 8 + 8).astype(np.int64)
    at += 8 * (1 + len(high)) + 7
    word_bits = singles.bit_length()
    width = word_bits + backoff_bits + bits + inline
    data = np.frombuffer(raw, np.uint8, offset=at)
    begins = np.arange(pairs + 1, dtype=np.int64) * width
    before = field(data, begins[:-1], word_bits)
    pair_backoff = tables[1][field(data, begins[:-1] + word_bits, backoff_bits)]
    pair_cost = tables[0][field(data, begins[:-1] + word_bits + backoff_bits, bits)]
    child = field(data, begins + width - inline, inline)
    child |= np.searchsorted(high, np.arange(pairs + 1), side="right") - 1 << inline
    at += ((1 + pairs) * width + 7) // 8 + 8
    width = word_bits + bits
    data = np.frombuffer(raw, np.uint8, offset=at)
    begins = np.arange(longest, dtype=np.int64) * width
    first = field(data, begins, word_bits)
    triple_cost = tables[2][field(data, begins + word_bits, bits)]
    at += ((1 + longest) * width + 7) // 8 + 8
    words = raw[at:].decode("utf-8").split("\0")[:-1]
    last = np.repeat(np.arange(singles), np.diff(roots["child"][:singles + 1].astype(np.int64)))
    return Model(
        words, roots["cost"][:singles].astype(np.float64) * NATS, roots["backoff"][:singles].astype(np.float64) * NATS,
        np.column_stack([before, last]), pair_cost, pair_backoff,
        np.column_stack([first, np.repeat(np.arange(pairs), np.diff(child))]), triple_cost,
    )


def ranked(model: Model) -> tuple[Model, int]:
    """The model with its words in order of frequency, those not wanted last; and how many are wanted."""
    wanted = [1 <= len(word) <= triples.LONGEST and all(map(is_hanzi, word)) for word in model.words]
    order = np.lexsort((-model.cost, ~np.array(wanted)))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    pair = rank[model.pair]
    by_pair = np.lexsort((pair[:, 1], pair[:, 0]))
    place = np.empty(len(by_pair), np.int64)
    place[by_pair] = np.arange(len(by_pair))
    triple = np.column_stack([rank[model.triple[:, 0]], place[model.triple[:, 1]]])
    return Model(
        [model.words[number] for number in order], model.cost[order], model.backoff[order],
        pair[by_pair], model.pair_cost[by_pair], model.pair_backoff[by_pair], triple, model.triple_cost,
    ), sum(wanted)


def worth_keeping(model: Model, wanted: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(bool [n] of the pairs, bool [m] of the triples, the pair [m] that a triple's first two words are)."""
    first, second = model.pair.T
    key = first * len(model.words) + second
    head = model.triple[:, 0] * len(model.words) + first[model.triple[:, 1]]
    opens = np.minimum(np.searchsorted(key, head), len(key) - 1)
    known = key[opens] == head
    behind = model.pair_backoff[opens] + model.pair_cost[model.triple[:, 1]]
    says = np.exp(model.cost[model.triple[:, 0]] + model.pair_cost[opens] + model.triple_cost)
    inside = (model.triple[:, 0] < wanted) & (model.pair[model.triple[:, 1]] < wanted).all(1)
    triple = known & inside & (says * np.abs(model.triple_cost - behind) >= LEAST)
    plain = model.backoff[first] + model.cost[second]
    pair = np.exp(model.cost[first] + model.pair_cost) * np.abs(model.pair_cost - plain) >= LEAST
    pair[opens[triple]] = True  # a triple is looked up through them
    return pair & (first < wanted) & (second < wanted), triple, opens


def stored(log: np.ndarray) -> np.ndarray:
    """Log probabilities as bytes."""
    return np.clip(np.rint(-log / triples.STEP), 0, 255).astype(np.uint8)


def pack(model: Model, wanted: int) -> bytes:
    """The file's content: what is worth keeping of a model whose first `wanted` words are wanted."""
    pair, triple, opens = worth_keeping(model, wanted)
    words = model.words[:wanted]
    third = model.pair[model.triple[:, 1], 1]
    order = np.flatnonzero(triple)
    order = order[np.lexsort((third[order], opens[order]))]
    kept = np.flatnonzero(pair)
    following = np.bincount(opens[order], minlength=len(pair))[kept]
    contested = contested_words(dict(zip(words, (-model.cost[:wanted]).tolist())))
    print(f"{wanted:,} words, {len(kept):,} pairs, {len(order):,} triples", file=sys.stderr)
    return packed.pack(dict(
        words=np.frombuffer("\n".join(words).encode("utf-8"), np.uint8),
        contested=np.array([word in contested for word in words], np.uint8),
        cost=stored(model.cost[:wanted]),
        backoff=stored(model.backoff[:wanted]),
        seconds=np.bincount(model.pair[kept, 0], minlength=wanted).astype(np.uint32),
        second=steps(model.pair[kept, 1], wanted),
        pair_cost=stored(model.pair_cost[kept]),
        pair_backoff=stored(np.where(following, model.pair_backoff[kept], 0)),
        thirds=following.astype(np.uint32),
        third=steps(third[order], wanted),
        triple_cost=stored(model.triple_cost[order]),
    ))


def main(argv: list[str]) -> int:
    """Read the file named in `argv` and write the table."""
    triples.TRIPLES.write_bytes(pack(*ranked(read_model(Path(argv[0])))))
    print(f"{triples.TRIPLES.stat().st_size:,} bytes", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Make `data/context.xz` and `data/window.xz`: learn from undamaged text which character stands where.

    python -m scripts.restore.train FILE... [--last FILE...] [--before FOLDER]
    python -m scripts.restore.train FILE... --last FILE... --onward

Every character that the damage would make ambiguous is one example (`examples`).
The weights learn what the word lattice does not know. The files after `--last`,
the project's pages, come last; what was learnt before them is kept in FOLDER,
for `calibrate`, which needs models that never saw the pages. With `--onward` the
models that are there learn a lesson more, on all the files together: a few minutes.
"""

from __future__ import annotations

import argparse
import lzma
import sys
import time
from pathlib import Path

import numpy as np

from scripts.restore import context, train_window, window
from scripts.restore.examples import MOST, Examples, examples, read_blocks
from scripts.restore.restoration import softmax

BATCH, RATE, SHRINK, DROPOUT = 256, 0.1, 2e-5, 0.2
LAST_MIX = 2  # blocks of general text per block of our own in the last lesson, lest it be forgotten
LEAST_WEIGHT = 0.06  # smaller ones cost more room than they are worth
FIRST_SQUARES = 1e-2  # Adagrad's sums start here
NETWORKS = 2
ONWARD_SQUARES = 0.25  # the same for weights that have been learnt
ONWARD_MOST = 700_000  # characters of one file in a lesson more
READ_MOST = 12_000_000  # characters of one file that the networks read


def learn(blocks: list[Examples], table: np.ndarray, squares: np.ndarray) -> None:
    """Adagrad on the softmax loss over the blocks, in place; `table`, `squares`: float32 [2 ** TABLE_BITS]."""
    generator = np.random.default_rng(0)
    began = time.monotonic()
    loss = count = 0.0
    for number, block in enumerate(blocks, start=1):
        starts, gold, codes = (array.astype(np.int64) for array in block[:3])
        sizes_all = np.diff(np.append(starts, len(codes)))
        owner = np.repeat(np.arange(len(starts)), sizes_all)
        features = context.hashed(block.columns[owner], codes)
        ends = starts + sizes_all
        for low in range(0, len(starts), BATCH):
            high = min(low + BATCH, len(starts))
            first, last = starts[low], ends[high - 1]
            part = features[first:last]
            groups = starts[low:high] - first
            sizes = sizes_all[low:high]
            # Some templates sit out at each place, so that no single one is relied on.
            active = (generator.random((len(groups), part.shape[1])) > DROPOUT) / (1 - DROPOUT)
            active = np.repeat(active, sizes, axis=0)
            share = softmax(block.words[first:last] + (table[part] * active).sum(axis=1), groups, owner[first:last] - low)
            right = gold[low:high] - first
            loss -= float(np.log(share[right] + 1e-12).sum())
            count += len(groups)
            slope = share.copy()
            slope[right] -= 1
            touched, inverse = np.unique(part.ravel(), return_inverse=True)
            step = np.bincount(inverse, weights=(slope[:, None] * active).ravel(), minlength=len(touched))
            squares[touched] += (step * step).astype(np.float32)
            moved = table[touched] - RATE * step / np.sqrt(squares[touched])
            # Soft threshold: a weight that never earns its keep stays zero.
            table[touched] = np.sign(moved) * np.maximum(np.abs(moved) - SHRINK, 0)
        if number % 50 == 0 or number == len(blocks):
            spent = time.monotonic() - began
            print(f"context {number}/{len(blocks)}  loss {loss / max(count, 1):.4f}  {spent:.0f}s", file=sys.stderr)


def save(table: np.ndarray, path: Path) -> None:
    """Weights as signed bytes; the small ones, which are most, become zero and cost nothing."""
    kept = np.where(np.abs(table) < LEAST_WEIGHT, 0, table)
    packed = np.rint(np.clip(kept / context.LARGEST, -1, 1) * 127).astype(np.int8)
    path.write_bytes(lzma.compress(packed.tobytes(), preset=9 | lzma.PRESET_EXTREME))


def collect(paths: list[Path], most: int = MOST) -> list[Examples]:
    """The examples of all files, about half a minute per million characters; `most` characters of one file."""
    began = time.monotonic()
    blocks = read_blocks(paths, most)
    found = [block for block in map(examples, blocks) if block is not None]
    characters, places = sum(map(len, blocks)), sum(len(block.gold) for block in found)
    print(f"{characters:,} characters, {places:,} places, {time.monotonic() - began:.0f}s", file=sys.stderr)
    return found


def reduced(text: str) -> np.ndarray:
    """The signs of a text, int32 [n]."""
    return context.reduce_text(np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64))[0].astype(np.int32)


def write(table: np.ndarray, networks: list[train_window.Learner]) -> None:
    """Both files."""
    save(table, context.WEIGHTS)
    window.NETWORK.write_bytes(window.pack([network.arrays() for network in networks]))
    print(f"{context.WEIGHTS.stat().st_size:,} and {window.NETWORK.stat().st_size:,} bytes", file=sys.stderr)


def onward(lesson: list[Examples]) -> None:
    """Let the models that are there learn one lesson more, and write them."""
    table = context.weights().astype(np.float32) / 127 * context.LARGEST
    learn(lesson, table, np.full(len(table), ONWARD_SQUARES, np.float32))
    row_of, nets = window.weights()
    networks = [train_window.Learner.resumed(np.flatnonzero(row_of), net, seed) for seed, net in enumerate(nets)]
    for network in networks:
        network.learn("onward", lesson, train_window.ONWARD_ROUNDS, train_window.ONWARD_RATE)
    write(table, networks)


def main(argv: list[str]) -> int:
    """Learn from the files named in `argv` and write the models."""
    parser = argparse.ArgumentParser(description="学得前后文的权重")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--last", nargs="+", type=Path, default=[])
    parser.add_argument("--before", type=Path)
    parser.add_argument("--onward", action="store_true")
    arguments = parser.parse_args(argv)
    if arguments.onward:
        lesson = collect(arguments.last) + collect(arguments.files, ONWARD_MOST)
        onward([lesson[which] for which in np.random.default_rng(1).permutation(len(lesson))])
        return 0
    general, own = collect(arguments.files), collect(arguments.last)
    table = np.zeros(1 << context.TABLE_BITS, np.float32)
    squares = np.full(len(table), FIRST_SQUARES, np.float32)
    learn(general, table, squares)
    learn(general[::-1], table, squares)
    texts = [reduced(block) for block in read_blocks(arguments.files, READ_MOST)]
    networks = [train_window.Learner(texts, seed) for seed in range(NETWORKS)]
    for network in networks:
        network.read(train_window.READING)
        network.learn("learning", general, train_window.ROUNDS, train_window.LEARN_RATE)
    if arguments.before:
        arguments.before.mkdir(parents=True, exist_ok=True)
        save(table, arguments.before / context.WEIGHTS.name)
        (arguments.before / window.NETWORK.name).write_bytes(window.pack([net.arrays() for net in networks]))
    if own:
        learn(own, table, squares)
        for network in networks:
            lesson = own + general[:LAST_MIX * len(own)]
            network.learn("last", lesson, train_window.LAST_ROUNDS, train_window.LAST_RATE)
    write(table, networks)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

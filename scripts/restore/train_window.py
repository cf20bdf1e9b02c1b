"""Learn a network of `window`; `train` calls it. Needs torch, as the notebooks do.

First it reads: from the signs around a hanzi it names the one that stands there,
among all hanzi and among those that the damage would leave. Then it learns to add
to the word lattice's scores what they lack, at the places where they leave a doubt.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from torch.nn.functional import cross_entropy, embedding_bag, linear

from scripts.restore import confidence, decide, window
from scripts.restore.codec import NOTES_DROPPED, candidates, damage
from scripts.restore.examples import Examples

SIZE, FIRST, INNER, LAST = 64, 1024, 384, 128  # length of a sign's vector, of the hidden layers
WIDEST = decide.KEPT + 1  # candidates per place
RARE = 20  # signs that occur less often share one vector
OPEN_PART = 0.6  # of the places read, those that the damage leaves ambiguous
READ_RATE, LEARN_RATE, LAST_RATE = 1.5e-3, 5e-4, 2e-4
ROUNDS, LAST_ROUNDS = 2.0, 2.0
ONWARD_ROUNDS, ONWARD_RATE = 3.0, 4e-4
BATCH, LEARN_BATCH, WARM, REPORT = 2048, 1024, 200, 500
READING = 4500  # batches of the first lesson
DECAY = 0.02
DROPOUT = 0.15  # of the numbers on their way
MASKED = 0.08  # of the signs in the window, so that no single one is relied on
MISREAD = 0.05  # of the ambiguous signs in the window while reading, as they will be when restoring
MISTAKEN = 0.6  # share of the word lattice's mistakes that the window shows while learning
LOOKED_AT = 32  # of the signs of the topic, drawn anew for each batch


class Net(torch.nn.Module):
    """The network as torch sees it; `window.judged` computes the same with numpy."""

    def __init__(self, known: int) -> None:
        super().__init__()
        self.signs = torch.nn.Embedding(known, SIZE)
        self.first = torch.nn.Linear((2 * window.REACH + 1) * SIZE, FIRST)
        self.down = torch.nn.Linear(FIRST, INNER)
        self.up = torch.nn.Linear(INNER, FIRST)
        self.last = torch.nn.Linear(FIRST, LAST)
        self.outs = torch.nn.Embedding(known, LAST)
        self.outs_bias = torch.nn.Parameter(torch.zeros(known))
        self.trust = torch.nn.Parameter(torch.ones(1))  # in the word lattice
        # Drawing fresh numbers for every batch would take a third of the time.
        self.pool = (torch.rand(1 << 24) > DROPOUT).to(torch.bfloat16) / (1 - DROPOUT)
        torch.nn.init.normal_(self.signs.weight, std=0.3)
        torch.nn.init.normal_(self.outs.weight, std=0.1)

    def dropped(self, seen: torch.Tensor) -> torch.Tensor:
        """Some of the numbers zero, the others the larger for it."""
        start = int(torch.randint(len(self.pool) - seen.numel(), (1,)))
        return seen * self.pool[start:start + seen.numel()].view(seen.shape)

    def forward(self, near: torch.Tensor, wide: torch.Tensor) -> torch.Tensor:
        """[b, LAST] from rows near [b, 2 * REACH] and wide [b, any number]."""
        topic = embedding_bag(wide, self.signs.weight, mode="mean")
        hidden = torch.relu(self.first(self.dropped(torch.cat([self.signs(near).flatten(1), topic], 1))))
        inner = torch.relu(self.down(self.dropped(hidden)))
        return self.last(self.dropped(hidden + self.up(inner)))


def rival_rows(known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(group of each row [v], 0 where the damage leaves no choice; rows of each group [g, most], filled up by repeats)."""
    row_of = {int(code): row for row, code in enumerate(known.tolist(), start=1)}
    groups: dict[str, int] = {}
    group_of = np.zeros(len(known) + 1, np.int64)
    members: list[list[int]] = [[0]]
    for code, row in row_of.items():
        raw = damage(chr(code))
        others = [row_of[ord(c)] for c in candidates(raw, "cp1254", NOTES_DROPPED) if ord(c) in row_of]
        if 0x4E00 <= code <= 0x9FFF and len(others) > 1:
            group_of[row] = groups.setdefault(raw, len(groups) + 1)
            if group_of[row] == len(members):
                members.append(others)
    most = max(map(len, members))
    return group_of, np.array([(group * most)[:most] for group in members])


def descend(
    name: str, optimizer: torch.optim.Optimizer, loss: Callable[[], torch.Tensor], steps: int,
    warm: int = WARM, report: int = REPORT, longest: float = math.inf,
) -> None:
    """Walk down the loss of a batch with a rate that falls to nearly nothing; says now and then how it goes.

    `longest`: the length that the slope of one step is cut to.
    """
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: max(0.02, 1 - step / max(1, steps)) * min(1, (step + 1) / warm)
    )
    began, loss_sum = time.monotonic(), 0.0
    for step in range(1, steps + 1):
        here = loss()
        optimizer.zero_grad()
        here.backward()
        if longest < math.inf:
            torch.nn.utils.clip_grad_norm_([one for group in optimizer.param_groups for one in group["params"]], longest)
        optimizer.step()
        schedule.step()
        loss_sum += here.item()
        if step % report == 0:
            spent = time.monotonic() - began
            print(f"{name} {step}/{steps}  loss {loss_sum / report:.4f}  {spent:.0f}s", file=sys.stderr, flush=True)
            loss_sum = 0.0


class Learner:
    """A network on its way, the signs that it knows, and the texts that it reads."""

    def __init__(self, texts: list[np.ndarray], seed: int) -> None:
        """`texts`: reduced signs, int32 [n] each."""
        torch.manual_seed(seed)
        self.generator = np.random.default_rng(seed)
        self.signs = np.concatenate(texts).astype(np.int64)
        counts = np.bincount(self.signs[self.signs < 1 << 16], minlength=1 << 16)
        self.known = np.flatnonzero(counts >= RARE)
        self.row_of = np.zeros(1 << 16, np.int64)
        self.row_of[self.known] = np.arange(1, len(self.known) + 1)
        self.group_of, self.members = rival_rows(self.known)
        self.net = Net(len(self.known) + 1)

    @classmethod
    def resumed(cls, known: np.ndarray, arrays: dict[str, np.ndarray], seed: int) -> Learner:
        """A network that has been learnt: the code points that it knows, and its arrays as `window.weights` has them."""
        learner = cls([np.repeat(known, RARE)], seed)
        state = {"trust": np.ones(1), "outs.weight": arrays["outs"], "outs_bias": arrays["outs_bias"], "signs.weight": arrays["signs"]}
        for name in ("first", "down", "up", "last"):
            state[f"{name}.weight"], state[f"{name}.bias"] = arrays[name].T, arrays[f"{name}_bias"]
        learner.net.load_state_dict({
            name: torch.from_numpy(np.array(array, np.float32)) for name, array in state.items()
        })
        return learner

    def around(self, text: np.ndarray, at: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """The network's arguments for the places `at` of the rows `text`, some signs masked."""
        far = window.beside(window.TOPIC)
        near = text[at[:, None] + window.beside(window.REACH)]
        near = np.where(self.generator.random(near.shape, np.float32) < MASKED, 0, near)
        looked = self.generator.permutation(far)[:LOOKED_AT]
        return torch.from_numpy(near.astype(np.int64)), torch.from_numpy(text[at[:, None] + looked].astype(np.int64))

    def misread(self, text: np.ndarray) -> np.ndarray:
        """The rows with some of the ambiguous ones replaced by a rival."""
        group = self.group_of[text]
        wrong = np.flatnonzero((group > 0) & (self.generator.random(len(text), np.float32) < MISREAD))
        read = text.copy()
        read[wrong] = self.members[group[wrong], self.generator.integers(self.members.shape[1], size=len(wrong))]
        return read

    def read(self, steps: int) -> None:
        """First lesson: name the hanzi that stands at a place, any place."""
        text = window.rows(self.signs, self.row_of)
        hanzi = np.flatnonzero((self.signs >= 0x4E00) & (self.signs <= 0x9FFF) & (text > 0))
        hanzi = hanzi[(hanzi > window.TOPIC) & (hanzi < len(text) - window.TOPIC)]
        opened = hanzi[self.group_of[text[hanzi]] > 0]
        text, seen = text.astype(np.int16), self.misread(text).astype(np.int16)
        outside = torch.full((len(self.members), len(self.known) + 1), -1e4)
        for group, rows in enumerate(self.members):
            outside[group, rows] = 0
        many = int(BATCH * OPEN_PART)

        def loss() -> torch.Tensor:
            at = np.concatenate([
                opened[self.generator.integers(len(opened), size=many)],
                hanzi[self.generator.integers(len(hanzi), size=BATCH - many)],
            ])
            gold = text[at].astype(np.int64)
            right = torch.from_numpy(gold)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                scores = linear(self.net(*self.around(seen, at)), self.net.outs.weight, self.net.outs_bias)
            few = scores[:many].float()
            return cross_entropy(few + outside[self.group_of[gold[:many]]], right[:many]) + \
                0.5 * cross_entropy(scores[many:].float(), right[many:])

        descend("reading", self.optimizer(READ_RATE), loss, steps)
        with torch.no_grad():
            self.net.outs_bias.zero_()  # the word lattice knows how frequent a character is

    def learn(self, name: str, blocks: list[Examples], rounds: float, rate: float) -> None:
        """Second lesson: what to add to the word lattice's scores, `rounds` times over all examples."""
        text, seen, at, codes, words, gold = lessons(blocks, self.row_of)
        order = np.empty(0, np.int64)

        def loss() -> torch.Tensor:
            nonlocal order
            if len(order) < LEARN_BATCH:
                order = self.generator.permutation(len(at))
            chosen, order = order[:LEARN_BATCH], order[LEARN_BATCH:]
            shown = seen if self.generator.random() < MISTAKEN else text
            asked = torch.from_numpy(codes[chosen].astype(np.int64))
            with torch.autocast("cpu", dtype=torch.bfloat16):
                hidden = self.net(*self.around(shown, at[chosen])).float()
            scores = (self.net.outs(asked) * hidden[:, None, :]).sum(2) + self.net.outs_bias[asked]
            scores = scores + self.net.trust * torch.from_numpy(words[chosen])
            return cross_entropy(scores, torch.from_numpy(gold[chosen]))

        descend(name, self.optimizer(rate), loss, int(rounds * len(at) / LEARN_BATCH))

    def optimizer(self, rate: float) -> torch.optim.Optimizer:
        """What moves the network, which from here on learns."""
        self.net.train()
        return torch.optim.AdamW(self.net.parameters(), lr=rate, weight_decay=DECAY, fused=True)

    def arrays(self) -> dict[str, np.ndarray]:
        """The network as `window.pack` wants it, its scores on the scale of the word lattice's."""
        net = {name: value.detach().numpy().copy() for name, value in self.net.named_parameters()}
        trust = net.pop("trust")
        found = {"known": self.known.astype(np.uint16), "signs": net["signs.weight"]}
        for name in ("first", "down", "up", "last"):
            found[name], found[f"{name}_bias"] = net[f"{name}.weight"].T.copy(), net[f"{name}.bias"]
        return found | {"outs": net["outs.weight"] / trust, "outs_bias": net["outs_bias"] / trust}


def lessons(blocks: list[Examples], row_of: np.ndarray) -> list[np.ndarray]:
    """Rows of the text [n], the same as the word lattice reads it [n], and the examples: indices [p],
    candidate rows [p, WIDEST], word scores [p, WIDEST], number of the right one [p]."""
    texts, readings, parts = [], [], []
    length = 0
    for block in blocks:
        rows = window.rows(block.signs.astype(np.int64), row_of).astype(np.int16)
        reading = rows.copy()
        reading[block.at] = window.rows(block.codes[block.starts].astype(np.int64), row_of)
        owner = confidence.owners(block.starts, len(block.codes))
        place = np.arange(len(owner)) - block.starts[owner]
        codes = np.zeros((len(block.at), WIDEST), np.int16)
        words = np.full((len(block.at), WIDEST), -1e4, np.float32)
        codes[owner, place] = window.rows(block.codes.astype(np.int64), row_of)
        words[owner, place] = block.words
        parts.append((block.at.astype(np.int64) + length, codes, words, (block.gold - block.starts).astype(np.int64)))
        texts.append(rows)
        readings.append(reading)
        length += len(rows)
    at, codes, words, gold = (np.concatenate(part) for part in zip(*parts))
    kept = (at > window.TOPIC) & (at < length - window.TOPIC)
    return [np.concatenate(texts), np.concatenate(readings), at[kept], codes[kept], words[kept], gold[kept]]

"""Learn the network of `window` from examples; `train` calls it. Needs torch, as the notebooks do."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from scripts.restore import confidence, window
from scripts.restore.examples import Examples

SIZE, FIRST, SECOND = 48, 384, 96  # length of a sign's vector, of the two hidden layers
WIDEST = 9  # candidates per place
RARE = 30  # signs that occur less often share one vector
ROUNDS, RATE = 2.0, 2e-3
LAST_ROUNDS, LAST_RATE = 2.0, 4e-4
BATCH, WARM, REPORT = 1024, 100, 500
DROPOUT = 0.25  # of the numbers on their way
MASKED = 0.1  # of the signs in the window, so that no single one is relied on
OTHERS = 200  # characters drawn at random per batch of the first lesson
READING = 4000  # batches of it
LOOKED_AT = 32  # of the signs of the topic, drawn anew for each batch


class Net(torch.nn.Module):
    """The network as torch sees it; `window.scores` computes the same with numpy."""

    def __init__(self, known: int) -> None:
        super().__init__()
        self.signs = torch.nn.Embedding(known, SIZE)
        self.first = torch.nn.Linear((2 * window.REACH + 1) * SIZE, FIRST)
        self.second = torch.nn.Linear(FIRST, SECOND)
        self.outs = torch.nn.Embedding(known, SECOND)
        self.bias = torch.nn.Embedding(known, 1)
        self.dropout = torch.nn.Dropout(DROPOUT)
        torch.nn.init.normal_(self.signs.weight, std=0.3)
        torch.nn.init.normal_(self.outs.weight, std=0.1)
        torch.nn.init.zeros_(self.bias.weight)

    def hidden(self, near: torch.Tensor, wide: torch.Tensor) -> torch.Tensor:
        """[b, SECOND] from rows near [b, 2 * REACH] and wide [b, any number], -1 beyond the text."""
        there = (wide >= 0).float()
        topic = (self.signs(wide.clamp(min=0)) * there[..., None]).sum(1) / there.sum(1, keepdim=True).clamp(min=1)
        seen = self.dropout(torch.cat([self.signs(near).flatten(1), topic], 1))
        return self.dropout(torch.relu(self.second(torch.relu(self.first(seen)))))

    def forward(self, near: torch.Tensor, wide: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        """Scores of the candidates, [b, WIDEST], from `hidden`'s arguments and rows codes [b, WIDEST]."""
        hidden = self.hidden(near, wide)
        return (self.outs(codes) * hidden[:, None, :]).sum(2) + self.bias(codes)[..., 0]


def tensors(blocks: list[Examples], row_of: np.ndarray) -> list[np.ndarray]:
    """near, wide, codes (int16 rows), words [p, WIDEST] and gold [p] of all places of the blocks."""
    offsets = window.beside(window.TOPIC)
    parts = []
    for block in blocks:
        signs, at = block.signs.astype(np.int64), block.at.astype(np.int64)
        near = window.rows(window.windows(signs, at), row_of)
        beside = at[:, None] + offsets
        inside = (beside >= 0) & (beside < len(signs))
        wide = np.where(inside, window.rows(signs, row_of)[np.clip(beside, 0, len(signs) - 1)], -1)
        owner = confidence.owners(block.starts, len(block.codes))
        place = np.arange(len(owner)) - block.starts[owner]
        codes = np.zeros((len(at), WIDEST), np.int16)
        words = np.full((len(at), WIDEST), -1e4, np.float32)
        codes[owner, place] = window.rows(block.codes.astype(np.int64), row_of)
        words[owner, place] = block.words
        parts.append((near.astype(np.int16), wide.astype(np.int16), codes, words, block.gold - block.starts))
    return [np.concatenate(part) for part in zip(*parts)]


class Learner:
    """A network on its way, and the signs that it knows."""

    def __init__(self, blocks: list[Examples]) -> None:
        torch.manual_seed(0)
        counts = sum(np.bincount(block.signs[block.signs < 1 << 16], minlength=1 << 16) for block in blocks)
        self.known = np.flatnonzero(counts >= RARE)
        self.row_of = np.zeros(1 << 16, np.int64)
        self.row_of[self.known] = np.arange(1, len(self.known) + 1)
        self.net = Net(len(self.known) + 1)

    def read(self, blocks: list[Examples], steps: int) -> None:
        """First lesson: tell the hanzi that stands at a place from others drawn at random, at any place."""
        text = np.concatenate([window.rows(block.signs.astype(np.int64), self.row_of) for block in blocks])
        points = np.concatenate([block.signs for block in blocks])
        hanzi = np.flatnonzero((points >= 0x4E00) & (points <= 0x9FFF))
        hanzi = hanzi[(hanzi > window.TOPIC) & (hanzi < len(text) - window.TOPIC)]
        near_by, far = window.beside(window.REACH), window.beside(window.TOPIC)
        generator = np.random.default_rng(1)
        gold = torch.zeros(BATCH, dtype=torch.long)
        optimizer = torch.optim.Adam(self.net.parameters(), lr=RATE)

        def loss() -> torch.Tensor:
            at = hanzi[generator.integers(len(hanzi), size=BATCH)]
            others = hanzi[generator.integers(len(hanzi), size=OTHERS)]
            codes = np.concatenate([text[at][:, None], np.tile(text[others], (BATCH, 1))], axis=1)
            same = codes == codes[:, :1]
            same[:, 0] = False
            looked = far[generator.permutation(len(far))[:LOOKED_AT]]
            near = torch.from_numpy(text[at[:, None] + near_by])
            near = torch.where(torch.rand(near.shape) < MASKED, 0, near)
            hidden = self.net.hidden(near, torch.from_numpy(text[at[:, None] + looked]))
            rows = torch.from_numpy(codes)
            right = (self.net.outs(rows[:, 0]) * hidden).sum(1, keepdim=True) + self.net.bias(rows[:, 0])
            wrong = hidden @ self.net.outs(rows[0, 1:]).T + self.net.bias(rows[0, 1:])[:, 0]
            scores = torch.cat([right, wrong], 1).masked_fill(torch.from_numpy(same), -1e4)
            return torch.nn.functional.cross_entropy(scores, gold)

        self.descend("reading", steps, RATE, lambda step: 1.0, loss)
        with torch.no_grad():
            self.net.bias.weight.zero_()  # the word lattice knows how frequent a character is

    def learn(self, blocks: list[Examples], rounds: float, rate: float) -> None:
        """Adam with a rate that falls to a twentieth, `rounds` times over all places."""
        data = tensors(blocks, self.row_of)
        count = len(data[-1])
        steps = int(rounds * count / BATCH)
        generator = np.random.default_rng(0)
        order = np.empty(0, np.int64)

        def loss() -> torch.Tensor:
            nonlocal order
            if len(order) < BATCH:
                order = generator.permutation(count)
            chosen, order = order[:BATCH], order[BATCH:]
            near, wide, codes, words, gold = (torch.from_numpy(part[chosen]) for part in data)
            near = torch.where(torch.rand(near.shape) < MASKED, 0, near.long())
            wide = wide[:, torch.from_numpy(generator.permutation(wide.shape[1])[:LOOKED_AT])]
            scores = self.net(near, wide.long(), codes.long()) + words
            return torch.nn.functional.cross_entropy(scores, gold.long())

        self.descend("window", steps, rate, lambda step: max(0.05, 1 - step / steps) * min(1, (step + 1) / WARM), loss)

    def descend(
        self, name: str, steps: int, rate: float, share: Callable[[int], float], loss: Callable[[], torch.Tensor]
    ) -> None:
        """Adam on the loss of a batch, `steps` times, each at `share` of the rate; says now and then how it goes."""
        optimizer = torch.optim.Adam(self.net.parameters(), lr=rate)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, share)
        began, loss_sum = time.monotonic(), 0.0
        self.net.train()
        for step in range(1, steps + 1):
            here = loss()
            optimizer.zero_grad()
            here.backward()
            optimizer.step()
            schedule.step()
            loss_sum += here.item()
            if step % REPORT == 0:
                spent = time.monotonic() - began
                print(f"{name} {step}/{steps}  loss {loss_sum / REPORT:.4f}  {spent:.0f}s", file=sys.stderr, flush=True)
                loss_sum = 0.0

    def arrays(self) -> dict[str, np.ndarray]:
        """The network as `window.pack` wants it."""
        net = {name: value.detach().numpy() for name, value in self.net.named_parameters()}
        return {
            "known": self.known.astype(np.uint16), "signs": net["signs.weight"],
            "first": net["first.weight"].T.copy(), "first_bias": net["first.bias"],
            "second": net["second.weight"].T.copy(), "second_bias": net["second.bias"],
            "outs": net["outs.weight"], "out_bias": net["bias.weight"][:, 0].copy(),
        }

"""Choose by the whole sentence: a transformer reads both sides of a doubt and names what stands there.

`data/sentence.xz` is a small Chinese RoFormer, learnt further by `train_sentence` (see
data/README.md for origin and licence). Where all other scores leave a doubt the place
is masked; the network reads what stands around, the masked neighbours among it, and
says how likely each candidate is. When all scores have spoken, every unsettled place
gets a second look, its neighbours in view as they were chosen (`again`). It costs far
more than the other scores, so a long text gets only its most doubtful windows read.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import embedding, gelu, layer_norm, linear, scaled_dot_product_attention

from scripts.restore import context, packed, window
from scripts.restore.characters import is_hanzi

NETWORK = Path(__file__).with_name("data") / "sentence.xz"
HEADS = 6
SIDE, INSIDE = 16, 64  # signs of a window: on each side for the view only, and those it is asked about
WIDTH = SIDE + INSIDE + SIDE
MASK, BEGIN = 4, 5  # stand among the code points; nobody writes these
TOGETHER = 32  # windows in one go
EPSILON = 1e-6
DOUBT = 7.5  # nats; where the choice is ahead by more nothing is asked
TRUST = 1.0  # what it says of the candidates adds to the other scores as it is
FIRST = 0.4  # what the first look counts beside a second one
LEAST = 0.03  # doubt of a window, summed over its places; windows below it are not read: four of ten, which held none of 201 corrections
LEAST_AGAIN = 0.005  # the same for the second look: four of ten, without which as many choices were right
UNKNOWN = 8.0  # nats; what one of the characters that the network does not know is less likely than all of them

Network = dict[str, torch.Tensor]


def pack(known: np.ndarray, network: dict[str, np.ndarray]) -> bytes:
    """Matrices as signed bytes with a scale per row, all else as it is; `known`: the code point of each row of `signs`."""
    stored = {"known": known.astype(np.uint16)}
    for name, array in network.items():
        if name.endswith(("_norm", "_bias")):
            stored[name] = array.astype(np.float32)
        else:
            stored |= packed.by_rows(name, array)
    return packed.pack(stored)


@lru_cache(maxsize=1)
def weights() -> tuple[np.ndarray, Network]:
    """`row_of` [65536] (code point -> row) and the network of `read`. Half a second."""
    stored = packed.unpack(NETWORK)
    known = stored.pop("known")
    row_of = np.zeros(1 << 16, np.int64)
    row_of[known] = np.arange(len(known))
    network = {}
    for name, array in stored.items():
        if not name.endswith("_scale"):
            scale = stored.get(f"{name}_scale")
            network[name] = torch.from_numpy(array if scale is None else array * scale)
    return row_of, network


@lru_cache(maxsize=4)
def turns(width: int, size: int, kind: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosine and sine, [width, size], by which each place turns its pairs of numbers (RoPE)."""
    angles = torch.arange(width)[:, None] * 10000.0 ** (-torch.arange(0, size, 2) / size)
    return tuple(turn(angles).repeat_interleave(2, 1).to(kind) for turn in (torch.cos, torch.sin))


def normed(seen: torch.Tensor, norm: torch.Tensor) -> torch.Tensor:
    """Layer norm with gain and shift [2, d]."""
    return layer_norm(seen, seen.shape[-1:], norm[0], norm[1], EPSILON)


def read(network: Network, rows: torch.Tensor) -> torch.Tensor:
    """What the network makes of every sign, [batch, seq, d], from their rows [batch, seq].

    `network`: `signs` [v, d] and, for each of the layers, `qkv` [layers, 3d, d], `out`
    [layers, d, d], `up` [layers, 4d, d], `down` [layers, d, 4d], each with its `_bias`;
    `first_norm` [2, d], `middle_norm` and `after_norm` [layers, 2, d].
    """
    seen = normed(embedding(rows, network["signs"]), network["first_norm"])
    batch, seq, size = seen.shape
    cosine, sine = turns(seq, size // HEADS, seen.dtype)
    for layer in range(len(network["qkv"])):
        part = {name: array[layer] for name, array in network.items() if name.startswith(("qkv", "out", "up", "down", "middle", "after"))}
        both = linear(seen, part["qkv"], part["qkv_bias"]).view(batch, seq, 3, HEADS, size // HEADS).permute(2, 0, 3, 1, 4)
        asking = both[:2]
        crossed = torch.stack([-asking[..., 1::2], asking[..., ::2]], -1).flatten(-2)
        query, key = asking * cosine + crossed * sine
        found = scaled_dot_product_attention(query, key, both[2]).transpose(1, 2).reshape(batch, seq, size)
        seen = normed(seen + linear(found, part["out"], part["out_bias"]), part["middle_norm"])
        inner = gelu(linear(seen, part["up"], part["up_bias"]))
        seen = normed(seen + linear(inner, part["down"], part["down_bias"]), part["after_norm"])
    return seen


def named(network: Network, seen: torch.Tensor) -> torch.Tensor:
    """How well each sign would stand at the places: [p, v] from `seen` [p, d], with `head` [d, d] and `signs_bias` [v]."""
    said = normed(gelu(linear(seen, network["head"], network["head_bias"])), network["head_norm"])
    return linear(said, network["signs"], network["signs_bias"])


def worth_reading(at: np.ndarray, doubt: np.ndarray, most: int, least: float) -> np.ndarray:
    """Numbers of the windows that hold the most doubt, at most `most` of them and none that holds no more than `least`: rising, [w].

    `at` [p]: the signs asked about; `doubt` [p]: how doubtful each is.
    """
    total = np.bincount(at // INSIDE, weights=doubt)
    order = np.argsort(-total, kind="stable")[:most]
    return np.sort(order[total[order] > least])


def scores(
    text: str, positions: np.ndarray, lead: np.ndarray, owner: np.ndarray, codes: np.ndarray, most: int
) -> np.ndarray:
    """What the network says of every candidate row where the choice is not far ahead, [k], all such places masked together.

    `text` is the current reading, `positions` [p] the ambiguous places, `lead` [p] how far
    the choice is ahead, `owner` [k] the place of each row, `codes` [k]; `most` windows are read.
    """
    return TRUST * judged(text, positions, [lead < DOUBT], lead, owner, codes, most, LEAST)


def again(
    text: str, positions: np.ndarray, unsettled: np.ndarray, lead: np.ndarray, owner: np.ndarray, codes: np.ndarray, most: int
) -> np.ndarray:
    """The same where `unsettled` [p] says so, in two goes, every second place masked and the others read as they were chosen."""
    every_second = np.cumsum(unsettled) % 2 == 0
    halves = [unsettled & every_second, unsettled & ~every_second]
    return judged(text, positions, halves, lead, owner, codes, most, LEAST_AGAIN)


def together(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """What `scores` and `again` come to, [k]: the second look sees more, so where there was one the first counts less."""
    return np.where(second < 0, FIRST * first + second, first)


def judged(
    text: str, positions: np.ndarray, groups: list[np.ndarray], lead: np.ndarray,
    owner: np.ndarray, codes: np.ndarray, most: int, least: float,
) -> np.ndarray:
    """Log probability of every candidate row among all signs, [k]; 0 where nothing was asked or read.

    `groups`: which places [p] are masked together; only hanzi are. The windows that hold
    the most doubt are read once for each group. The many characters that the network
    does not know share one probability.
    """
    result = np.zeros(len(codes))
    hanzi = np.array([is_hanzi(text[at]) for at in positions.tolist()])
    anywhere = hanzi & np.any(groups, axis=0)
    if not anywhere.any():
        return result
    row_of, network = weights()
    torch.set_num_threads(1)  # more are slower on shared cores, and a process forked after several have run hangs
    signs, index = context.reduce_text(np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64))
    rows = window.rows(signs, row_of)
    found = worth_reading(index[positions[anywhere]], np.exp(-lead[anywhere]), most, least)
    for group in groups:
        asked = hanzi & group
        at = index[positions[asked]]
        masked = rows.copy()
        masked[at] = row_of[MASK]
        padded = np.pad(masked, (SIDE, WIDTH), constant_values=row_of[context.EDGE])
        lines = np.flatnonzero(asked[owner])
        place = (np.cumsum(asked) - 1)[owner[lines]]  # of the asked ones, the one that each line belongs to
        wanted = window.rows(codes[lines], row_of)
        for low in range(0, len(found), TOGETHER):
            windows = found[low:low + TOGETHER]
            here = np.flatnonzero(np.isin(at // INSIDE, windows))
            if not len(here):
                continue
            shown = padded[windows[:, None] * INSIDE + np.arange(WIDTH)]
            shown = np.pad(shown, ((0, 0), (1, 0)), constant_values=row_of[BEGIN])
            which, where = np.searchsorted(windows, at[here] // INSIDE), at[here] % INSIDE + SIDE + 1
            with torch.inference_mode():
                seen = read(network, torch.from_numpy(shown))[torch.from_numpy(which), torch.from_numpy(where)]
                said = torch.log_softmax(named(network, seen), 1).numpy()
            own = np.flatnonzero(np.isin(place, here))
            result[lines[own]] = said[np.searchsorted(here, place[own]), wanted[own]] - UNKNOWN * (wanted[own] == 0)
    return result

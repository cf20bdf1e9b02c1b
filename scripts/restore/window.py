"""Choose by a wider window: small networks that read the signs around a place.

`context` knows what it has seen word for word; a network knows which characters
are alike. It sees `REACH` signs on each side and the average of `TOPIC` signs on
each side, and gives each candidate a score, damped by `TRUST`. Several networks,
learned alike from different beginnings, are averaged; where they differ, none is to
be relied on. `train_window` learns them; the numbers are stored as signed bytes
with one scale per row.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from scripts.restore import context, packed

NETWORK = Path(__file__).with_name("data") / "window.xz"
REACH = 10  # signs on each side that are read one by one
TOPIC = 40  # signs on each side that are read as an average
PIECE = 64  # vectors that are added up in one go
TRUST = 0.6  # the training texts are not the text at hand
SHARED = "known"  # the array that all networks have in common


def pack(networks: list[dict[str, np.ndarray]]) -> bytes:
    """Matrices as signed bytes with a scale per row, vectors as they are; the number of the network leads the name."""
    stored = {SHARED: networks[0][SHARED]}
    for number, arrays in enumerate(networks):
        for name, array in arrays.items():
            if array.ndim == 2:
                stored |= packed.by_rows(f"{number}.{name}", array)
            elif name != SHARED:
                stored[f"{number}.{name}"] = array.astype(np.float32)
    return packed.pack(stored)


@lru_cache(maxsize=1)
def weights() -> tuple[np.ndarray, list[dict[str, np.ndarray]]]:
    """`row_of` [65536] (code point -> row) and the networks, each `signs` [v, d], `first` [(2 * REACH + 1) * d, h],
    `down` [h, m], `up` [m, h], `last` [h, o], their `_bias`, `outs` [v, o], `outs_bias` [v]."""
    stored = packed.unpack(NETWORK)
    known = stored.pop(SHARED)
    row_of = np.zeros(1 << 16, np.int64)
    row_of[known] = np.arange(1, len(known) + 1)
    networks: list[dict[str, np.ndarray]] = []
    for name, array in stored.items():
        number, part = name.split(".")
        if int(number) == len(networks):
            networks.append({})
        if not part.endswith("_scale"):
            scale = stored.get(f"{name}_scale")
            networks[-1][part] = array if scale is None else array.astype(np.float32) * scale
    return row_of, networks


def count() -> int:
    """How many networks there are."""
    return len(weights()[1])


def rows(codes: np.ndarray, row_of: np.ndarray) -> np.ndarray:
    """Row in the networks' tables of each code point; 0 for those they do not know."""
    return np.where(codes < len(row_of), row_of[np.minimum(codes, len(row_of) - 1)], 0)


def beside(reach: int) -> np.ndarray:
    """Offsets of the `reach` signs on each side, nearest left first, then nearest right first: [2 * reach]."""
    away = np.arange(1, reach + 1)
    return np.concatenate([-away, away])


def windows(signs: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The signs around each index, nearest left first, then nearest right first: [p, 2 * REACH]."""
    return np.pad(signs, REACH, constant_values=context.EDGE)[at[:, None] + REACH + beside(REACH)]


def sums(vectors: np.ndarray) -> np.ndarray:
    """The sum of all vectors before each index, [n + 1, d] or a little longer, from [n, d].

    Inside pieces as a product of matrices, several times faster than adding up row by row.
    """
    count, size = vectors.shape
    padded = np.zeros((count // PIECE + 1, PIECE, size), np.float32)
    padded.reshape(-1, size)[1:count + 1] = vectors
    inner = np.tri(PIECE, dtype=np.float32) @ padded
    inner[1:] += np.cumsum(inner[:-1, -1], axis=0)[:, None]
    return inner.reshape(-1, size)


def topics(vectors: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The average vector of the signs up to TOPIC away, the place itself left out: [p, d] from [n, d]."""
    total = sums(vectors)
    low, high = np.maximum(at - TOPIC, 0), np.minimum(at + TOPIC + 1, len(vectors))
    count = np.maximum(high - low - 1, 1)[:, None]
    return (total[high] - total[low] - vectors[at]) / count.astype(np.float32)


def judged(net: dict[str, np.ndarray], near: np.ndarray, text: np.ndarray, at: np.ndarray) -> np.ndarray:
    """What one network makes of each place, float32 [p, o], from rows near [p, 2 * REACH] and text [n]."""
    seen = np.concatenate([net["signs"][near].reshape(len(at), -1), topics(net["signs"][text], at)], axis=1)
    hidden = np.maximum(seen @ net["first"] + net["first_bias"], 0)
    inner = np.maximum(hidden @ net["down"] + net["down_bias"], 0)
    return (hidden + inner @ net["up"] + net["up_bias"]) @ net["last"] + net["last_bias"]


def scores(text: str, positions: np.ndarray, owner: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Score of every candidate row by each network, float32 [networks, k], given `text` as the current reading.

    `positions` [p]: the ambiguous places; `owner` [k]: the place of each row; `codes` [k].
    """
    row_of, networks = weights()
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64)
    signs, index = context.reduce_text(points)
    at = index[positions]
    near, whole = rows(windows(signs, at), row_of), rows(signs, row_of)
    asked = rows(codes, row_of)
    return TRUST * np.stack([
        np.einsum("kd,kd->k", judged(net, near, whole, at)[owner], net["outs"][asked]) + net["outs_bias"][asked]
        for net in networks
    ])

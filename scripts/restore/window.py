"""Choose by a wider window: a small network that reads the signs around a place.

`context` knows what it has seen word for word; this network knows which characters
are alike. It sees `REACH` signs on each side and the average of `TOPIC` signs on
each side, and gives each candidate a score, damped by `TRUST`. `train_window`
learns it; the numbers are stored as signed bytes with one scale per row.
"""

from __future__ import annotations

import io
import lzma
from functools import lru_cache
from pathlib import Path

import numpy as np

from scripts.restore import context

NETWORK = Path(__file__).with_name("data") / "window.xz"
REACH = 8  # signs on each side that are read one by one
TOPIC = 40  # signs on each side that are read as an average
TRUST = 0.7  # the training texts are not the text at hand


def pack(arrays: dict[str, np.ndarray]) -> bytes:
    """Matrices as signed bytes with a scale per row, vectors as they are."""
    stored = {}
    for name, array in arrays.items():
        if array.ndim == 2:
            scale = np.abs(array).max(axis=1, keepdims=True) / 127 + 1e-12
            stored[name] = np.rint(array / scale).astype(np.int8)
            stored[f"{name}_scale"] = scale.astype(np.float32)
        else:
            stored[name] = array
    buffer = io.BytesIO()
    np.savez(buffer, **stored)
    return lzma.compress(buffer.getvalue(), preset=9 | lzma.PRESET_EXTREME)


@lru_cache(maxsize=1)
def weights() -> dict[str, np.ndarray]:
    """The network: `row_of` [65536] (code point -> row), `signs` [v, d], `first` [(2 * REACH + 1) * d, h],
    `first_bias` [h], `second` [h, o], `second_bias` [o], `outs` [v, o], `out_bias` [v]."""
    with np.load(io.BytesIO(lzma.decompress(NETWORK.read_bytes()))) as file:
        arrays = {name: file[name] for name in file.files}
    for name in [name for name in arrays if f"{name}_scale" in arrays]:
        arrays[name] = arrays[name].astype(np.float32) * arrays.pop(f"{name}_scale")
    row_of = np.zeros(1 << 16, np.int64)
    row_of[arrays.pop("known")] = np.arange(1, len(arrays["signs"]))
    arrays["row_of"] = row_of
    return arrays


def rows(codes: np.ndarray, row_of: np.ndarray) -> np.ndarray:
    """Row in the network's tables of each code point; 0 for those it does not know."""
    return np.where(codes < len(row_of), row_of[np.minimum(codes, len(row_of) - 1)], 0)


def beside(reach: int) -> np.ndarray:
    """Offsets of the `reach` signs on each side, nearest left first, then nearest right first: [2 * reach]."""
    away = np.arange(1, reach + 1)
    return np.concatenate([-away, away])


def windows(signs: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The signs around each index, nearest left first, then nearest right first: [p, 2 * REACH]."""
    return np.pad(signs, REACH, constant_values=context.EDGE)[at[:, None] + REACH + beside(REACH)]


def topics(vectors: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The average vector of the signs up to TOPIC away, the place itself left out: [p, d] from [n, d]."""
    total = np.concatenate([np.zeros((1, vectors.shape[1]), np.float32), np.cumsum(vectors, axis=0)])
    low, high = np.maximum(at - TOPIC, 0), np.minimum(at + TOPIC + 1, len(vectors))
    count = np.maximum(high - low - 1, 1)[:, None]
    return (total[high] - total[low] - vectors[at]) / count.astype(np.float32)


def scores(text: str, positions: np.ndarray, owner: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Score of every candidate row, float32 [k], given `text` as the current reading.

    `positions` [p]: the ambiguous places; `owner` [k]: the place of each row; `codes` [k].
    """
    net = weights()
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64)
    signs, index = context.reduce_text(points)
    at = index[positions]
    near = net["signs"][rows(windows(signs, at), net["row_of"])].reshape(len(at), -1)
    wide = topics(net["signs"][rows(signs, net["row_of"])], at)
    seen = np.concatenate([near, wide], axis=1)
    hidden = np.maximum(seen @ net["first"] + net["first_bias"], 0)
    hidden = np.maximum(hidden @ net["second"] + net["second_bias"], 0)
    asked = rows(codes, net["row_of"])
    return TRUST * (np.einsum("kd,kd->k", hidden[owner], net["outs"][asked]) + net["out_bias"][asked])

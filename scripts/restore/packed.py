"""Arrays in one small file: numpy's format, pressed by xz. Matrices of weights as signed bytes with a scale per row."""

from __future__ import annotations

import io
import lzma
from pathlib import Path

import numpy as np


def pack(arrays: dict[str, np.ndarray]) -> bytes:
    """The content of a file that holds the arrays."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return lzma.compress(buffer.getvalue(), preset=9 | lzma.PRESET_EXTREME)


def unpack(path: Path) -> dict[str, np.ndarray]:
    """The arrays that the file holds."""
    with np.load(io.BytesIO(lzma.decompress(path.read_bytes()))) as file:
        return {name: file[name] for name in file.files}


def by_rows(name: str, array: np.ndarray) -> dict[str, np.ndarray]:
    """The array as signed bytes, and under `name` with `_scale` what a unit of each row is worth."""
    scale = np.abs(array).max(axis=-1, keepdims=True) / 127 + 1e-12
    return {name: np.rint(array / scale).astype(np.int8), f"{name}_scale": scale.astype(np.float32)}

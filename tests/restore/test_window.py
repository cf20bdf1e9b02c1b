"""The network's file, what it reads, and the examples that it learns from."""

import numpy as np

from scripts.restore import context, examples, window


def test_a_packed_network_comes_back(tmp_path, monkeypatch):
    generator = np.random.default_rng(0)
    known = np.array([0x4E2D, 0x6587], np.uint16)
    arrays = {"known": known, "signs": generator.normal(size=(3, 4)), "out_bias": generator.normal(size=3)}
    path = tmp_path / "window.xz"
    path.write_bytes(window.pack(arrays))
    monkeypatch.setattr(window, "NETWORK", path)
    window.weights.cache_clear()
    net = window.weights()
    window.weights.cache_clear()
    assert np.abs(net["signs"] - arrays["signs"]).max() <= np.abs(arrays["signs"]).max() / 127
    assert np.array_equal(net["out_bias"], arrays["out_bias"])
    assert window.rows(np.array([0x4E2D, 0x6587, 0x4E00, 0x1F600]), net["row_of"]).tolist() == [1, 2, 0, 0]


def test_the_window_leaves_the_place_itself_out():
    signs = np.arange(100, 200)
    near = window.windows(signs, np.array([0, 50]))
    assert near.shape == (2, 2 * window.REACH)
    assert near[0, 0] == context.EDGE and near[0, window.REACH] == 101
    assert near[1, 0] == 149 and near[1, window.REACH] == 151 and 150 not in near[1]
    vectors = np.ones((5, 1), np.float32)
    vectors[2] = 9
    assert window.topics(vectors, np.array([2]))[0, 0] == 1


def test_an_example_names_the_character_that_stood_there():
    text = "注意力机制中的参数量不多，与模型的大小无关。"
    block = examples.examples(text)
    right = "".join(map(chr, block.codes[block.gold]))
    assert right == "".join(chr(sign) for sign in block.signs[block.at])
    assert set("中不与") <= set(right)

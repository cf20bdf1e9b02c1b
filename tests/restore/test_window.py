"""The networks' file, what it reads, and the examples that it learns from."""

import numpy as np
import pytest
import torch

from scripts.restore import context, examples, train_window, window


def network(generator):
    """Random arrays of the shapes that `window.weights` names, for two characters."""
    size, hidden, inner, last = 4, 6, 5, 3
    shapes = {
        "signs": (3, size), "first": ((2 * window.REACH + 1) * size, hidden), "first_bias": hidden,
        "down": (hidden, inner), "down_bias": inner, "up": (inner, hidden), "up_bias": hidden,
        "last": (hidden, last), "last_bias": last, "outs": (3, last), "outs_bias": 3,
    }
    known = {"known": np.array([0x4E2D, 0x6587], np.uint16)}
    return known | {name: generator.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture
def packed(tmp_path, monkeypatch):
    """Two random networks in the place of the learnt ones."""
    generator = np.random.default_rng(0)
    networks = [network(generator), network(generator)]
    path = tmp_path / "window.xz"
    path.write_bytes(window.pack(networks))
    monkeypatch.setattr(window, "NETWORK", path)
    window.weights.cache_clear()
    yield networks
    window.weights.cache_clear()


def test_packed_networks_come_back(packed):
    row_of, networks = window.weights()
    assert window.count() == 2
    for given, found in zip(packed, networks):
        assert np.abs(found["signs"] - given["signs"]).max() <= np.abs(given["signs"]).max() / 127
        assert np.array_equal(found["outs_bias"], given["outs_bias"])
    assert window.rows(np.array([0x4E2D, 0x6587, 0x4E00, 0x1F600]), row_of).tolist() == [1, 2, 0, 0]


def test_numpy_and_torch_compute_the_same():
    net = train_window.Net(3).eval()
    net.dropped = lambda seen: seen
    arrays = {name: value.detach().numpy() for name, value in net.named_parameters()}
    flat = {"signs": arrays["signs.weight"]}
    for name in ("first", "down", "up", "last"):
        flat[name], flat[f"{name}_bias"] = arrays[f"{name}.weight"].T, arrays[f"{name}.bias"]
    text = np.arange(200) % 3
    at = np.array([90, 101])
    near = text[at[:, None] + window.beside(window.REACH)]
    wide = torch.from_numpy(text[at[:, None] + window.beside(window.TOPIC)])
    seen = net(torch.from_numpy(near), wide).detach().numpy()
    assert np.allclose(window.judged(flat, near, text, at), seen, atol=1e-4)


def test_rivals_are_what_the_damage_leaves():
    known = np.array(sorted(map(ord, "中与不子的，")))
    group_of, members = train_window.rival_rows(known)
    rivals = {chr(code): {chr(known[row - 1]) for row in members[group_of[number]] if row}
              for number, code in enumerate(known, start=1)}
    assert rivals["中"] == rivals["与"] == {"中", "不", "与"} and not rivals["，"]


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


def test_a_learnt_network_goes_on_from_where_it_was(monkeypatch):
    for name, size in (("SIZE", 4), ("FIRST", 6), ("INNER", 5), ("LAST", 3)):
        monkeypatch.setattr(train_window, name, size)
    arrays = network(np.random.default_rng(0))
    again = train_window.Learner.resumed(arrays["known"].astype(np.int64), arrays, 0).arrays()
    assert set(again) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array)

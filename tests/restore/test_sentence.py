"""The network that reads whole sentences: what it is asked, what it must not see, how it is learnt and kept."""

import numpy as np
import pytest
import torch

from scripts.restore import bench, confidence, context, sentence, train_sentence
from scripts.restore.codec import NOTES_DROPPED, damage, units
from scripts.restore.examples import examples
from scripts.restore.restoration import weigh

SIZE, LAYERS, INNER = 12, 2, 24
KNOWN = np.array([0, context.LATIN, context.DIGIT, context.EDGE, sentence.MASK, sentence.BEGIN,
                  *sorted(map(ord, "，。一中不与两人国家学习的是在有大地"))])


def tiny(seed: int = 0) -> dict[str, np.ndarray]:
    """Random arrays of the shapes that `sentence.read` and `sentence.named` name."""
    draw = np.random.default_rng(seed).normal
    matrices = {"signs": (len(KNOWN), SIZE), "qkv": (LAYERS, 3 * SIZE, SIZE), "out": (LAYERS, SIZE, SIZE),
                "up": (LAYERS, INNER, SIZE), "down": (LAYERS, SIZE, INNER), "head": (SIZE, SIZE)}
    arrays = {name: draw(0, 0.3, shape) for name, shape in matrices.items()}
    arrays |= {f"{name}_bias": draw(0, 0.1, shape[:-1]) for name, shape in matrices.items()}
    for name, before in (("first", ()), ("middle", (LAYERS,)), ("after", (LAYERS,)), ("head", ())):
        arrays[f"{name}_norm"] = np.broadcast_to([[1.0], [0.0]], (*before, 2, SIZE)) + draw(0, 0.1, (*before, 2, SIZE))
    return arrays


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The tiny network in place of the real one."""
    path = tmp_path / "sentence.xz"
    path.write_bytes(sentence.pack(KNOWN, tiny()))
    monkeypatch.setattr(sentence, "NETWORK", path)
    sentence.weights.cache_clear()
    yield
    sentence.weights.cache_clear()


def asked(text: str, places: dict[int, str], lead: float = 0.0, most: int = 99) -> np.ndarray:
    """The scores of the candidates of some places of a text, in order."""
    codes = np.array([ord(c) for options in places.values() for c in options])
    owner = np.repeat(np.arange(len(places)), list(map(len, places.values())))
    return sentence.scores(text, np.array(list(places)), np.full(len(places), lead), owner, codes, most)


def test_a_packed_network_comes_back_as_it_was_but_for_its_last_digits(kept):
    row_of, network = sentence.weights()
    assert row_of[KNOWN].tolist() == list(range(len(KNOWN))) and row_of[ord("龙")] == 0
    for name, array in tiny().items():
        assert np.abs(network[name].numpy() - array).max() <= np.abs(array).max() / 250, name


def test_a_place_is_judged_by_what_stands_around_and_never_by_what_stands_in_it(kept):
    options = {3: "中不与", 7: "一两"}
    one = asked("学习的中国人是一家。", options)
    assert np.array_equal(one, asked("学习的不国人是两家。", options))
    assert not np.allclose(one, asked("学习的中国人在一家。", options))
    assert (one < 0).all() and len(set(one.tolist())) == 5


def test_candidates_of_a_place_never_sum_to_more_than_certainty(kept):
    every = "".join(chr(code) for code in KNOWN[6:].tolist())
    share = np.exp(asked("大地有中国人", {3: every}) / sentence.TRUST)
    assert 0 < share.sum() < 1


def test_what_is_sure_is_not_asked_nor_is_a_sign(kept):
    assert not asked("学习的中国人", {3: "中不"}, lead=sentence.DOUBT).any()
    assert not asked("学习，中国人", {2: "，。"}).any()


def test_a_character_that_the_network_does_not_know_is_the_least_likely(kept):
    here = asked("大地有中国人", {3: "中龘"})
    assert here[1] < here[0]


def test_every_place_is_read_wherever_a_window_begins(kept):
    # Windows overlap, so nobody is asked about with less than SIDE signs in view.
    before = "学习的人是一家，" * 30
    for shift in range(0, sentence.INSIDE, 9):
        text = before + "大" * shift + "中国" + before
        at = len(before) + shift
        assert asked(text, {at: "中不"}).shape == (2,) and asked(text, {at: "中不"}).all()


def test_a_long_text_gets_its_most_doubtful_windows_read(kept):
    text = "学习的中国人是一家。" * 60
    at = [3 + 10 * number for number in range(60)]
    codes, owner = np.tile([ord("中"), ord("不")], 60), np.repeat(np.arange(60), 2)
    lead = np.full(60, 2.0)
    lead[40] = 0.1
    few = sentence.scores(text, np.array(at), lead, owner, codes, 1).reshape(60, 2)
    inside = [place // sentence.INSIDE == at[40] // sentence.INSIDE for place in at]
    assert few[inside].all() and not few[np.logical_not(inside)].any()
    everything = sentence.scores(text, np.array(at), lead, owner, codes, 99).reshape(60, 2)
    assert everything.all() and np.allclose(everything[inside], few[inside])
    hardly = sentence.scores(text, np.array(at), np.full(60, 7.4), owner, codes, 99)
    assert not hardly.any()  # seven places that nobody doubts are not worth a window


def test_attention_is_what_pytorch_says_it_is():
    """One layer against torch's own, at a width of one sign, where nothing turns."""
    network = {name: torch.from_numpy(array).float() for name, array in tiny().items()}
    rows = torch.tensor([[7]])
    seen = sentence.normed(network["signs"][rows], network["first_norm"])
    for layer in range(LAYERS):
        value = torch.nn.functional.linear(seen, network["qkv"][layer], network["qkv_bias"][layer])[..., 2 * SIZE:]
        seen = sentence.normed(seen + value @ network["out"][layer].T + network["out_bias"][layer], network["middle_norm"][layer])
        inner = torch.nn.functional.gelu(seen @ network["up"][layer].T + network["up_bias"][layer])
        seen = sentence.normed(seen + inner @ network["down"][layer].T + network["down_bias"][layer], network["after_norm"][layer])
    assert torch.allclose(sentence.read(network, rows), seen, atol=1e-5)


def test_only_how_far_apart_signs_stand_matters():
    """RoPE: moved as a whole, with nothing else in view, the signs look the same."""
    cosine, sine = sentence.turns(8, 2, torch.float32)
    turned = lambda vector, at: vector * cosine[at] + torch.stack([-vector[1], vector[0]]) * sine[at]  # noqa: E731
    query, key = torch.tensor([0.3, -1.2]), torch.tensor([0.7, 0.4])
    assert torch.allclose(turned(query, 1) @ turned(key, 3), turned(query, 5) @ turned(key, 7), atol=1e-5)


TEXT = "学习的中国人是一家，大地有两人在学习。与人不一，是中国的。" * 40


def test_the_first_lesson_teaches_to_name_what_is_masked(monkeypatch):
    monkeypatch.setattr(train_sentence, "BATCH", 8)
    texts = train_sentence.reduced(TEXT)
    generator = np.random.default_rng(0)
    loss = train_sentence.reading(KNOWN, texts, generator)
    after = train_sentence.learn("reading", tiny(), loss, 60, 1e-2, 1e-2)
    said = [np.mean([loss({name: torch.from_numpy(np.array(array, np.float32)) for name, array in arrays.items()}).item()
                     for _ in range(5)]) for arrays in (tiny(), after)]
    assert said[1] < 0.85 * said[0]


def test_the_second_lesson_learns_what_the_words_lack(monkeypatch):
    monkeypatch.setattr(train_sentence, "BATCH", 8)
    block = examples(TEXT)
    loss = train_sentence.doubting(KNOWN, [block], np.random.default_rng(0))
    begin = tiny() | {"trust": np.ones(1)}
    after = train_sentence.learn("doubts", begin, loss, 40, 3e-3, 3e-3)
    said = [np.mean([loss({name: torch.from_numpy(np.array(array, np.float32)) for name, array in arrays.items()}).item()
                     for _ in range(5)]) for arrays in (begin, after)]
    assert said[1] < said[0]


def test_a_lesson_without_texts_is_refused():
    with pytest.raises(SystemExit, match="改法"):
        train_sentence.main([])


def test_the_real_network_sets_right_what_the_other_scores_misread():
    """It earns its keep: without it more is wrong."""
    wrong = []
    for most in (0, 99):
        count = 0
        for name in ("film", "economy", "history", "manual", "travel"):
            text = bench.held_out()[name]
            characters, evidence, _ = weigh([options for _, options in units(damage(text), "cp1254", NOTES_DROPPED)], most)
            count += sum(characters[at] != text[at] for at in evidence.positions.tolist())
        wrong.append(count)
    assert wrong[1] < 0.8 * wrong[0], wrong


def test_a_second_look_sees_what_the_neighbours_were_read_as(kept):
    """Every second place is masked: a place depends on its neighbour, not on itself."""
    options = {3: "中不与", 4: "国人", 7: "一两"}
    codes = np.array([ord(c) for each in options.values() for c in each])
    owner = np.repeat(np.arange(3), [3, 2, 2])

    def look(text, unsettled=(True, True, True), most=99, lead=5.0):
        return sentence.again(text, np.array(list(options)), np.array(unsettled), np.full(3, lead), owner, codes, most)

    seen = look("学习的中国人是一家。")
    assert (seen < 0).all()
    other = look("学习的不国人是一家。")  # the first place reads otherwise
    assert np.array_equal(seen[owner != 1], other[owner != 1]) and not np.allclose(seen[owner == 1], other[owner == 1])
    some = look("学习的中国人是一家。", (True, False, True))
    assert some[owner == 1].tolist() == [0, 0] and (some[owner != 1] < 0).all()
    assert not look("学习的中国人是一家。", most=0).any()
    assert not look("学习的中国人是一家。", lead=8.0).any()  # three places that hardly anyone doubts are not worth a window


def test_both_looks_have_their_say_in_the_sum():
    evidence = confidence.Evidence(
        np.array([0, 5]), np.array([0, 2]), np.array([1, 2, 3, 4]), np.zeros(4), np.zeros(4), np.zeros((1, 4)), np.zeros(4),
        np.zeros(4), np.array([-1.0, -3.0, -1.0, -2.0]), np.ones(4), np.array([2, 2]), np.zeros((2, 4)),
        np.array([0.0, 0.0, -5.0, -1.0]),
    )
    # Where there was no second look the first counts in full.
    assert confidence.total(evidence) == pytest.approx([-1.0, -3.0, -5.0 - sentence.FIRST, -1.0 - 2 * sentence.FIRST])

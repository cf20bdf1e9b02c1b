"""The model of word triples: what its file keeps, what it answers, and where it is asked."""

import math

import numpy as np
import pytest

from scripts.restore import build_triples, lattice, pairs, triples

WORDS = ["的", "后果", "产生", "abc", "服果"]
COST = np.log([0.2, 0.02, 0.05, 0.1, 1e-4])
PAIRS = np.array([[2, 1], [1, 0], [0, 1], [3, 1]])  # 产生 后果, 后果 的, 的 后果, abc 后果
PAIR_COST = np.log([0.3, 0.4, 0.05, 0.5])
TRIPLES = np.array([[2, 1], [3, 1]])  # 产生 (后果 的), abc (后果 的)
TRIPLE_COST = np.log([0.9, 0.9])


@pytest.fixture
def small(tmp_path, monkeypatch):
    """The model above in the place of the real one."""
    model = build_triples.Model(
        WORDS, COST, np.log(np.full(5, 0.5)), PAIRS, PAIR_COST, np.log(np.full(4, 0.25)), TRIPLES, TRIPLE_COST
    )
    path = tmp_path / "triples.xz"
    path.write_bytes(build_triples.pack(*build_triples.ranked(model)))
    monkeypatch.setattr(triples, "TRIPLES", path)
    for cached in (triples.load, triples.step):
        cached.cache_clear()
    yield triples.load()
    for cached in (triples.load, triples.step):
        cached.cache_clear()


def test_words_that_are_no_hanzi_are_left_out(small):
    assert list(small.number) == ["的", "产生", "后果", "服果"]
    assert small.number["的"] == 0  # most frequent first


def test_a_known_triple_is_answered_from_it(small):
    first, second, third = (small.number[word] for word in ("产生", "后果", "的"))
    assert triples.step(first, second, third) == pytest.approx(math.log(0.9), abs=triples.STEP / 2)


def test_an_unknown_one_backs_off_to_the_pair_and_then_to_the_word(small):
    of, effect, cause, odd = (small.number[word] for word in ("的", "后果", "产生", "服果"))
    assert triples.step(-1, cause, effect) == pytest.approx(math.log(0.3), abs=triples.STEP / 2)
    # The pair before it is known and has triples: its own weight, then the pair.
    assert triples.step(cause, effect, odd) == pytest.approx(math.log(0.25 * 0.5 * 1e-4), abs=2 * triples.STEP)
    assert triples.step(of, cause, of) == pytest.approx(math.log(0.5 * 0.2), abs=2 * triples.STEP)
    assert triples.step(-1, -1, of) == pytest.approx(math.log(0.2), abs=triples.STEP / 2)


def test_a_character_that_the_model_lacks_costs_what_is_said(small):
    assert triples.step(0, 1, -1) == triples.UNKNOWN
    assert triples.likelihood("龘") == triples.UNKNOWN


def test_the_likeliest_cut_into_words_counts(small):
    whole = triples.likelihood("产生后果的")
    assert whole == pytest.approx(math.log(0.05) + math.log(0.3) + math.log(0.9), abs=2 * triples.STEP)


def test_what_a_pair_is_worth(small):
    cause, effect = small.number["产生"], small.number["后果"]
    assert triples.ratio(cause, effect) == pytest.approx(0.3 / 0.02, rel=0.12)
    assert triples.ratio(effect, effect) == pytest.approx(0.5, rel=0.06)
    assert triples.ratio(-1, effect) == 1.0


def test_pairs_that_say_nothing_are_left_out():
    model = build_triples.Model(
        ["的", "人"], np.log([0.5, 0.5]), np.log(np.ones(2)), np.array([[0, 1], [1, 0]]),
        np.log([0.5, 0.9]), np.zeros(2), np.empty((0, 2), np.int64), np.empty(0),
    )
    kept, _, _ = build_triples.worth_keeping(model, 2)
    assert kept.tolist() == [False, True]


def test_another_kind_of_file_is_refused(tmp_path):
    path = tmp_path / "zh_CN.lm"
    path.write_bytes(bytes(200))
    with pytest.raises(ValueError, match="改法：.*包"):
        build_triples.read_model(path)


@pytest.mark.parametrize("right, wrong", [
    ("参加志愿活动", "参加志愿活务"), ("在北京学习", "再北京学习"), ("提出了新的问题", "描出了新的问题"),
])
def test_the_real_model_knows_chinese(right, wrong):
    assert triples.likelihood(right) > triples.likelihood(wrong) + 1


def ask(text, at, candidates, known):
    """Scores of the candidates of one place, given what is known of them."""
    codes = np.array([ord(c) for c in candidates])
    return triples.scores(text, np.array([at]), np.array([0]), np.zeros(len(codes), np.int64), codes, np.array(known))


def test_only_candidates_near_the_best_are_asked_about():
    told = ask("我们再北京学习", 2, "再在", [0.0, -1.0])
    assert told[1] == 0 and told[0] < -1
    far = [0.0, -triples.NEAR - 1]
    assert ask("我们再北京学习", 2, "再在", far).tolist() == [0.0, 0.0]


def test_a_candidate_not_asked_about_overtakes_none_that_was():
    told = ask("我们再北京学习", 2, "再在冉", [0.0, -1.0, -triples.NEAR - 1])
    assert told[2] == min(told)


def test_the_lattice_knows_words_and_pairs_that_only_this_model_has():
    words = lattice.dictionary()[0]
    model, web = triples.load(), pairs.load()
    own = [word for word, number in model.number.items() if model.contested[number] and word not in web.number]
    assert own and all(word in words for word in own)
    assert pairs.value("产生", "后果") > 0 == pairs.value("产生", "，，")

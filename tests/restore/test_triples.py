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
    triples.load.cache_clear()
    yield triples.load()
    triples.load.cache_clear()


def cost(before, second, third):
    """Log probability of the third word after two others, -1 standing for none."""
    opening = triples.pair(triples.load(), np.array([before]), np.array([second]))
    return triples.step(opening, np.array([second]), np.array([third]))[0][0]


def ratio(first, second):
    return triples.ratio(np.array([first]), np.array([second]))[0]


def test_words_that_are_no_hanzi_are_left_out(small):
    assert list(small.number) == ["的", "产生", "后果", "服果"]
    assert small.number["的"] == 0  # most frequent first


def test_a_known_triple_is_answered_from_it(small):
    first, second, third = (small.number[word] for word in ("产生", "后果", "的"))
    assert cost(first, second, third) == pytest.approx(math.log(0.9), abs=triples.STEP / 2)


def test_an_unknown_one_backs_off_to_the_pair_and_then_to_the_word(small):
    of, effect, cause, odd = (small.number[word] for word in ("的", "后果", "产生", "服果"))
    assert cost(-1, cause, effect) == pytest.approx(math.log(0.3), abs=triples.STEP / 2)
    # The pair before it is known and has triples: its own weight, then the pair.
    assert cost(cause, effect, odd) == pytest.approx(math.log(0.25 * 0.5 * 1e-4), abs=2 * triples.STEP)
    assert cost(of, cause, of) == pytest.approx(math.log(0.5 * 0.2), abs=2 * triples.STEP)
    assert cost(-1, -1, of) == pytest.approx(math.log(0.2), abs=triples.STEP / 2)


def test_a_character_that_the_model_lacks_costs_what_is_said(small):
    assert cost(0, 1, -1) == triples.UNKNOWN
    assert triples.likelihoods(["龘", "", "龘龘"]).tolist() == [triples.UNKNOWN, 0.0, 2 * triples.UNKNOWN]


def test_the_likeliest_cut_into_words_counts(small):
    whole = triples.likelihoods(["产生后果的"])[0]
    assert whole == pytest.approx(math.log(0.05) + math.log(0.3) + math.log(0.9), abs=2 * triples.STEP)


def test_what_a_pair_is_worth(small):
    cause, effect = small.number["产生"], small.number["后果"]
    assert ratio(cause, effect) == pytest.approx(0.3 / 0.02, rel=0.12)
    assert ratio(effect, effect) == pytest.approx(0.5, rel=0.06)
    assert ratio(-1, effect) == 1.0


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
    likely, unlikely = triples.likelihoods([right, wrong])
    assert likely > unlikely + 1


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
    known = lattice.dictionary()
    model, web = triples.load(), pairs.load()
    own = [word for word, number in model.number.items() if model.contested[number] and word not in web.number]
    assert own and all(word in known.scores for word in own)
    before, after = np.array([known.rows["产生"]] * 2), np.array([known.rows["后果"], known.rows.get("，，", 0)])
    together, nothing = pairs.value(known.parts, before, after)
    assert together > 0 == nothing


def test_stretches_read_together_are_read_as_each_alone():
    stretches = ["我们在北京学习", "", "在", "参加志愿活动的人很多", "龘在"]
    assert triples.likelihoods(stretches).tolist() == [triples.likelihoods([each])[0] for each in stretches]

"""The tree of words, and the best readings of stretches, against trying every one."""

from itertools import product

import numpy as np
import pytest

from scripts.restore import lattice, pairs, trie

WORDS = ["中", "中国", "国", "国人", "中国人", "人民", "长于最长的词"]


def test_words_are_found_by_their_characters():
    tree = trie.build(trie.code_points(WORDS, 3))
    for number, word in enumerate(WORDS[:-1]):
        node = np.array([0])
        for character in word:
            node = trie.follow(tree, node, np.array([ord(character)]))
        assert tree.word[node] == number
    begins = trie.follow(tree, np.array([0, 0, -1]), np.array([ord("人"), ord("民"), ord("中")]))
    assert tree.word[begins].tolist() == [-1, -1, -1] and (begins >= 0).tolist() == [True, False, False]


def test_a_word_longer_than_asked_for_is_no_word():
    tree = trie.build(trie.code_points(WORDS, 3))
    assert sorted(tree.word[tree.word >= 0]) == list(range(len(WORDS) - 1))
    assert trie.follow(tree, np.array([0]), np.array([ord("长")])) == -1


def readings(run):
    """Every way to choose candidates and to cut them into words: tuples of words."""
    known = lattice.dictionary().scores
    for characters in product(*run):
        text = "".join(characters)
        for cuts in product((False, True), repeat=len(text) - 1):
            words, start = [], 0
            for end in [at + 1 for at, cut in enumerate(cuts) if cut] + [len(text)]:
                words.append(text[start:end])
                start = end
            if all(len(word) == 1 or word in known for word in words):
                yield words


def weight(words, before, after):
    """The score of one reading, word by word."""
    known = lattice.dictionary()
    rows = np.array([known.rows.get(word, 0) for word in [before, *words, after]])
    worth = pairs.value(known.parts, rows[:-1], rows[1:])
    own = [lattice.single_score(word) if len(word) == 1 else known.scores[word] for word in words]
    return sum(own) + worth.sum()


@pytest.mark.parametrize("run, before, after", [
    ((("中", "不", "与"), ("国", "团"), ("人",)), "，", "。"),
    ((("再", "在"), ("北",), ("京", "亰"), ("学", "字"), ("习", "乐")), "\n", "，"),
    ((("提", "描"), ("出",), ("了", "亇")), "", ""),
])
def test_the_best_reading_through_each_candidate_is_the_best_of_all(run, before, after):
    best = [{} for _ in run]
    for words in readings(run):
        score = weight(words, before, after)
        for place, (character, known) in enumerate(zip("".join(words), best)):
            known[character] = max(known.get(character, -np.inf), score)
    for slot, here, known in zip(run, lattice.marginals([run], [before], [after]), best):
        if len(slot) == 1:
            assert here == []
            continue
        assert [score for _, score, _ in here] == sorted((score for _, score, _ in here), reverse=True)
        top = max(known.values())
        found = {character: score for character, score, word in here if character in word}
        assert found.keys() >= {c for c, score in known.items() if score > top - lattice.SINGLES_FAR / 2}
        for character, score in found.items():
            assert score == pytest.approx(known[character], abs=1e-6)


def test_stretches_together_read_as_each_alone():
    runs = [(("中", "不"), ("国", "团")), (("再", "在"),), (("提", "描"), ("出",), ("问",), ("题", "颙"))]
    together = lattice.marginals(runs, ["，", "", "\n"], ["。", "，", ""])
    alone = [lattice.marginals([run], [b], [a]) for run, b, a in zip(runs, ["，", "", "\n"], ["。", "，", ""])]
    assert together == [here for each in alone for here in each]

"""Neighbouring places change together only where that is better."""

import numpy as np

from scripts.restore import joint
from scripts.restore.decide import Option


def test_two_places_change_to_the_word_that_covers_both():
    ranked = [
        (Option("又", 0, "又"), Option("初", -1, "初步")), (Option("来", 0, "来"), Option("步", -1, "初步")),
    ]
    found = joint.proposals(ranked, [4, 5], [0, 2], [0, 2], [1.0, 1.0])
    assert found == [(0, 1, 3)]
    assert joint.proposals(ranked, [4, 9], [0, 2], [0, 2], [1.0, 1.0]) == []
    codes = np.array([ord(c) for c in "又初来步"])

    def scorer(text, positions, rows, owner):
        return np.where(np.isin(rows, [1, 3]), 5.0, 0.0) if "初步" in text else np.zeros(len(rows))

    before = joint.log_shares(np.zeros(4), np.array([0, 2]), np.array([0, 0, 1, 1]))
    arguments = [list("一个计划又来"), found, np.array([4, 5]), np.array([0, 2]), codes, np.array([0, 2]), before]
    assert joint.better(*arguments, scorer) == found
    assert joint.better(*arguments, lambda text, positions, rows, owner: np.zeros(len(rows))) == []

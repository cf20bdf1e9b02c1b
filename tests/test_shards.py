"""Notebooks spread over machines: none lost, none twice, loads alike."""
import json
import random
import subprocess
import sys

import pytest

from scripts.environment import ROOT
from scripts.notebooks import cache, shards


@pytest.mark.parametrize("seed", range(5))
def test_five_hundred_notebooks_on_twenty_machines_differ_by_less_than_a_tenth(seed):
    # The recorded ones, drawn again and again and scaled a little: a site that has grown.
    known, draw = list(json.loads(shards.RECORDED.read_text(encoding="utf-8")).values()), random.Random(seed)
    seconds = {f"topic/concept-{n}": draw.choice(known) * draw.uniform(.5, 1.5) for n in range(500)}
    spread = shards.plan(seconds, 20)
    assert sorted(sum(spread, [])) == sorted(seconds) and len(spread) == 20
    loads = [sum(seconds[name] for name in names) for names in spread]
    assert max(loads) / (sum(loads) / len(loads)) <= 1.1


def test_machines_follow_the_work_and_the_switch():
    assert shards.needed({"a/b": 10}) == 1
    assert shards.needed({f"a/{n}": 100 for n in range(100)}) == 12
    assert shards.needed({"a/b": 10}, "3") == 3 and shards.needed({"a/b": 10}, "99") == 20
    assert shards.plan({"a/b": 1}, 3) == [["a/b"]]


def test_a_notebook_never_recorded_counts_as_the_median():
    assert shards.expected(["a", "b", "c", "new"], {"a": 1, "b": 5, "c": 2}) == {"a": 1, "b": 5, "c": 2, "new": 2}


def test_every_notebook_is_recorded_and_the_workflow_gets_its_matrix():
    names = {cache.concept_of(p) for p in cache.all_notebooks()}
    assert set(json.loads(shards.RECORDED.read_text(encoding="utf-8"))) <= names
    def said(**env):
        done = subprocess.run([sys.executable, "-m", "scripts.notebooks.shards"], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
        return json.loads(done.stdout.removeprefix("shards="))
    assert said() == []
    assert sorted(" ".join(said(MACHINES="3")).split()) == sorted(names)

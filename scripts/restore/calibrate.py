"""Make `data/confidence.npz`: learn from texts that the models never saw which choices go wrong.

    python -m scripts.restore.calibrate FILE... [--with FOLDER FILE...]

Pieces of each file are damaged and restored; the forest learns which places came
out wrong. Files must be no part of what `train` read. Files that were, the
project's pages, follow `--with` and the folder of models that `train --before`
kept. Prints what the forest finds in files that it did not learn from.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from scripts.restore import confidence, context, window
from scripts.restore.codec import NOTES_DROPPED, damage, units
from scripts.restore.examples import joined
from scripts.restore.restoration import DOUBTED, WINDOWS, load, weigh

TREES, LEAVES, RATE, SHRINK = 150, 20, 0.06, 20.0
FOLDS = 4
HURRIED = 4  # every so many pieces are observed a second time, hardly read
PIECE, PIECES = 4000, 120  # characters of a piece, the length of a page; pieces of a file at most

Observed = list[tuple[np.ndarray, np.ndarray]]


def pieces(path: Path) -> list[str]:
    """Pieces of the file, cut at line ends and spread over it evenly."""
    lines = path.read_text(encoding="utf-8").split("\n")
    found = [piece for piece in joined(lines, PIECE) if len(piece) > PIECE / 4]
    return found[::max(1, len(found) // PIECES)][:PIECES]


def observe(text: str, most: int = WINDOWS) -> tuple[np.ndarray, np.ndarray]:
    """(features [p, f], whether the choice is wrong [p]) of the ambiguous places of one piece, `most` windows of it read."""
    _, evidence, _ = weigh([options for _, options in units(damage(text), "cp1254", NOTES_DROPPED)], most)
    rows = confidence.best_rows(confidence.total(evidence), evidence.starts)
    right = np.array([ord(text[at]) for at in evidence.positions.tolist()])
    return confidence.features(evidence), evidence.codes[rows] != right


def observed_in(paths: list[Path]) -> list[dict[str, Observed]]:
    """What `observe` makes of the pieces of each file: read whole, and some as in a long text, where `sentence` reads little."""
    load()
    with threadpool_limits(1, "blas"), multiprocessing.get_context("fork").Pool() as pool:  # forked processes keep the limit
        return [
            {
                "read": pool.map(observe, found, chunksize=1),
                "hardly read": pool.map(partial(observe, most=1), found[::HURRIED], chunksize=1),
            }
            for found in map(pieces, paths)
        ]


def grow(seen: np.ndarray, wrong: np.ndarray) -> tuple[np.ndarray, ...]:
    """The forest's arrays, as `confidence.forest` returns them."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # a second to load, needed only here

    model = HistGradientBoostingClassifier(
        max_iter=TREES, max_leaf_nodes=LEAVES, learning_rate=RATE, l2_regularization=SHRINK,
        early_stopping=False, random_state=0,
    )
    near = confidence.unsettled(seen[:, 0], seen[:, 1])
    model.fit(seen[near], wrong[near])
    size = 2 * LEAVES - 1
    feature = np.zeros((TREES, size), np.int16)
    threshold = np.zeros((TREES, size), np.float64)
    left = np.tile(np.arange(size, dtype=np.int16), (TREES, 1))
    right = left.copy()
    value = np.zeros((TREES, size), np.float64)
    for tree, (predictor,) in enumerate(model._predictors):
        for node, row in enumerate(predictor.nodes):
            if row["is_leaf"]:
                value[tree, node] = row["value"]
            else:
                feature[tree, node], threshold[tree, node] = row["feature_idx"], row["num_threshold"]
                left[tree, node], right[tree, node] = row["left"], row["right"]
    value[0] += np.where(left[0] == np.arange(size), model._baseline_prediction.item(), 0)
    return feature, threshold, left, right, value


def together(files: Iterable[dict[str, Observed]]) -> tuple[np.ndarray, np.ndarray]:
    """(features, whether the choice is wrong) of all places."""
    seen, wrong = zip(*(piece for kinds in files for file in kinds.values() for piece in file))
    return np.concatenate(seen), np.concatenate(wrong)


def found(doubt: np.ndarray, wrong: np.ndarray) -> str:
    """How many of the places are flagged, and which part of the errors is among them."""
    shown = doubt > 1 - DOUBTED
    return f"flagged {shown.mean():5.1%} hold {wrong[shown].sum() / max(1, wrong.sum()):6.1%}"


def main(argv: list[str]) -> int:
    """Learn from the files named in `argv` and write the forest."""
    parser = argparse.ArgumentParser(description="学得复原的可信度")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--with", dest="other", nargs="+", type=Path, default=[])
    arguments = parser.parse_args(argv)
    observed = observed_in(arguments.files)
    names = [path.stem for path in arguments.files]
    if arguments.other:
        folder, *files = arguments.other
        context.WEIGHTS, window.NETWORK = folder / context.WEIGHTS.name, folder / window.NETWORK.name
        context.weights.cache_clear()
        window.weights.cache_clear()
        observed += observed_in(files)
        names += [path.stem for path in files]
    told: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}  # doubt and error of the places, by how they were read
    fold = np.random.default_rng(0).permutation(len(observed)) % FOLDS
    for number in range(FOLDS):
        arrays = grow(*together(kinds for which, kinds in zip(fold, observed) if which != number))
        for name, kinds in ((name, kinds) for which, name, kinds in zip(fold, names, observed) if which == number):
            for kind, file in kinds.items():
                seen, wrong = together([{kind: file}])
                doubt = 1 - confidence.stated(seen, arrays)
                print(f"{name:12} {kind:11} {len(wrong):7} places  {wrong.mean():6.2%} wrong, stated {doubt.mean():6.2%}  {found(doubt, wrong)}")
                told.setdefault(kind, []).append((doubt, wrong))
    for kind, parts in told.items():
        print(f"all, {kind}: {found(*map(np.concatenate, zip(*parts)))}")
    np.savez_compressed(
        confidence.FOREST, **dict(zip(("feature", "threshold", "left", "right", "value"), grow(*together(observed))))
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

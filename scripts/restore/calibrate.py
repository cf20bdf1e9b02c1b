"""Make `data/confidence.npz`: learn from texts that the models never saw which choices go wrong.

    python -m scripts.restore.calibrate FILE... [--with WEIGHTS FILE...]

Each file is damaged and restored; the forest learns which places came out wrong.
Files must be no part of what `train` read. Files that were, the project's pages,
follow `--with` and weights that `train` made without them. Prints what
cross-validation over the files says the forest finds.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from scripts.restore import confidence, context
from scripts.restore.codec import NOTES_DROPPED, damage, units
from scripts.restore.restoration import blocks, weigh

TREES, LEAVES, RATE, SHRINK = 80, 12, 0.08, 5.0
FOLDS = 4
FLAGGED = 0.08


def observe(text: str) -> tuple[np.ndarray, np.ndarray]:
    """(features [p, f], whether the choice is wrong [p]) of all ambiguous places of `text`."""
    seen, wrong = [], []
    done = 0
    for piece in blocks(damage(text)):
        slots = [options for _, options in units(piece, "cp1254", NOTES_DROPPED)]
        truth = text[done:done + len(slots)]
        done += len(slots)
        _, evidence, _ = weigh(slots)
        if evidence is None:
            continue
        rows = confidence.best_rows(evidence.words + evidence.around + evidence.said, evidence.starts)
        chosen = evidence.codes[rows].tolist()
        seen.append(confidence.features(evidence))
        wrong.append([ord(truth[at]) != code for at, code in zip(evidence.positions.tolist(), chosen)])
    return np.concatenate(seen), np.concatenate(wrong)


def grow(seen: np.ndarray, wrong: np.ndarray) -> tuple[np.ndarray, ...]:
    """The forest's arrays, as `confidence.forest` returns them."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # a second to load, needed only here

    model = HistGradientBoostingClassifier(
        max_iter=TREES, max_leaf_nodes=LEAVES, learning_rate=RATE, l2_regularization=SHRINK,
        early_stopping=False, random_state=0,
    ).fit(seen, wrong)
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


def found(doubt: np.ndarray, wrong: np.ndarray, share: float = FLAGGED) -> float:
    """The part of the errors among the most doubtful `share` of places."""
    worst = np.argsort(-doubt, kind="stable")[:int(share * len(doubt))]
    return wrong[worst].sum() / max(1, wrong.sum())


def main(argv: list[str]) -> int:
    """Learn from the files named in `argv` and write the forest."""
    parser = argparse.ArgumentParser(description="学得复原的可信度")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--with", dest="other", nargs="+", type=Path, default=[])
    arguments = parser.parse_args(argv)
    observed = [observe(path.read_text(encoding="utf-8")) for path in arguments.files]
    if arguments.other:
        context.WEIGHTS, *files = arguments.other
        context.weights.cache_clear()
        observed += [observe(path.read_text(encoding="utf-8")) for path in files]
    fold = np.repeat(np.random.default_rng(0).permutation(len(observed)) % FOLDS, [len(w) for _, w in observed])
    seen = np.concatenate([s for s, _ in observed])
    wrong = np.concatenate([w for _, w in observed])
    doubt = np.zeros(len(wrong))
    for number in range(FOLDS):
        arrays = grow(seen[fold != number], wrong[fold != number])
        doubt[fold == number] = 1 - confidence.judge(seen[fold == number], arrays)
    print(f"{len(wrong)} places, {wrong.sum()} wrong; the most doubtful {FLAGGED:.0%} hold {found(doubt, wrong):.1%}")
    print(f"by the lead alone: {found(-seen[:, 0], wrong):.1%}")
    names = ("feature", "threshold", "left", "right", "value")
    np.savez_compressed(confidence.FOREST, **dict(zip(names, grow(seen, wrong))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

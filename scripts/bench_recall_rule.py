"""Measure how often the rule of `watch_recall` calls an index low, by what share of the nearest items it really finds.

In each trial `--sample` queries are drawn, whose hits are missed one by one, or 2, 5 or 10 of a query together. Prints
the share of the trials in which even the upper end of the interval is below the floor, by recall.
"""

import argparse
import sys

import numpy as np
from numpy.typing import NDArray

from plait.evaluation.bootstrap import intervals
from plait.flows.watch_recall import LIMIT
from plait.recall_file import MeasuredRecall
from scripts.figures import print_figures

TOGETHER = (1, 2, 5, 10)
TRUE = (0.9, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.993)


def called_low(recall: NDArray[np.float64], floor: float) -> float:
    """Return the share of trials in which queries of this `recall` (trials, n) make an index low."""
    found = intervals({str(trial): row for trial, row in enumerate(recall)}, seed=0)
    told = [
        MeasuredRecall(1, one["mean"], one["low"], one["high"], recall.shape[1], floor, 0.0) for one in found.values()
    ]
    return float(np.mean([one.is_low for one in told]))


def missed_together(
    rng: np.random.Generator, truth: float, together: int, *, trials: int, sample: int = 100
) -> NDArray[np.float64]:  # fmt: skip
    """Return (trials, sample) recall of queries that miss `together` hits at a time, on average all but `truth`."""
    groups = LIMIT // together
    missed = rng.random((trials, sample, groups)) < (1 - truth) * LIMIT / (groups * together)
    return np.asarray(1.0 - missed.sum(axis=2) * together / LIMIT)


def main(arguments: list[str]) -> None:
    """Print a line for each recall."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=4_000)
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--floor", type=float, default=0.98)
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args(arguments)
    rng = np.random.default_rng(options.seed)

    def told(truth: float) -> dict[str, object]:
        drawn = {k: missed_together(rng, truth, k, trials=options.trials, sample=options.sample) for k in TOGETHER}
        return {"recall": truth, **{f"{k} together": called_low(drawn[k], options.floor) for k in TOGETHER}}

    print_figures((told(truth) for truth in TRUE), as_json=False)


if __name__ == "__main__":
    main(sys.argv[1:])

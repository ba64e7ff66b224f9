"""Measure how long diverse lists take: 20 of 200 candidates by each method, interleaved with whole recommendations.

Prints the median milliseconds of the thread, and each as a share of the recommendation without rules.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from plait.flows.arrange import POOL
from plait.recommender import Recommender
from ranker.diversity import Calibration, MarginalRelevance, Volume, chosen_list, scaled, unit_vectors
from scripts.interleaved import interleaved

LIMIT, CATEGORIES, STRENGTH = 20, 20, 0.5


def runs_of(recommender: Recommender) -> dict[str, Callable[[int], object]]:
    """Return what is timed: choices among random candidates with vectors as wide as the workspace's, and answers."""
    rng = np.random.default_rng(0)
    users = recommender.user_ids()
    width = recommender.vectors([recommender.recommend(users[0], limit=1).items[0].item_id]).shape[1]
    unit = unit_vectors(rng.normal(size=(POOL, width)).astype(np.float32))
    relevance, shares = scaled(np.sort(rng.normal(size=POOL))[::-1]), rng.dirichlet(np.ones(CATEGORIES), POOL)
    mix = shares.mean(axis=0)
    return {
        "recommend": lambda turn: recommender.recommend(users[turn % len(users)], limit=LIMIT),
        "recommend, diverse": lambda turn: recommender.recommend(
            users[turn % len(users)], limit=LIMIT, diversity=STRENGTH
        ),
        "mmr": lambda _: chosen_list(POOL, LIMIT, objective=MarginalRelevance(relevance, unit, STRENGTH)),
        "dpp": lambda _: chosen_list(POOL, LIMIT, objective=Volume(relevance, unit, STRENGTH)),
        "calibrated": lambda _: chosen_list(POOL, LIMIT, objective=Calibration(relevance, shares, mix, STRENGTH)),
    }


def main(arguments: list[str]) -> None:
    """Print the medians of a workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args(arguments)
    runs = runs_of(Recommender.open(options.workspace))
    interleaved(runs, 10)
    times = interleaved(runs, options.rounds)
    medians = {name: float(np.median([thread for thread, _ in pairs])) for name, pairs in times.items()}
    for name, median in medians.items():
        print(f"{name:20} {median:.3f} ms  {median / medians['recommend']:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Measure what onboarding is worth: users held out answer a few questions, and are ranked for by the answers alone.

Five folds of users, each held out once. Of the questions asked by any of the ways nothing is ranked or looked for, so
that all ways are judged on the same items. Prints NDCG@10 of each way with its 95 % interval over users, how many
questions a user could answer, and the paired differences.
"""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plait.flows.judging import log_of
from plait.history import Log
from plait.live import Live
from plait.workspace import Workspace
from ranker.interactions import Floats, Rows
from ranker.metrics import ndcg
from ranker.onboarding import questions
from ranker.onboarding_trials import tried_questions
from ranker.strongest import strongest
from ranker.taste import Taste
from ranker.taste_fit import fit_taste

FOLDS = 5
CUT = 10


@dataclass(frozen=True, slots=True)
class Answered:
    """What users make of one way to ask: NDCG@10 (m,), NaN for who likes nothing else, and answers given (m,)."""

    values: NDArray[np.float64]
    answers: NDArray[np.int64]


def ways_to_ask(log: Log, taste: Taste, limit: int, rng: np.random.Generator) -> Mapping[str, Rows]:
    """Return the questions of each way, chosen from what users learnt from did."""
    count = len(log.item_ids)
    everything = np.ones(count, dtype=np.bool_)
    return {
        "onboard": tried_questions(taste, log.interactions(), everything, limit)[0],
        "most telling": questions(taste, everything, limit)[0],
        "most popular": np.argsort(-taste.known, kind="stable")[:limit],
        "best liked": np.argsort(-taste.base, kind="stable")[:limit],
        "random": rng.permutation(count)[:limit],
        "no question": np.empty(0, dtype=np.int64),
    }


def said_by(log: Log, users: Rows) -> Floats:
    """Return (m, items) the weights of users, NaN for items they have not met."""
    kept = strongest(log.users, log.items, log.weights)
    places = np.full(len(log.user_ids), -1, dtype=np.int64)
    places[users] = np.arange(len(users))
    kept = kept[places[log.users[kept]] >= 0]
    said = np.full((len(users), len(log.item_ids)), np.nan, dtype=np.float32)
    said[places[log.users[kept]], log.items[kept]] = log.weights[kept]
    return said


def judged(taste: Taste, said: Floats, asked: Rows, out: Rows) -> Answered:
    """Fold in what users said of `asked` and rank the rest without `out`."""
    known = ~np.isnan(said[:, asked])
    tastes = taste.fold(np.where(known, asked, -1), np.nan_to_num(said[:, asked]))
    scores = taste.expected + tastes @ taste.answers.T
    wanted = np.nan_to_num(said) > 0
    scores[:, out], wanted[:, out] = -np.inf, False
    first = np.argsort(-scores, axis=1, kind="stable")[:, :CUT]
    values = ndcg(np.take_along_axis(wanted, first, axis=1), wanted.sum(axis=1), CUT)
    return Answered(values, known.sum(axis=1))


def fold_of(log: Log, users: Rows, limit: int, rng: np.random.Generator) -> Mapping[str, Answered]:
    """Hold `users` out, learn from the others, and ask in each way."""
    learnt = log.take(np.flatnonzero(~np.isin(log.users, users)))
    taste = fit_taste(learnt.interactions()).taste
    ways = ways_to_ask(learnt, taste, limit, rng)
    out, said = np.unique(np.concatenate(list(ways.values()))), said_by(log, users)
    return {name: judged(taste, said, asked, out) for name, asked in ways.items()}


def line(name: str, values: NDArray[np.float64]) -> str:
    """Return a mean and its 95 % interval (normal)."""
    known = values[~np.isnan(values)]
    half = 1.96 * known.std(ddof=1) / np.sqrt(len(known))
    return f"{name:34} {known.mean():+.4f} [{known.mean() - half:+.4f}, {known.mean() + half:+.4f}]"


def main(arguments: list[str]) -> None:
    """Print the table of a workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--limit", type=int, default=5, help="questions [5]")
    parser.add_argument("--seed", type=int, default=20, help="which users stand in which fold, and random questions")
    options = parser.parse_args(arguments)
    log, _ = log_of(Live(Workspace.open(options.workspace)), "onboarding")
    rng = np.random.default_rng(options.seed)
    order = rng.permutation(len(log.user_ids))
    folds = [fold_of(log, order[fold::FOLDS], options.limit, rng) for fold in range(FOLDS)]
    values = {name: np.concatenate([fold[name].values for fold in folds]) for name in folds[0]}
    for name, mine in values.items():
        answers = np.concatenate([fold[name].answers for fold in folds]).mean()
        print(f"{line(name, mine)}  {answers:.2f} of {options.limit} answered")
    for name in list(values)[1:]:
        print(line(f"onboard less {name}", values["onboard"] - values[name]))


if __name__ == "__main__":
    main(sys.argv[1:])

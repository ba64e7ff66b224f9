"""Measure what diverse lists cost: NDCG@10 against intra-list diversity, for each method and strength.

A model learns from the split as `plait evaluate` lets it; its first 200 items a user are then arranged. Prints NDCG@10,
the diversity of contents and of categories, how far the categories are from the history's, each the mean over users,
and the paired change against the plain ranking in percent, for NDCG@10 with its 95 % interval.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Rows
from plait.evaluation.bootstrap import intervals
from plait.evaluation.item_facts import Categories, item_facts
from plait.evaluation.list_calibration import miscalibration
from plait.evaluation.list_variety import category_diversity, content_diversity
from plait.evaluation.peers.peer import KnowsUsers
from plait.evaluation.peers.registry import make_peer
from plait.evaluation.protocols import splitter
from plait.evaluation.ranking import Scores, seen
from plait.evaluation.splits import Split
from plait.evaluation.validation import validation_of
from plait.flows.arrange import POOL
from plait.flows.judging import log_of
from plait.live import Live
from plait.workspace import Workspace
from ranker.diversity import Calibration, MarginalRelevance, Objective, Volume, chosen_list, scaled, unit_vectors
from ranker.interactions import Floats
from ranker.metrics import ndcg

CUT = 10
STRENGTHS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
Values = NDArray[np.float64]
Measures = Mapping[str, Values]
Make = Callable[[int, Rows, Values, float], Objective]
"""From a case, its candidates (c,), their relevance (c,) and the strength."""


def methods(vectors: Floats, shares: Values, mixes: Values) -> Mapping[str, Make]:
    """Return each method by its name, for items with `vectors` and category `shares`, and users with `mixes`."""
    unit = unit_vectors(vectors)
    return {
        "mmr": lambda case, rows, relevance, strength: MarginalRelevance(relevance, unit[rows], strength),
        "dpp": lambda case, rows, relevance, strength: Volume(relevance, unit[rows], strength),
        "calibrated": lambda case, rows, relevance, strength: Calibration(
            relevance, shares[rows], mixes[case], strength
        ),
    }


def judged(slates: Rows, split: Split, met: Mask, vectors: Floats, categories: Categories) -> Measures:
    """Return each measure (m,) of lists (m, CUT)."""
    wanted = np.zeros((len(split), len(split.item_ids)), dtype=np.bool_)
    wanted[split.target_owners, split.targets] = True
    found = np.take_along_axis(wanted, slates, axis=1)
    return {
        "ndcg": ndcg(found, wanted.sum(axis=1), CUT),
        "content": content_diversity(slates, vectors),
        "category": category_diversity(slates, categories),
        "miscalibration": miscalibration(slates, met, categories),
    }


def curve(split: Split, scores: Scores, vectors: Floats, categories: Categories) -> Iterator[tuple[str, Measures]]:
    """Yield the name of a list and its measures, the plain ranking first."""
    count = len(split.item_ids)
    scores = np.where(split.in_pool & ~seen(split.seen, count), scores, -np.inf).astype(np.float64)
    pools = np.argsort(-scores, axis=1, kind="stable")[:, :POOL]
    met = seen(split.histories, count)
    owned = categories.toarray()
    shares = owned / np.maximum(owned.sum(axis=1, keepdims=True), 1.0)
    likes = np.zeros((len(split), count))
    liked = split.histories.weights > 0
    likes[split.histories.users[liked], split.histories.items[liked]] = 1.0
    mixes = likes @ shares
    mixes /= np.maximum(mixes.sum(axis=1, keepdims=True), 1e-12)
    yield "plain", judged(pools[:, :CUT], split, met, vectors, categories)
    for name, make in methods(vectors, shares, mixes).items():
        for strength in STRENGTHS:
            slates = np.empty((len(split), CUT), dtype=np.int64)
            for case, rows in enumerate(pools):
                objective = make(case, rows, scaled(scores[case, rows]), strength)
                slates[case] = rows[chosen_list(len(rows), CUT, objective=objective)]
            yield f"{name} {strength}", judged(slates, split, met, vectors, categories)


def main(arguments: list[str]) -> None:
    """Print the curve of a workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--protocol", default="last-liked")
    parser.add_argument("--salt", type=int, default=20)
    parser.add_argument("--model", default="plait", help="whose scores are arranged, [plait]")
    options = parser.parse_args(arguments)
    log, materials = log_of(Live(Workspace.open(options.workspace)), options.protocol)
    split = splitter(options.protocol)(log, options.salt)[0]
    peer = make_peer(options.model, materials)
    learnt = split.without_targets()
    chosen = {} if options.model == "plait" else peer.choose(validation_of(split, splitter(options.protocol)), seed=0)
    fitted = peer.fit(learnt, chosen, seed=options.salt)
    mine = fitted.of_users(split.users) if isinstance(fitted, KnowsUsers) else fitted
    scores, vectors = mine.scores(split.histories), materials.items.vectors
    categories = item_facts(split.train, split.ties, vectors=vectors, categories=materials.categories).categories
    if categories is None:
        raise ValueError(f"{options.workspace} has no categories; expected a catalogue with some")
    plain: Measures | None = None
    for name, values in curve(split, scores, vectors, categories):
        plain = plain or values
        means = {key: float(np.nanmean(column)) for key, column in values.items()}
        change = {key: 100 * (means[key] / float(np.nanmean(plain[key])) - 1) for key in means}
        paired = intervals({"ndcg": 100 * (values["ndcg"] - plain["ndcg"]) / np.nanmean(plain["ndcg"])})["ndcg"]
        told = "  ".join(f"{key} {means[key]:.4f} ({change[key]:+.1f} %)" for key in means)
        print(f"{name:16} {told}  ndcg [{paired['low']:+.1f}, {paired['high']:+.1f}] %", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

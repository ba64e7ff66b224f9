"""List curves: what diverse lists cost, each method and strength beside the plain ranking."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Rows
from plait.evaluation.bootstrap import Interval, intervals
from plait.evaluation.item_facts import Categories, ItemFacts
from plait.evaluation.list_calibration import miscalibration
from plait.evaluation.list_variety import category_coverage, category_diversity, content_diversity
from plait.evaluation.measure import Outcome
from plait.evaluation.observations import Observations, Values
from plait.evaluation.ranking import seen
from plait.evaluation.splits import Split
from plait.flows.arrange import POOL
from ranker.diversity import Calibration, MarginalRelevance, Objective, Volume, chosen_list, scaled, unit_vectors
from ranker.interactions import Histories
from ranker.metrics import ndcg

STRENGTHS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
PLAIN = "plain"
LESS_PLAIN = " less plain"
Curve = Mapping[str, Mapping[str, Interval]]
"""Intervals by point, such as `plain` and `mmr 0.3`, and metric."""
Column = NDArray[np.float64]
Make = Callable[[int, Rows, Column, float], Objective]
"""From a case, its candidates (c,), their relevance (c,) and the strength."""


def observe_curve(outcome: Outcome, split: Split, facts: ItemFacts, cut: int) -> dict[str, Observations]:
    """Return what is observed of each case's list of `cut` items at each point of the curve, the plain one first.

    Lists are chosen from the best of `outcome.top`, at most POOL, by `outcome.scores`, as `plait recommend` chooses
    them from its candidates. A method that needs what nothing is known of has no point.
    """
    pools = [_pool(rows, scores) for rows, scores in zip(outcome.top, outcome.scores, strict=True)]
    wanted = np.zeros((len(split), len(split.item_ids)), dtype=np.bool_)
    wanted[split.target_owners, split.targets] = True
    met = seen(split.histories, len(split.item_ids))
    return {
        point: Observations(split.users, _judged(slates, wanted, met, facts, cut))
        for point, slates in _lists(pools, split, facts, cut)
    }


def curve_of(points: Mapping[str, list[Observations]]) -> dict[str, dict[str, Interval]]:
    """Return the intervals of each point, and the paired ones of its differences to the plain list, over users."""
    by_user = {point: Observations.joined(parts).by_user() for point, parts in points.items()}
    plain = by_user[PLAIN]
    return {
        point: intervals(values) | intervals({f"{name}{LESS_PLAIN}": values[name] - plain[name] for name in values})
        for point, values in by_user.items()
    }


def _pool(rows: Rows, scores: Column) -> tuple[Rows, Column]:
    """Return the items of a case that a list is chosen from, best first, and their scores, as many as have one."""
    there = np.flatnonzero((rows >= 0) & np.isfinite(scores))[:POOL]
    return rows[there], scores[there].astype(np.float64)


def _lists(
    pools: list[tuple[Rows, Column]], split: Split, facts: ItemFacts, cut: int
) -> Iterator[tuple[str, Rows]]:  # fmt: skip
    """Yield each point with its lists (m, cut), -1 where one is shorter."""
    yield PLAIN, _slates((rows[:cut] for rows, _ in pools), len(pools), cut)
    relevance = [scaled(scores) for _, scores in pools]
    for name, make in _methods(split, facts).items():
        for strength in STRENGTHS:
            lists = (
                rows[chosen_list(len(rows), cut, objective=make(case, rows, relevance[case], strength))]
                for case, (rows, _) in enumerate(pools)
            )
            yield f"{name} {strength}", _slates(lists, len(pools), cut)


def _slates(lists: Iterator[Rows], count: int, cut: int) -> Rows:
    slates = np.full((count, cut), -1, dtype=np.int64)
    for case, rows in enumerate(lists):
        slates[case, : len(rows)] = rows
    return slates


def _methods(split: Split, facts: ItemFacts) -> dict[str, Make]:
    """Return each method that the catalogue has what it takes for."""
    made: dict[str, Make] = {}
    if facts.vectors is not None:
        unit = unit_vectors(facts.vectors)
        made["mmr"] = lambda case, rows, worth, strength: MarginalRelevance(worth, unit[rows], strength)
        made["dpp"] = lambda case, rows, worth, strength: Volume(worth, unit[rows], strength)
    if facts.categories is not None:
        shares, mixes = _tastes(facts.categories, split.histories, len(split.item_ids))
        made["calibrated"] = lambda case, rows, worth, strength: Calibration(worth, shares[rows], mixes[case], strength)
    return made


def _tastes(categories: Categories, histories: Histories, item_count: int) -> tuple[Column, Column]:
    """Return the shares of categories in each item (n, k), and in what each history likes (m, k), 0 for nothing."""
    owned = categories.toarray()
    shares = owned / np.maximum(owned.sum(axis=1, keepdims=True), 1.0)
    liked = histories.weights > 0
    likes = np.zeros((len(histories), item_count))
    likes[histories.users[liked], histories.items[liked]] = 1.0
    mixes = likes @ shares
    return shares, mixes / np.maximum(mixes.sum(axis=1, keepdims=True), 1e-12)


def _judged(slates: Rows, wanted: Mask, met: Mask, facts: ItemFacts, cut: int) -> Values:
    found = np.take_along_axis(wanted, np.maximum(slates, 0), axis=1) & (slates >= 0)
    values = {f"ndcg@{cut}": ndcg(found, wanted.sum(axis=1), cut)}
    if facts.vectors is not None:
        values[f"content_diversity@{cut}"] = content_diversity(slates, facts.vectors)
    if facts.categories is not None:
        values[f"category_diversity@{cut}"] = category_diversity(slates, facts.categories)
        values[f"category_coverage@{cut}"] = category_coverage(slates, facts.categories)
        values[f"miscalibration@{cut}"] = miscalibration(slates, met, facts.categories)
    return values

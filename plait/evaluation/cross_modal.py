"""The protocol cross-modal: the text of some items is hidden and is the query.

Is the item found by its picture or sound, among the hidden and in the whole catalogue?
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from embedders.bridge import Bridge
from embedders.encoder import Vectors
from embedders.fit_fusion import fit_fusion
from embedders.fused_query import FusedQuery
from embedders.items import Strand
from index.vector_index import Rows
from plait.evaluation.bootstrap import intervals
from plait.evaluation.folds import Catalogue, folds
from plait.evaluation.observations import Observations, Values
from plait.evaluation.ranking import hits, places, ranked
from plait.evaluation.results import Results
from plait.evaluation.salted import Ties, salted
from ranker.metrics import all_metrics, precision

__all__ = ["Catalogue", "judge_cross_modal"]

QUERIES_AT_ONCE = 64


def judge_cross_modal(
    catalogue: Catalogue,
    pair: tuple[Strand, Strand],
    *,
    seeds: int,
    cuts: tuple[int, ...],
    bridges: Mapping[Strand, Bridge],
    progress: Callable[[str], None],
) -> Results:
    """Hide, learn the fusion from what is left, and look for the hidden items.

    Metrics are those of ranking among the hidden; `whole/` stands before those in the whole catalogue. The one
    relevant item is the query's own, except for `precision@`, for which all items that share a category count where
    the catalogue has categories. Intervals are over items; an item hidden by several seeds counts once. Raises
    BadData where no item has both strands.
    """
    parts: list[Observations] = []
    for name, hidden in folds(catalogue, pair, seeds):
        observed = _judge_fold(catalogue, pair, hidden, cuts, bridges, salt=len(parts))
        parts.append(observed)
        progress(f"{name}: {len(hidden)} hidden, recall@{cuts[0]} {observed.values[f'recall@{cuts[0]}'].mean():.3f}")
    together = Observations.joined(parts)
    return Results("cross-modal", len(parts), len(np.unique(together.users)), {"plait": intervals(together.by_user())})


def _judge_fold(
    catalogue: Catalogue, pair: tuple[Strand, Strand], hidden: Rows, cuts: tuple[int, ...],
    bridges: Mapping[Strand, Bridge], *, salt: int,
) -> Observations:  # fmt: skip
    asked, wanted = pair
    vectors = {strand: rows.copy() for strand, rows in catalogue.vectors.items()}
    for strand in set(vectors) - {wanted}:
        # What is asked must not be reachable another way: a hidden item keeps the wanted strand only.
        vectors[strand][hidden] = 0.0
    fusion = fit_fusion(vectors, bridges=bridges)
    fused = fusion.fuse(vectors)
    query = fusion.query({asked: catalogue.vectors[asked][hidden]})
    ties = salted(salt, catalogue.item_ids)
    values: dict[str, NDArray[np.float64]] = {}
    for prefix, pool in (("", hidden), ("whole/", np.arange(len(fused)))):
        found = _measure(_scores(query, fused[pool]), hidden, pool, ties, catalogue.categories, cuts)
        values.update({prefix + metric: column for metric, column in found.items()})
    return Observations(hidden, values)


def _scores(query: FusedQuery, items: Vectors) -> NDArray[np.float64]:
    """Return (queries, items) exact scores."""
    parts = [query[start : start + QUERIES_AT_ONCE] for start in range(0, len(query), QUERIES_AT_ONCE)]
    return np.concatenate([part.rescore(np.broadcast_to(items, (len(part), *items.shape))).scores for part in parts])


def _measure(
    scores: NDArray[np.float64], hidden: Rows, pool: Rows, ties: Ties, categories: Sequence[tuple[str, ...]],
    cuts: tuple[int, ...],
) -> Values:  # fmt: skip
    """Return the metrics of each query over the items of an ascending `pool`."""
    placed = places(scores, ties[pool], np.searchsorted(pool, hidden))
    values = all_metrics(hits(placed, len(pool)), np.ones(len(hidden), dtype=np.int64), cuts)
    if not any(categories):
        return values
    first = pool[ranked(scores, ties[pool], max(cuts))]
    sets = [set(names) for names in categories]
    shared = np.asarray(
        [
            [bool(sets[own] & sets[row]) for row in rows]
            for own, rows in zip(hidden.tolist(), first.tolist(), strict=True)
        ]
    )
    # A query without a category cannot be judged by categories.
    judged = np.asarray([len(sets[own]) for own in hidden.tolist()], dtype=np.int64)
    return values | {f"precision@{cut}": precision(shared, judged, cut) for cut in cuts}

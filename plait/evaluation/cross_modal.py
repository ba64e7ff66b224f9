"""The protocol cross-modal: the text of some items is hidden and is the query.

Is the item found by its picture or sound, among the hidden and in the whole catalogue?
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedders.bridge import Bridge
from embedders.encoder import Vectors
from embedders.fit_fusion import fit_fusion
from embedders.items import Strand
from embedders.spaces import present
from index.vector_index import Rows
from plait.errors import BadData
from plait.evaluation.bootstrap import intervals
from plait.evaluation.last_liked import Values
from plait.evaluation.results import Results
from plait.evaluation.splits import salted
from ranker.metrics import all_metrics, precision

SHARE = 0.3
QUERIES_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Catalogue:
    """n items: ids, raw vectors (n, dimension) by strand with zero rows where one is missing, categories, groups.

    `groups` (n,) is the value of the --hide-by column, "" for none; None where a share is hidden instead.
    """

    item_ids: Sequence[str]
    vectors: Mapping[Strand, Vectors]
    categories: Sequence[tuple[str, ...]]
    groups: Sequence[str] | None = None


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
    relevant item is the query's own, except for `precision@`, for which all items that share a category count.
    Raises BadData where no item has both strands.
    """
    asked, wanted = pair
    for strand in pair:
        if strand not in catalogue.vectors:
            raise BadData(f"no item has the strand {strand}; cross-modal {asked}:{wanted} needs items with both")
    parts: list[Values] = []
    for name, hidden in _folds(catalogue, pair, seeds):
        vectors = {strand: rows.copy() for strand, rows in catalogue.vectors.items()}
        vectors[asked][hidden] = 0.0
        if asked is Strand.TEXT:
            # What is asked must not be reachable another way: a hidden item keeps the wanted strand only.
            for strand in set(vectors) - set(pair):
                vectors[strand][hidden] = 0.0
        fusion = fit_fusion(vectors, bridges=bridges)
        fused = fusion.fuse(vectors)
        query = fusion.query({asked: catalogue.vectors[asked][hidden]})
        ties = salted(0, [catalogue.item_ids[row] for row in range(len(fused))])
        values: Values = {}
        for prefix, pool in (("", hidden), ("whole/", np.arange(len(fused)))):
            scores = np.concatenate(
                [
                    query[s : s + QUERIES_AT_ONCE].rescore(
                        np.broadcast_to(fused[pool], (len(hidden[s : s + QUERIES_AT_ONCE]), *fused[pool].shape))
                    ).scores
                    for s in range(0, len(hidden), QUERIES_AT_ONCE)
                ]
            )  # fmt: skip
            found = _measure(scores, hidden, pool, ties, catalogue.categories, cuts)
            values.update({prefix + metric: column for metric, column in found.items()})
        parts.append(values)
        progress(f"{name}: {len(hidden)} hidden, recall@{cuts[0]} {values[f'recall@{cuts[0]}'].mean():.3f}")
    together = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    count = len(next(iter(together.values())))
    return Results("cross-modal", len(parts), count, {"plait": intervals(together)})


def _folds(catalogue: Catalogue, pair: tuple[Strand, Strand], seeds: int) -> list[tuple[str, Rows]]:
    both = np.logical_and(*(present(catalogue.vectors[strand]) for strand in pair))
    usable = np.flatnonzero(both)
    if not len(usable):
        raise BadData(f"no item has both {pair[0]} and {pair[1]}")
    if catalogue.groups is not None:
        groups = np.asarray(catalogue.groups)
        names = sorted(set(groups[usable].tolist()) - {""})
        return [(name, usable[groups[usable] == name]) for name in names]
    folds = []
    for salt in range(seeds):
        order = np.argsort(salted(salt, [catalogue.item_ids[row] for row in usable.tolist()]), kind="stable")
        folds.append((f"salt {salt}", np.sort(usable[order[: max(1, round(SHARE * len(usable)))]])))
    return folds


def _measure(
    scores: NDArray[np.float64], hidden: Rows, pool: Rows, ties: NDArray[np.uint64],
    categories: Sequence[tuple[str, ...]], cuts: tuple[int, ...],
) -> Values:  # fmt: skip
    """Return the metrics of each query; an equal score is ordered by the salted hash of the item's id."""
    order = np.lexsort((np.broadcast_to(ties[pool], scores.shape), -scores), axis=1)
    ranked = pool[order]
    hits = ranked == hidden[:, None]
    values = all_metrics(hits, np.ones(len(hidden), dtype=np.int64), cuts)
    if any(categories):
        sets = [set(names) for names in categories]
        depth = min(max(cuts), ranked.shape[1])
        shared = [
            [bool(sets[query] & sets[row]) for row in mine[:depth].tolist()]
            for query, mine in zip(hidden.tolist(), ranked, strict=True)
        ]
        shares = np.asarray(shared)
        counted = np.ones(len(hidden), dtype=np.int64)
        values |= {f"precision@{cut}": precision(shares, counted, cut) for cut in cuts}
    return values

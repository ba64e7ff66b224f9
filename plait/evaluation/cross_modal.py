"""The protocol cross-modal: the text of some items is hidden and is the query.

Is the item found by its picture or sound, among the hidden and in the whole catalogue?
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embedders.bridge import Bridge
from embedders.encoder import Vectors
from embedders.fit_fusion import fit_fusion
from embedders.fused_query import FusedQuery
from embedders.fusion import Fusion
from embedders.items import Strand
from embedders.kin import Categories
from embedders.tower import Tower
from index.vector_index import Rows
from plait.evaluation.bootstrap import intervals
from plait.evaluation.fold_runs import FoldRuns
from plait.evaluation.folds import Catalogue, folds
from plait.evaluation.observations import Observations, Values
from plait.evaluation.ranking import hits, places, ranked
from plait.evaluation.results import Results
from plait.evaluation.salted import Ties, salted
from plait.evaluation.spent import Spent
from ranker.metrics import all_metrics, precision

__all__ = ["Catalogue", "Fit", "Hiding", "judge_cross_modal"]

QUERIES_AT_ONCE = 64


class Fit(Protocol):
    """Learns a fusion as `embedders.fit_fusion.fit_fusion` does."""

    def __call__(
        self,
        vectors: Mapping[Strand, Vectors],
        *,
        bridges: Mapping[Strand, Bridge],
        towers: Mapping[Strand, Tower],
        categories: Categories,
    ) -> Fusion:
        """Learn from raw vectors (n, dimension) by strand."""


@dataclass(frozen=True, slots=True)
class Hiding:
    """What is hidden by which chance: on salts `seed` .. `seed + seeds - 1`, where the catalogue has no groups.

    Metrics are taken at `cuts`; fold i orders equal scores by the salt `seed + ties + i`.
    """

    seeds: int
    cuts: tuple[int, ...]
    seed: int = 0
    ties: int = 0

    @property
    def salts(self) -> range:
        """The salts."""
        return range(self.seed, self.seed + self.seeds)


def judge_cross_modal(
    catalogue: Catalogue,
    pair: tuple[Strand, Strand],
    hiding: Hiding,
    *,
    bridges: Mapping[Strand, Bridge],
    fit: Fit | None = None,
    keep: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Results:
    """Hide, learn the fusion from what is left, and look for the hidden items.

    Metrics are those of ranking among the hidden; `whole/` stands before those in the whole catalogue. The one
    relevant item is the query's own, except for `precision@`, for which all items that share a category count where
    the catalogue has categories. Intervals are over items; an item hidden by several seeds counts once. With a folder
    `keep`, what was observed of a fold is kept there, and what is there already is not observed again. An ablation
    learns by another `fit`; nothing of it is kept. Raises BadData where no item has both strands.
    """
    say = progress or (lambda _: None)
    runs = FoldRuns(keep if fit is None else None, (catalogue, pair, bridges, hiding.cuts))
    parts: list[Observations] = []
    spent: list[Spent] = []
    for name, hidden in folds(catalogue, pair, hiding.salts):
        fold = _Fold(hidden, hiding.cuts, hiding.seed + hiding.ties + len(parts))
        observed, took = runs.run(fold, partial(_judge_fold, catalogue, pair, fold, bridges, fit or fit_fusion))
        parts.append(observed)
        spent.append(took)
        found = observed.values[f"recall@{hiding.cuts[0]}"].mean()
        say(f"{name}: {len(hidden)} hidden, recall@{hiding.cuts[0]} {found:.3f}")
    return _results(parts, spent)


def _results(parts: Sequence[Observations], spent: Sequence[Spent]) -> Results:
    together = Observations.joined(parts)
    details = {
        "seeds": float(len(parts)),
        "seconds": round(float(np.mean([took.seconds for took in spent])), 3),
        "peak_mb": round(max(took.peak_mb for took in spent), 1),
    }
    return Results(
        "cross-modal", len(parts), len(np.unique(together.users)), {"plait": intervals(together.by_user())},
        details={"plait": details},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Fold:
    """The `hidden` rows, the cuts, and the salt by which equal scores are ordered."""

    hidden: Rows
    cuts: tuple[int, ...]
    ties: int


def _judge_fold(
    catalogue: Catalogue, pair: tuple[Strand, Strand], fold: _Fold, bridges: Mapping[Strand, Bridge], fit: Fit
) -> Observations:
    (asked, wanted), hidden = pair, fold.hidden
    vectors = {strand: rows.copy() for strand, rows in catalogue.vectors.items()}
    for strand in set(vectors) - {wanted}:
        # What is asked must not be reachable another way: a hidden item keeps the wanted strand only.
        vectors[strand][hidden] = 0.0
    towers = catalogue.towers if wanted is Strand.TEXT else _hidden_texts(catalogue.towers, hidden)
    # By categories it is judged: those of the hidden are not learnt from.
    away = set(hidden.tolist())
    categories = [() if row in away else names for row, names in enumerate(catalogue.categories)]
    fusion = fit(vectors, bridges=bridges, towers=towers, categories=categories)
    fused = fusion.fuse(vectors)
    query = fusion.query(
        {asked: catalogue.queries.get(asked, catalogue.vectors[asked])[hidden]},
        towers={s: t.texts[hidden] for s, t in catalogue.towers.items() if asked is Strand.TEXT and s in vectors},
    )
    ties = salted(fold.ties, catalogue.item_ids)
    values: dict[str, NDArray[np.float64]] = {}
    for prefix, pool in (("", hidden), ("whole/", np.arange(len(fused)))):
        found = _measure(_scores(query, fused[pool]), hidden, pool, ties, catalogue.categories, fold.cuts)
        values.update({prefix + metric: column for metric, column in found.items()})
    return Observations(hidden, values)


def _hidden_texts(towers: Mapping[Strand, Tower], hidden: Rows) -> dict[Strand, Tower]:
    """Return the towers without what they say of the hidden items' texts."""
    left = {}
    for strand, tower in towers.items():
        texts = tower.texts.copy()
        if len(texts):
            texts[hidden] = 0.0
        left[strand] = replace(tower, texts=texts)
    return left


def _scores(query: FusedQuery, items: Vectors) -> NDArray[np.float64]:
    """Return (queries, items) exact scores, as a search orders them."""
    parts = [query[start : start + QUERIES_AT_ONCE] for start in range(0, len(query), QUERIES_AT_ONCE)]
    scored = [part.rescore(np.broadcast_to(items, (len(part), *items.shape))) for part in parts]
    return np.concatenate([one.uncompared_last().scores for one in scored])


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

"""Learning a ranker: parts on what came before each user's last likings, weights on those, then parts on all."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from ranker.choices import held_out_choices
from ranker.cold import ContentFit, ContentMap, ItemFeatures, fit_content_map
from ranker.collaborative import fit_als
from ranker.combination import EARLY, PARTS, UNLEARNT, fit_combination, silenced
from ranker.hold_out import HeldOut, hold_out
from ranker.interactions import Floats, Interactions
from ranker.item_weights import ItemWeights, fit_item_weights
from ranker.item_weights_search import USUAL, choose_item_weights
from ranker.popularity import popularity
from ranker.rank import Ranker, RankerSettings
from ranker.sides import ItemSide

__all__ = ["HeldOut", "Say", "fit_ranker", "hold_out", "untrained"]

LEAST_CHOICES = 30
"""Held-out likings from which weights are learnt; below, the usual ones are kept."""
LIKINGS = 4
"""Last likings of each user that are held out: one alone makes a noisy judge."""

Say = Callable[[str], None]


def untrained(interactions: Interactions, settings: RankerSettings | None = None) -> Ranker:
    """Return a ranker that knows content and popularity only."""
    count = interactions.item_count
    side = ItemSide(
        np.zeros((count, 1), np.float32), np.zeros(count, np.bool_), popularity(interactions),
        np.full(count, -1, np.int64),
    )  # fmt: skip
    nothing = ContentMap((), (), np.zeros((0, 1), np.float32), np.zeros(1, np.float32))
    square = ItemWeights(np.empty(0, np.int64), np.zeros((0, 0), np.float32))
    return Ranker(settings or RankerSettings(), side, np.eye(1, dtype=np.float32), nothing, square, USUAL[1], UNLEARNT)


def fit_ranker(
    interactions: Interactions,
    vectors: Floats,
    features: ItemFeatures,
    *,
    settings: RankerSettings | None = None,
    seed: int = 0,
    deadline: float | None = None,
    progress: Say | None = None,
    without: Collection[str] = (),
) -> Ranker:
    """Learn from `interactions` with items of fused `vectors` (n, D) and `features` (n).

    `deadline` (of time.monotonic) cuts the search for settings short. Parts in `without` weigh nothing, and the
    others are weighed without them: an ablation. Deterministic by `seed`. Raises ValueError where nobody liked
    anything, for items, vectors and features that differ in number, and for a part in `without` that is none.
    """
    say = progress or (lambda _: None)
    settings = settings or RankerSettings()
    _check(interactions, vectors, features)
    if unknown := set(without) - set(PARTS):
        raise ValueError(f"without holds {', '.join(sorted(unknown))}; expected some of {', '.join(PARTS)}")
    held = hold_out(interactions, seed, likings=LIKINGS)
    combination, chosen = silenced(EARLY, without), USUAL
    if len(held.targets) >= LEAST_CHOICES:
        chosen = choose_item_weights(held, history=settings.history, say=say, deadline=deadline)
        say("learning how the parts are weighed")
        early = _fit_parts(held.before, features, settings, chosen, seed)
        choices = held_out_choices(early.ranker, early.learnt, held, vectors, features, seed=seed)
        combination = fit_combination(choices, without=without)
    say("learning from all interactions")
    return replace(_fit_parts(interactions, features, settings, chosen, seed).ranker, combination=combination)


@dataclass(frozen=True, slots=True)
class _Parts:
    """A ranker whose parts are not weighed yet, and its map from content."""

    ranker: Ranker
    learnt: ContentFit


def _fit_parts(
    interactions: Interactions, features: ItemFeatures, settings: RankerSettings, chosen: tuple[float, float], seed: int
) -> _Parts:
    als = fit_als(interactions, factors=settings.factors, regularization=settings.regularization, seed=seed)
    counts = np.bincount(interactions.items[interactions.weights > 0], minlength=interactions.item_count)
    met = counts > 0
    factors = als.factors.projected * met[:, None]
    gram = np.asarray(factors.T @ factors, dtype=np.float32)
    learnt = fit_content_map(features, factors, counts)
    factors[~met] = learnt.content.predict(features.take(np.flatnonzero(~met)))
    square = fit_item_weights(interactions, regularization=chosen[0])
    side = ItemSide(factors, met, popularity(interactions), square.places(interactions.item_count))
    return _Parts(Ranker(settings, side, gram, learnt.content, square, chosen[1], UNLEARNT), learnt)


def _check(interactions: Interactions, vectors: Floats, features: ItemFeatures) -> None:
    if not (interactions.weights > 0).any():
        raise ValueError("interactions hold no liking (no weight above 0); expected at least one to learn from")
    for name, count in (("vectors", len(vectors)), ("features", len(features))):
        if count != interactions.item_count:
            raise ValueError(f"{name} has {count} rows; expected one for each of {interactions.item_count} items")

"""Learning a ranker: parts on what came before each user's last likings, weights on those, then parts on all."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ranker.attention import DESIGN
from ranker.choices import observe
from ranker.combination import EARLY, PARTS, UNLEARNT, fit_combination, silenced
from ranker.fit_sequence import SequenceFit
from ranker.hold_out import HeldOut, Horizon, hold_out, hold_out_users
from ranker.interactions import Floats, Interactions
from ranker.item_features import ItemFeatures
from ranker.item_weights import ItemWeights
from ranker.item_weights_search import USUAL, choose_item_weights
from ranker.learning_clock import Clock
from ranker.learning_plan import Plan
from ranker.lesson import ATTENTIONS, Lesson
from ranker.new_users import AboutUsers, no_users
from ranker.one_thread import one_thread
from ranker.popularity import popularity
from ranker.rank import Ranker, RankerSettings, sequence_factors
from ranker.sequence import SequenceModel
from ranker.sides import ItemSide

__all__ = ["HeldOut", "Say", "fit_ranker", "hold_out", "untrained"]

LEAST_CHOICES = 30
"""Held-out likings from which weights are learnt; below, the usual ones are kept."""
SEARCH_SHARE, FIRST_SHARE = 0.15, 0.35
"""Of the time left: for the search of item weights, for the first training of the sequence encoder."""
REPEATED = 2.5
LEAST_SEQUENCE_SECONDS = 5.0
LEAST_LEFT = 0.4
"""Of the whole time, what must be left after the search for parts to be learnt twice, as weighing them needs."""
LIKINGS = 4
"""Last likings of each user that are held out: one alone makes a noisy judge."""

Say = Callable[[str], None]


def untrained(interactions: Interactions, settings: RankerSettings | None = None) -> Ranker:
    """Return a ranker that knows content and popularity only."""
    count = interactions.item_count
    nothing, nowhere = np.zeros((count, 1), np.float32), np.full(count, -1, np.int64)
    side = ItemSide(
        np.arange(count), np.zeros(count, np.bool_), nothing, popularity(interactions), nowhere, nothing, nothing,
        nothing,
    )  # fmt: skip
    square = ItemWeights(np.empty(0, np.int64), np.zeros((0, 0), np.float32))
    return Ranker(
        settings or RankerSettings(), side, np.eye(1, dtype=np.float32), square, square, None, None, None, USUAL[1],
        DESIGN, UNLEARNT,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RankerFit:
    """A ranker, the plan that repeats it, seconds of each step by its name, and what the epochs were judged at."""

    ranker: Ranker
    plan: Plan
    seconds: Mapping[str, float]
    curve: tuple[tuple[int, float], ...]
    complete: bool


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
    horizon: Horizon = "next",
    users: AboutUsers | None = None,
    plan: Plan | None = None,
    checkpoint: Path | None = None,
) -> RankerFit:
    """Learn from `interactions` with items of fused `vectors` (n, D) and `features` (n).

    `horizon` says which likings the parts are weighed by, `users` what is known of the users besides.
    By `deadline` (of time.monotonic) learning ends, with fewer epochs where time is short and without the sequence
    encoder where there is hardly any. Parts in `without` weigh nothing, and the others are weighed without them: an
    ablation. A `plan` is followed without any search. In the folder `checkpoint` it is kept how far the sequence
    encoder has come. Deterministic by `seed`. Raises ValueError where nobody liked anything, for items, vectors and
    features that differ in number, and for a part in `without` that is none.
    """
    settings = settings or RankerSettings()
    _check(interactions, vectors, features)
    if unknown := set(without) - set(PARTS):
        raise ValueError(f"without holds {', '.join(sorted(unknown))}; expected some of {', '.join(PARTS)}")
    clock = Clock.until(deadline, progress or (lambda _: None))
    about = users or no_users(interactions.user_count)
    lesson = Lesson(features, vectors, about, settings, seed, clock, checkpoint)
    first: SequenceFit | None = None
    if plan is None:
        plan, first = _search(lesson, interactions, without, horizon)
    ranker, _ = lesson.learn(interactions, (plan.regularization, plan.time_constant), "parts", warm_up=True)
    last = lesson.read(interactions, plan.epochs, clock.deadline, "sequence") if plan.epochs else None
    if last is not None:
        # Cut too short it would be worse than the one of the held-out run, which the weights know.
        model = first.model if first is not None and 2 * last.epochs < plan.epochs else last.model
        ranker = _with_sequence(ranker, model)
        plan = replace(plan, epochs=last.epochs if last.epochs else plan.epochs)
    ranker = replace(ranker, attention=plan.attention, combination=plan.combination)
    fits = [fit for fit in (first, last) if fit is not None]
    return RankerFit(ranker, plan, clock.seconds, first.curve if first else (), all(fit.complete for fit in fits))


def _search(
    lesson: Lesson, interactions: Interactions, without: Collection[str], horizon: Horizon
) -> tuple[Plan, SequenceFit | None]:
    """Choose by what was held out; return the choices, and the sequence encoder that learnt from the rest."""
    clock, history, seed = lesson.clock, lesson.settings.history, lesson.seed
    new, rest = hold_out_users(interactions, seed)
    held = hold_out(rest, seed, likings=LIKINGS, horizon=horizon)
    if len(held.targets) < LEAST_CHOICES or clock.left() <= 0:
        return Plan(*USUAL, 0, horizon, ATTENTIONS[0], silenced(EARLY, without)), None
    with clock.step("search of item weights"), one_thread():
        chosen = choose_item_weights(held, history=history, say=clock.say, deadline=clock.share(SEARCH_SHARE))
    attention = lesson.attend(held, chosen[1])
    if clock.left() < LEAST_LEFT * clock.whole:
        clock.say("too little time is left to learn how the parts are weighed: usual weights")
        return Plan(*chosen, 0, horizon, attention, silenced(EARLY, without)), None
    early, unmet = lesson.learn(held.before, chosen, "parts, without what is held out")
    # The same parts are learnt again at the end, and weighing them takes about as long.
    reserve = REPEATED * clock.seconds["parts, without what is held out"]
    first = None
    if clock.left() - reserve >= LEAST_SEQUENCE_SECONDS:
        until = clock.share(FIRST_SHARE, reserve)
        first = lesson.read(held.before, None, until, "sequence, without what is held out")
        early = _with_sequence(early, first.model)
    with clock.step("weights of the parts"), one_thread():
        early = replace(early, attention=attention)
        observed = observe(early, unmet, held, new, lesson.vectors, seed=seed, about=lesson.users)
        combination = fit_combination(observed, without=without)
    epochs = max(first.best, 1) if first is not None else 0
    return Plan(*chosen, epochs, horizon, attention, combination), first


def _with_sequence(ranker: Ranker, model: SequenceModel) -> Ranker:
    items = ranker.items
    return replace(ranker, sequence=model, items=replace(items, sequence=sequence_factors(model, len(items))))


def _check(interactions: Interactions, vectors: Floats, features: ItemFeatures) -> None:
    if not (interactions.weights > 0).any():
        raise ValueError("interactions hold no liking (no weight above 0); expected at least one to learn from")
    for name, count in (("vectors", len(vectors)), ("features", len(features))):
        if count != interactions.item_count:
            raise ValueError(f"{name} has {count} rows; expected one for each of {interactions.item_count} items")

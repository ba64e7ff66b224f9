"""Learning a ranker: parts on what came before each user's last likings, weights on those, then parts on all."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ranker.attention import DESIGN
from ranker.choices import observe
from ranker.cold_items import ColdFit
from ranker.combination import EARLY, PARTS, UNLEARNT, fit_combination, silenced
from ranker.fit_sequence import SequenceFit, affordable
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
from ranker.sequence_settings import usual_settings
from ranker.sides import ItemSide, nothing_online

__all__ = ["HeldOut", "Say", "fit_ranker", "hold_out", "untrained"]

LEAST_CHOICES = 30
"""Held-out likings from which weights are learnt; below, the usual ones are kept."""
SEARCH_SHARE, FIRST_SHARE, GOING_ON_SHARE = 0.15, 0.4, 0.7
"""Of the time left: for the search of item weights; for the sequence encoder without what is held out, where that is
learnt anew with everything, and where it only goes on."""
WEIGHING = 1.6
"""Times as long as learning the parts, weighing them takes; they are learnt once more for it."""
LEAST_SEQUENCE_SECONDS = 5.0
LIKINGS = 4
"""Last likings of each user that are held out: one alone makes a noisy judge."""

Say = Callable[[str], None]


def untrained(interactions: Interactions, settings: RankerSettings | None = None) -> Ranker:
    """Return a ranker that knows content and popularity only."""
    count = interactions.item_count
    nothing, nowhere = np.zeros((count, 1), np.float32), np.full(count, -1, np.int64)
    side = ItemSide(
        np.arange(count), np.zeros(count, np.bool_), nothing, popularity(interactions), nowhere, nothing, nothing,
        nothing, nothing_online(count),
    )  # fmt: skip
    square = ItemWeights(np.empty(0, np.int64), np.zeros((0, 0), np.float32))
    return Ranker(
        settings or RankerSettings(), side, np.eye(1, dtype=np.float32), square, None, None, None,
        USUAL.time_constant, DESIGN, UNLEARNT,
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
    learnt: tuple[Ranker, ColdFit] | None = None
    if plan is None:
        plan, learnt, first = _search(lesson, interactions, without, horizon)
    elif plan.epochs and (usual_settings(interactions).goes_on or not plan.further):
        held, _ = _held_out(interactions, plan.horizon, seed)
        first = lesson.read(held.before, clock.share(GOING_ON_SHARE), epochs=plan.epochs)
    ranker, told = learnt or lesson.learn(interactions, plan.item_weights, "parts")
    ranker = replace(ranker, attention=plan.attention, combination=plan.combination)
    ranker = lesson.warmed(ranker, told, interactions)
    fits = [] if first is None else [first]
    last = _on_everything(lesson, interactions, plan, first) if plan.epochs else None
    if last is not None:
        fits.append(last)
    if fits:
        ranker = _with_sequence(ranker, fits[-1].model)
    plan = replace(plan, further=0 if last is None else last.epochs)
    return RankerFit(ranker, plan, clock.seconds, first.curve if first else (), all(fit.complete for fit in fits))


def _on_everything(
    lesson: Lesson, interactions: Interactions, plan: Plan, first: SequenceFit | None
) -> SequenceFit | None:
    """Return the sequence encoder that learnt from everything, None where the one of the held-out run is better.

    What goes on from that one and is cut short has not come to rest; what begins from nothing and makes less than half
    of its epochs knows less. So only what there is time for is begun.
    """
    epochs = plan.further if first is None else affordable(first, plan.further, lesson.clock.deadline)
    start = first.model if first is not None and first.model.settings.goes_on else None
    if not epochs or (start is None and 2 * epochs < plan.further):
        return None
    last = lesson.read_all(interactions, start, epochs)
    least = plan.further / 2 if start is None else epochs
    return last if first is None or last.epochs >= least else None


def _search(
    lesson: Lesson, interactions: Interactions, without: Collection[str], horizon: Horizon
) -> tuple[Plan, tuple[Ranker, ColdFit] | None, SequenceFit | None]:
    """Choose by what was held out.

    Return the choices, the parts that learnt from everything, and the sequence encoder that learnt from the rest; None
    for what is not learnt yet, or not at all.
    """
    clock, seed = lesson.clock, lesson.seed
    held, new = _held_out(interactions, horizon, seed)
    if len(held.targets) < LEAST_CHOICES or clock.left() <= 0:
        return Plan(USUAL, 0, 0, horizon, ATTENTIONS[0], silenced(EARLY, without)), None, None
    with clock.step("search of item weights"), one_thread():
        chosen = choose_item_weights(
            held, history=lesson.settings.reading, say=clock.say, deadline=clock.share(SEARCH_SHARE)
        )
    # First what is needed in any case: it tells how long the parts take that are learnt to be weighed.
    learnt = lesson.learn(interactions, chosen, "parts")
    reserve = (1.0 + WEIGHING) * clock.seconds["parts"]
    if clock.left() < reserve:
        clock.say("too little time is left to learn how the parts are weighed: usual weights")
        return Plan(chosen, 0, 0, horizon, ATTENTIONS[0], silenced(EARLY, without)), learnt, None
    attention = ATTENTIONS[0]
    if clock.left() - reserve > clock.seconds["parts"]:
        attention = lesson.attend(held, chosen.time_constant, reserve)
    early, told = lesson.learn(held.before, chosen, "parts, without what is held out")
    reserve = WEIGHING * clock.seconds["parts"]
    first = None
    if clock.left() - reserve >= LEAST_SEQUENCE_SECONDS:
        share = GOING_ON_SHARE if usual_settings(held.before).goes_on else FIRST_SHARE
        first = lesson.read(held.before, clock.share(share, reserve))
        early = _with_sequence(early, first.model)
    with clock.step("weights of the parts"), one_thread():
        early = replace(early, attention=attention)
        unmet = told.as_if_new(lesson.features)
        observed = observe(early, unmet, held, new, lesson.vectors, seed=seed, about=lesson.users)
        combination = fit_combination(observed, without=without)
    epochs = max(first.best, 1) if first is not None else 0
    further = first.model.settings.further(epochs) if first is not None else 0
    return Plan(chosen, epochs, further, horizon, attention, combination), learnt, first


def _held_out(interactions: Interactions, horizon: Horizon, seed: int) -> tuple[HeldOut, HeldOut]:
    """Return likings that are hidden of users who are known, and of others who are hidden whole."""
    new, rest = hold_out_users(interactions, seed)
    return hold_out(rest, seed, likings=LIKINGS, horizon=horizon), new


def _with_sequence(ranker: Ranker, model: SequenceModel) -> Ranker:
    items = ranker.items
    return replace(ranker, sequence=model, items=replace(items, sequence=sequence_factors(model, len(items))))


def _check(interactions: Interactions, vectors: Floats, features: ItemFeatures) -> None:
    if not (interactions.weights > 0).any():
        raise ValueError("interactions hold no liking (no weight above 0); expected at least one to learn from")
    for name, count in (("vectors", len(vectors)), ("features", len(features))):
        if count != interactions.item_count:
            raise ValueError(f"{name} has {count} rows; expected one for each of {interactions.item_count} items")

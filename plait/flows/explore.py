"""Explore: new items put at the slots of lists that are arranged, with the probability of what stands there."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.vector_index import Mask, Rows
from plait.config import Exploration
from plait.flows.arrange import Arranged, Shown, caps_of, eligible_rows, scored
from plait.flows.recipients import Recipients
from plait.moment import Moment
from plait.ranking import RankedItem
from plait.rules.adjustments import adjustments
from plait.rules.in_force import InForce
from plait.selection import Selection
from plait.shown_log import TimesShown
from ranker.caps import Cap, Room
from ranker.click_rate import Prior, Values, beliefs, order_chances, rates
from ranker.exploration import even_chances, explore, slots_of

POOL = 20
"""A slot shows one of so many new items, those with the best scores for the user."""
MOST_NEW = 500
"""So many new items are scored: those met least, and the later in the catalogue of these."""
EXPECTED = 0.05
"""The click rate of an item that nobody was shown, as long as nothing was shown at all,"""
PRIOR_SHOWN = 20.0
"""and how often one would have had to show it to know as much."""
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Chances:
    """Of m lists with p places: `propensities` (m, p), 1 where chance has no say, and which are `explored` (m, p)."""

    propensities: Values
    explored: Mask

    def of(self, items: Sequence[RankedItem], place: int) -> tuple[RankedItem, ...]:
        """Return the items of the list at `place` with what is said of their chances; ranks count places from 1."""
        told, explored = self.propensities[place], self.explored[place]
        return tuple(
            replace(item, propensity=float(told[item.rank - 1]), explored=bool(explored[item.rank - 1]), drawn=True)
            for item in items
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """What new items keep to as the rest of a list does.

    `allowed` (row_count,) are the eligible rows, None for all living ones; `left_out` those that each of m users is not
    shown. `scored` orders rows (m, c) best first, `caps` are those on rows (c,). Nothing moves where `fixed` (m, p).
    """

    allowed: Mask | None
    left_out: Sequence[Rows]
    scored: Callable[[Rows], Arranged]
    caps: Callable[[Rows], list[Cap]]
    fixed: Mask | None = None


def terms_of(
    moment: Moment, users: Recipients, shown: Shown, selection: Selection, rules: InForce, lists: Arranged
) -> Terms:
    """Return the terms of a call, and of the `lists` that it has led to: what pins hold does not move."""
    adjusted = adjustments(moment, rules, shown.user_ids, shown.events)

    def best_first(rows: Rows) -> Arranged:
        return scored(moment, users, rows, moment.index.vectors(np.maximum(rows, 0)), adjusted)

    allowed = eligible_rows(moment, selection, rules.require)
    return Terms(allowed, shown.rows, best_first, lambda rows: caps_of(moment, rows, rules), lists.fixed)


def explored(
    moment: Moment, lists: Arranged, terms: Terms, selection: Selection, names: Sequence[str]
) -> tuple[Arranged, Chances]:
    """Return the lists, with new items at some slots of the part that `selection` shows, and the chances of all.

    `names` (m,) seed the draws of each user. A list is as long as it was, its ranked items keep their places or give
    way, and it holds eligible items alone, no item twice, its caps kept.
    """
    settings, shape = moment.live.workspace.config.exploration, lists.rows.shape
    chances = Chances(np.ones(shape), np.zeros(shape, dtype=np.bool_))
    slots = selection.offset + slots_of(selection.offset, max(shape[1] - selection.offset, 0), settings.every)
    if not len(slots):
        return lists, chances
    times = moment.live.shown.times(moment.index)
    pool = _pool(lists, _new_rows(moment, terms.allowed, settings, times), terms)
    known = pool.rows >= 0
    coins, drawn = _uniform(names, 0, len(slots)), _uniform(names, 1, known.shape[1])
    if settings.method == "epsilon":
        orders, priorities = even_chances(known, len(slots)), drawn
    else:
        believed = _believed(times, pool.rows)
        orders, priorities = order_chances(believed, known, len(slots)), rates(believed, drawn)
    found = explore(orders, priorities, known, settings.share, coins)
    # A slot where nothing may move, or behind the end of a list, still has its coin: those behind it count on that.
    open_to = lists.rows[:, slots] >= 0
    if terms.fixed is not None:
        open_to &= ~terms.fixed[:, slots]
    chosen = np.where(open_to, found.chosen, -1)
    chances.propensities[:, slots] = np.where(open_to, found.propensities, 1.0)
    chances.explored[:, slots] = chosen >= 0
    return _filled(lists, pool, slots, chosen), chances


def _new_rows(moment: Moment, allowed: Mask | None, settings: Exploration, times: TimesShown) -> Rows:
    """Return the eligible items that are new, at most MOST_NEW."""
    met = times.found + times.shown
    new = (moment.index.alive if allowed is None else allowed) & (met < settings.new_below)
    if settings.new_days:
        created = moment.live.table(moment.index).columns["created_at"].numbers[: len(new)]
        new &= created > time.time() - settings.new_days * DAY
    rows = np.flatnonzero(new)
    return rows[np.lexsort((-rows, met[rows]))[:MOST_NEW]]


def _pool(lists: Arranged, new: Rows, terms: Terms) -> Arranged:
    """Return (m, POOL) the new items that each user may be shown, the best first, -1 behind them.

    However many of them join a list, no cap is exceeded: each fits beside the whole list and those before it.
    """
    free = np.full((len(lists.rows), max(len(new), POOL)), -1, dtype=np.int64)
    for mine, listed, theirs in zip(free, lists.rows, terms.left_out, strict=True):
        mine[: len(new)] = np.where(np.isin(new, listed) | np.isin(new, theirs), -1, new)
    ranked = terms.scored(free)
    places = np.full((len(free), POOL), -1, dtype=np.int64)
    for place, rows in enumerate(ranked.rows):
        listed = lists.rows[place][lists.rows[place] >= 0]
        fitting = _fitting(terms, listed, rows[rows >= 0])[:POOL]
        places[place, : len(fitting)] = fitting
    return ranked.at(places)


def _fitting(terms: Terms, listed: Rows, rows: Rows) -> Rows:
    """Return the places of `rows`, in their order, that fit under the caps beside those `listed` and each other."""
    caps = terms.caps(np.concatenate([listed, rows]))
    if not caps:
        return np.arange(len(rows))
    room = Room(len(listed) + len(rows), caps)
    for place in range(len(listed)):
        room.take(place)
    fitting = []
    for place in range(len(rows)):
        if room.free[len(listed) + place]:
            room.take(len(listed) + place)
            fitting.append(place)
    return np.asarray(fitting, dtype=np.int64)


def _believed(times: TimesShown, rows: Rows) -> Values:
    """Return the posteriors of the click rates of items (m, n); before any event all expect the rate of everything."""
    rate = (times.clicked.sum() + EXPECTED * PRIOR_SHOWN) / (times.shown.sum() + PRIOR_SHOWN)
    prior = Prior(float(rate * PRIOR_SHOWN), float((1.0 - rate) * PRIOR_SHOWN))
    there = np.maximum(rows, 0)
    return beliefs(times.clicked[there], times.shown[there], prior)


def _uniform(names: Sequence[str], stream: int, count: int) -> Values:
    """Return (m, count) numbers from 0 to 1 that follow from the names; a longer row begins as a shorter one."""
    seeds = [[stream, *name.encode()] for name in names]
    return np.stack([np.random.default_rng(seed).random(count) for seed in seeds])


def _filled(lists: Arranged, pool: Arranged, slots: Rows, chosen: Rows) -> Arranged:
    """Return the lists with the items of the pool at `chosen` (m, k) in the `slots` (k,), where it is not -1."""
    picked, takes = pool.at(chosen), chosen >= 0
    rows, logits, parts = lists.rows.copy(), lists.logits.copy(), lists.parts.copy()
    rows[:, slots] = np.where(takes, picked.rows, rows[:, slots])
    logits[:, slots] = np.where(takes, picked.logits, logits[:, slots])
    parts[:, slots] = np.where(takes[:, :, None], picked.parts, parts[:, slots])
    return replace(lists, rows=rows, logits=logits, parts=parts)

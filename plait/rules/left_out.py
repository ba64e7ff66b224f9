"""Left out: which items a user is not shown: seen, hidden, bought, excluded."""

import sys
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from index.vector_index import Mask, Rows
from plait.config import Events
from plait.event_weights import event_weight, is_positive
from plait.item_values import column_of, values_of
from plait.moment import Moment
from plait.records import Interaction
from plait.rules.in_force import InForce
from plait.stages import stage

HIDE, BUY = "hide", "purchase"
PASSING = frozenset({"view", "click"})
"""Positive events that do not take a `hide` back: one looks before one knows."""
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The `rows` that a user is not shown; `reasons` (k,) say of each which of `names` leaves it out."""

    rows: Rows
    names: tuple[str, ...]
    reasons: Rows

    def counts(self, eligible: Mask) -> dict[str, int]:
        """Return how many of the `eligible` (row_count,) items each reason leaves out; none for a reason of none."""
        counted = np.bincount(self.reasons[eligible[self.rows]], minlength=len(self.names)).tolist()
        return {name: count for name, count in zip(self.names, counted, strict=True) if count}


@stage("rules")
def left_out(
    moment: Moment, user_id: str, events: Sequence[Interaction], seen: Set[str], rules: InForce, *, include_seen: bool
) -> LeftOut:  # fmt: skip
    """Return what somebody is not shown, who has `seen` items and did `events`, oldest first, or more before them.

    What they hid stays hidden until a later positive event other than a view or a click. What they bought comes back,
    where its category is consumable, after its days, unless something spoke against it since; until then it is left
    out as seen, or where `bought_once` says so, whatever is asked for, as all else that was bought is.
    """
    if not include_seen and not rules.exclude and not rules.knows_purchases:
        rows = moment.index.rows(sorted(seen))
        return LeftOut(rows[rows >= 0], ("seen",), np.zeros(int((rows >= 0).sum()), dtype=np.int64))
    config, deeds = moment.live.workspace.config, events
    if user_id and len(events) >= config.recommend.history:
        deeds = moment.live.workspace.store.recent_interactions([user_id], sys.maxsize)[user_id]
    hidden = hidden_items(deeds, config.events)
    bought = last_purchases(deeds, config.events) if rules.knows_purchases else {}
    back = _come_back(moment, bought, rules) - hidden
    kept = bought.keys() - back if rules.bought_once else frozenset[str]()
    shown = frozenset[str]() if include_seen else seen - back
    return _rows_of(moment, [("hidden", hidden), ("bought", kept), ("seen", shown), ("excluded", set(rules.exclude))])


def left_out_of_any(outs: Sequence[LeftOut]) -> LeftOut:
    """Return what is left out of any of several users, all by the same rules, each item under the first reason."""
    rows = np.concatenate([out.rows for out in outs])
    known, first = np.unique(rows, return_index=True)
    return LeftOut(known, outs[0].names, np.concatenate([out.reasons for out in outs])[first])


def hidden_items(events: Sequence[Interaction], config: Events) -> set[str]:
    """Return the items that were hidden, and not liked, saved, bought or the like since; events are oldest first."""
    hidden: set[str] = set()
    for item_id, event, value, _ in events:
        if event == HIDE:
            hidden.add(item_id)
        elif item_id in hidden and event not in PASSING and is_positive(event, value, config):
            hidden.discard(item_id)
    return hidden


def last_purchases(events: Sequence[Interaction], config: Events) -> dict[str, float]:
    """Return the time of the last purchase of each item; infinite where something spoke against the item since."""
    bought: dict[str, float] = {}
    for item_id, event, value, timestamp in events:
        if event == BUY:
            bought[item_id] = timestamp
        elif item_id in bought and event_weight(event, value, config) < 0:
            bought[item_id] = np.inf
    return bought


def _come_back(moment: Moment, bought: Mapping[str, float], rules: InForce) -> set[str]:
    """Return the bought items of consumable categories whose days have passed; of several categories, the fewest."""
    if not bought or not rules.consumable:
        return set()
    item_ids = list(bought)
    column = column_of(moment.live.table(moment.index), "categories")
    days = np.full(len(column.vocabulary) + 1, np.inf)
    for name, wait in rules.consumable.items():
        days[column.vocabulary.get(name, -1)] = wait
    days[-1] = np.inf
    offsets, codes = values_of(column, moment.index.rows(item_ids))
    waits = [days[codes[start:end]].min(initial=np.inf) for start, end in pairwise(offsets)]
    return {i for i, wait in zip(item_ids, waits, strict=True) if rules.at - bought[i] >= wait * DAY}


def _rows_of(moment: Moment, reasons: Sequence[tuple[str, Set[str]]]) -> LeftOut:
    """Return the rows of the items of each reason, ascending, an item under the first that names it."""
    names = tuple(name for name, _ in reasons)
    rows = [moment.index.rows(sorted(item_ids)) for _, item_ids in reasons]
    known, first = np.unique(np.concatenate(rows), return_index=True)
    owners = np.repeat(np.arange(len(rows)), [len(mine) for mine in rows])[first]
    return LeftOut(known[known >= 0], names, owners[known >= 0])

"""Adjustments: the parts of a score that rules add to the ranker's, in logit space: objective, boost, fatigue."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Rows
from plait.event_weights import is_positive
from plait.item_values import column_of
from plait.moment import Moment
from plait.records import Interaction
from plait.rules.in_force import InForce
from plait.rules.settings import Fatigue, Worth
from plait.stages import stage
from ranker.fatigue import fatigue
from ranker.worth import expected_worth, worth_part

ADDED = ("objective", "boost", "fatigue")
"""The parts that rules may add; each is shown only where it is not zero."""
DAY = 86_400.0
Values = NDArray[np.float64]
Tired = tuple[Rows, Values]
"""The rows that a user is tired of, and the part of each."""


@dataclass(frozen=True, slots=True)
class Adjustments:
    """`shared` (row_count,) of each item by its part's name, and for m users, where there is fatigue, their `tired`."""

    shared: dict[str, Values]
    tired: Sequence[Tired] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return (*self.shared, *(() if self.tired is None else ("fatigue",)))

    def columns(self, rows: Rows) -> Values:
        """Return (m, c, names) what is added to candidates (m, c); 0 for -1."""
        there = np.maximum(rows, 0)
        columns = [values[there] for values in self.shared.values()]
        if self.tired is not None:
            columns.append(np.stack([_looked_up(*mine, rows[place]) for place, mine in enumerate(self.tired)]))
        if not columns:
            return np.zeros((*rows.shape, 0))
        return np.where(rows[:, :, None] >= 0, np.stack(columns, axis=2), 0.0)


NO_ADJUSTMENTS = Adjustments({})


@stage("rules")
def adjustments(
    moment: Moment, rules: InForce, user_ids: Sequence[str], events: Sequence[Sequence[Interaction]]
) -> Adjustments:
    """Return what rules add for users with `events`; a user without an id was never shown anything."""
    shared = {}
    if rules.objective.says_something:
        shared["objective"] = objective_of_items(moment, rules.objective)
    if rules.boosts:
        boost = np.zeros(moment.index.row_count)
        for one in rules.boosts:
            boost += one.by * moment.live.rules.passing(moment, one.where)
        shared["boost"] = boost
    tired = None
    if rules.fatigue.impressions:
        tired = [tired_of(moment, *who, rules.fatigue, rules.at) for who in zip(user_ids, events, strict=True)]
    return Adjustments(shared, tired)


def objective_of_items(moment: Moment, worth: Worth) -> Values:
    """Return (row_count,) what the worth of each item adds to its logit; held until an event or an item is new."""
    held, sequence = moment.live.rules, moment.live.workspace.store.sequence()
    # Read once: another thread may put its own in its place meanwhile.
    found = held.objective
    if found is None or found[0] is not moment.index or found[1:3] != (sequence, worth):
        found = moment.index, sequence, worth, worth_part(_expected(moment, worth), worth.strength)
        held.objective = found
    return found[3]


def _expected(moment: Moment, worth: Worth) -> Values:
    """Return (row_count,) what an item brings."""
    index, log = moment.index, moment.live.rules.log
    item_ids = index.item_ids(np.arange(index.row_count))
    if worth.attribute:
        prices = column_of(moment.live.table(index), worth.attribute).numbers[: index.row_count]
    else:
        prices = log.paid(item_ids)
    return expected_worth(
        log.deeds(item_ids), prices, click=worth.click, dwell=worth.dwell, purchase=worth.purchase, value=worth.value
    )


def tired_of(moment: Moment, user_id: str, events: Sequence[Interaction], settings: Fatigue, at: float) -> Tired:
    """Return what a user was shown of late without a positive event after it; `events` are theirs, oldest first."""
    workspace = moment.live.workspace
    shown = workspace.store.showings(user_id, since=at - settings.days * DAY) if user_id else []
    answered = {
        event.item_id: event.timestamp
        for event in events
        if is_positive(event.event, event.value, workspace.config.events)
    }
    vain = [(item_id, when) for item_id, when in shown if when > answered.get(item_id, -np.inf)]
    rows = moment.index.rows([item_id for item_id, _ in vain])
    ages = (at - np.asarray([when for _, when in vain], dtype=np.float64)) / DAY
    return fatigue(
        rows[rows >= 0], ages[rows >= 0],
        impressions=settings.impressions, days=settings.days, lowers=settings.lowers,
    )  # fmt: skip


def _looked_up(known: Rows, values: Values, rows: Rows) -> Values:
    """Return the value of each of `rows` (c,), 0 for those that are not `known`, which are ascending."""
    if not len(known):
        return np.zeros(len(rows))
    places = np.minimum(np.searchsorted(known, rows), len(known) - 1)
    return np.where(known[places] == rows, values[places], 0.0)

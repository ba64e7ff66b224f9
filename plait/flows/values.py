"""Values: the values of an attribute ranked for a user: which album, channel, maker or activity would suit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Rows
from plait.attributes import AttributeType, time_text
from plait.flows.recommend import Asker, askers, recommend, sigmoid
from plait.item_table import NUMERIC, Column
from plait.item_values import column_of, values_of
from plait.list_rules import ListRules
from plait.live import Live
from plait.moment import Moment
from plait.ranking import RankedItem, Ranking
from plait.selection import Selection

BEST_ITEMS = 1_000
"""Of so many items of a user, the best ones, the values are ranked; behind them odds are next to nothing."""
SHOWN = 3
"""How many items of each value are shown."""


@dataclass(frozen=True, slots=True)
class RankedValue:
    """A value of an attribute with its best items, ranked from 1 among themselves.

    It is a number or a text; dates are ISO 8601.
    """

    rank: int
    value: str | float
    score: float
    items: tuple[RankedItem, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the value as `--json` shows it."""
        items = [item.to_json() for item in self.items]
        return {"rank": self.rank, "value": self.value, "score": self.score, "items": items}


@dataclass(frozen=True, slots=True)
class RankedValues:
    """The values of an attribute for one user, best first."""

    user_id: str
    attribute: str
    groups: tuple[RankedValue, ...]
    model: str
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the answer as `--json` prints it."""
        groups = [group.to_json() for group in self.groups]
        named = {"user_id": self.user_id, "attribute": self.attribute}
        return named | {"groups": groups, "model": self.model, "notes": list(self.notes)}


def rank_values(
    live: Live, user_ids: Sequence[str], attribute: str, selection: Selection, *, include_seen: bool = False
) -> list[RankedValues]:
    """Return one answer a user: the values of an attribute by what the user's items that have them would score.

    The odds of a value's items are added up, `score = sigmoid(log(sum of exp(logit)))`: many good items make a good
    value, and poor ones do no harm. `selection` has the limit and the offset of the values, and says which items count.
    Items without a value count nowhere. Raises WrongCall for an attribute that is not known.
    """
    moment = live.refresh()
    column = column_of(live.table(moment.index), attribute)
    deep = replace(selection, limit=BEST_ITEMS, offset=0)
    asked = askers(live, user_ids)
    rankings = recommend(live, asked, deep, ListRules(diversity=0.0), include_seen=include_seen)
    told = [replace(ranking, notes=_told(moment, ranking, who)) for who, ranking in zip(asked, rankings, strict=True)]
    return [_answer(moment, column, attribute, ranking, selection) for ranking in told]


def _told(moment: Moment, ranking: Ranking, who: Asker) -> tuple[str, ...]:
    """Return the notes of a ranking; those of rules, which speak of BEST_ITEMS as asked for, say how many are left."""
    others = (*moment.notes, *who.notes)
    if len(ranking.notes) == len(others) or len(ranking.items) >= BEST_ITEMS:
        return others
    return (*others, f"the rules leave {len(ranking.items)} items whose values are ranked")


def _answer(moment: Moment, column: Column, attribute: str, ranking: Ranking, selection: Selection) -> RankedValues:
    rows = moment.index.rows([item.item_id for item in ranking.items])
    offsets, codes = values_of(column, rows)
    values = _names(column, rows)
    owners = np.repeat(np.arange(len(rows)), np.diff(offsets))
    logits = np.asarray([sum(item.parts.values()) for item in ranking.items])
    totals = added_odds(logits[owners], codes, len(values))
    best = np.argsort(-totals, kind="stable")
    best = best[np.isfinite(totals[best])][selection.offset : selection.depth]
    groups = tuple(
        RankedValue(rank, values[code], score, _best_items(ranking, owners[codes == code]))
        for rank, (code, score) in enumerate(
            zip(best.tolist(), sigmoid(totals[best]).tolist(), strict=True), start=selection.offset + 1
        )
    )
    notes = ranking.notes
    if len(owners) == 0 and len(rows):
        notes = (*notes, f"none of these items has a value of {attribute}")
    return RankedValues(ranking.user_id, attribute, groups, ranking.model, notes)


def added_odds(logits: NDArray[np.float64], codes: Rows, count: int) -> NDArray[np.float64]:
    """Return (count,) the logarithm of the sum of the odds of n entries with `logits` (n,), by their `codes` (n,)."""
    totals = np.full(count, -np.inf)
    np.logaddexp.at(totals, codes, logits)
    return totals


def _names(column: Column, rows: Rows) -> list[str | float]:
    """Return the values that the codes of `values_of` stand for."""
    if column.kind not in NUMERIC:
        return list(column.vocabulary)
    numbers = column.numbers[rows[rows >= 0]]
    values: list[float] = np.unique(numbers[~np.isnan(numbers)]).tolist()
    return list(map(time_text, values)) if column.kind is AttributeType.DATE else list(values)


def _best_items(ranking: Ranking, places: Rows) -> tuple[RankedItem, ...]:
    """Return the first of the items at ascending `places` of a ranking, ranked anew."""
    return tuple(
        replace(ranking.items[place], rank=rank) for rank, place in enumerate(places[:SHOWN].tolist(), start=1)
    )

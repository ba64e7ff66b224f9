"""Reads of slates shown, and of what was done with them."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, RowMapping, Select, Table, func, select

from plait.records import Exposure
from plait.store import schema
from plait.store.reads import Reads

HEAD, SLOT, EVENT = schema.exposures, schema.exposure_slots, schema.events


class Response(NamedTuple):
    """An event that answers a place of a slate: it names the slate and the item, and is of whom it was shown to."""

    recommendation_id: str
    item_id: str
    event: str
    value: float | None


class ExposureReads(Reads):
    """What a store knows of slates shown."""

    def exposures(self, user_id: str) -> list[Exposure]:
        """Return the slates shown to a user, in the order recorded."""
        return self._exposures(HEAD.c.user_id == user_id)

    def all_exposures(self) -> list[Exposure]:
        """Return every slate, in the order recorded."""
        return self._exposures()

    def responses(self, *, after: int = 0, until: int | None = None) -> list[Response]:
        """Return what answers a slate, each kind and value once; recorded after a number, up to another."""
        wanted = select(*(EVENT.c[name] for name in Response._fields)).distinct()
        named = wanted.join(HEAD, EVENT.c.recommendation_id == HEAD.c.recommendation_id)
        shown = named.join(SLOT, HEAD.c.recommendation_id == SLOT.c.recommendation_id)
        # What was recorded before its slate answers nothing: who read on from the slate would not have counted it.
        answered = shown.where(
            EVENT.c.item_id == SLOT.c.item_id, EVENT.c.user_id == HEAD.c.user_id, EVENT.c.sequence > HEAD.c.sequence
        )
        return list(map(Response._make, self._plain(_between(answered, EVENT, after, until))))

    def times_shown(self, *, after: int = 0, until: int | None = None) -> dict[str, int]:
        """Return how many places each item had in slates recorded after a number, up to another."""
        counted = select(SLOT.c.item_id, func.count()).join(HEAD).group_by(SLOT.c.item_id)
        return dict(self._plain(_between(counted, HEAD, after, until)))

    def times_found(self, *, after: int = 0, until: int | None = None) -> dict[str, int]:
        """Return how many events each item has that name no recommendation, recorded after a number, up to another."""
        counted = select(EVENT.c.item_id, func.count()).group_by(EVENT.c.item_id)
        unnamed = counted.where(EVENT.c.recommendation_id == "", EVENT.c.item_id != "")
        return dict(self._plain(_between(unnamed, EVENT, after, until)))

    def _exposures(self, *conditions: ColumnElement[bool]) -> list[Exposure]:
        wanted = select(HEAD, SLOT.c.item_id, SLOT.c.propensity).outerjoin(SLOT).where(*conditions)
        rows = self._rows(wanted.order_by(HEAD.c.sequence, SLOT.c.position))
        return [_exposure(list(slots)) for _, slots in groupby(rows, key=itemgetter("sequence"))]

    def _plain(self, wanted: "Select[Any]") -> list[Any]:
        with self._database.reading() as connection:
            return list(map(tuple, connection.execute(wanted)))


def _between(wanted: "Select[Any]", table: Table, after: int, until: int | None) -> "Select[Any]":
    later = wanted.where(table.c.sequence > after)
    return later if until is None else later.where(table.c.sequence <= until)


def _exposure(slots: Sequence[RowMapping]) -> Exposure:
    """Return the slate of rows with head and slot; an empty slate is one row without a slot."""
    head, filled = slots[0], [slot for slot in slots if slot["item_id"] is not None]
    return Exposure(
        head["recommendation_id"], head["user_id"], head["timestamp"], head["policy"],
        tuple(slot["item_id"] for slot in filled), tuple(slot["propensity"] for slot in filled),
    )  # fmt: skip

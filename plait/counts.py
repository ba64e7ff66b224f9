"""Counts: what a change of the catalogue or the log did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from embedders.items import Strand


@dataclass(frozen=True, slots=True)
class ItemTally:
    """Items by what happened to them; `rejected` rows could not be read."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class EventTally:
    """Events by what happened to them; a duplicate was recorded before. `notes` say what else was odd about them."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """What build, add, update and remove did.

    `encoded` counts the contents really sent through an encoder; `notes` say what else the caller should know.
    """

    items: ItemTally = field(default_factory=ItemTally)
    encoded: Mapping[Strand, int] = field(default_factory=dict)
    events: EventTally = field(default_factory=EventTally)
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the counts as `--json` prints them."""
        return {
            "items": {name: getattr(self.items, name) for name in ItemTally.__slots__},
            "encoded": {strand.value: self.encoded.get(strand, 0) for strand in Strand},
            "events": {name: getattr(self.events, name) for name in ("accepted", "duplicates", "rejected")},
        }

"""Change: one writing transaction; each change in it gets the next sequence number."""

from collections.abc import Mapping

from plait.store import schema
from plait.store.chunks import chunks
from plait.store.erasing import Erasing
from plait.store.event_changes import EventChanges
from plait.store.item_changes import ItemChanges
from plait.store.people_changes import PeopleChanges


class Change(ItemChanges, EventChanges, PeopleChanges, Erasing):
    """What may be written inside `Store.write()`; nothing counts before that block ends."""

    def set_meta(self, values: Mapping[str, str]) -> None:
        """Keep values under keys; others stay."""
        for chunk in chunks(values.items()):
            self._replace(schema.meta, "key", [{"key": key, "value": value} for key, value in chunk])

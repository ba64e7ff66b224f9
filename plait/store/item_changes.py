"""Changes of items: added, changed, removed, and how their attributes are typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import RowMapping

from plait.store import schema
from plait.store.chunks import chunks
from plait.store.numbering import Numbering, Row
from plait.store.rows import StoredItem, item_row, tombstone


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """Items by what an upsert did to them; one that had been removed counts as added."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0


class ItemChanges(Numbering):
    """What may happen to items in a writing transaction."""

    def upsert_items(self, items: Iterable[StoredItem]) -> ItemCounts:
        """Add items, or replace those there; unchanged ones are not written and keep their number.

        The items stream. Of items with one id the last stands.
        """
        added = updated = unchanged = 0
        for chunk in chunks(items):
            rows = {stored.item.item_id: item_row(stored) for stored in chunk}
            old = self._found(schema.items, "item_id", list(rows))
            changed = [row for item_id, row in rows.items() if item_id not in old or _differs(row, old[item_id])]
            self._replace(schema.items, "item_id", self._numbered(changed))
            fresh = sum(row["item_id"] not in old or bool(old[row["item_id"]]["removed"]) for row in changed)
            added += fresh
            updated += len(changed) - fresh
            unchanged += len(rows) - len(changed)
        return ItemCounts(added, updated, unchanged)

    def remove_items(self, item_ids: Iterable[str]) -> int:
        """Turn items into tombstones; return how many there were to remove."""
        removed = 0
        for chunk in chunks(dict.fromkeys(item_ids)):
            found = self._found(schema.items, "item_id", chunk)
            living = [item_id for item_id in chunk if item_id in found and not found[item_id]["removed"]]
            self._replace(schema.items, "item_id", self._numbered([item_row(tombstone(i)) for i in living]))
            removed += len(living)
        return removed

    def set_attribute_types(self, types: Mapping[str, str]) -> None:
        """Keep the type of attribute columns; others stay."""
        for chunk in chunks(types.items()):
            self._replace(schema.attribute_types, "name", [{"name": name, "type": kind} for name, kind in chunk])


def _differs(row: Row, old: RowMapping) -> bool:
    return any(old[name] != value for name, value in row.items())

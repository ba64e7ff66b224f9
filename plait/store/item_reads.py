"""Reads of items."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from plait.store import schema
from plait.store.chunks import chunks
from plait.store.reads import Reads
from plait.store.rows import StoredItem, stored_item

TABLE = schema.items
LIVING = TABLE.c.removed == 0
PAGE_OF_IDS = "SELECT item_id FROM items WHERE removed = 0 ORDER BY item_id LIMIT ? OFFSET ?"


class ItemReads(Reads):
    """What a store knows of items."""

    def items(self, *, after: int = 0, include_removed: bool = False) -> Iterator[StoredItem]:
        """Iterate over the items that changed after a sequence number, in the order of their changes."""
        wanted = select(TABLE).where(TABLE.c.sequence > after).order_by(TABLE.c.sequence)
        yield from map(stored_item, self._stream(wanted if include_removed else wanted.where(LIVING)))

    def items_by_id(self, item_ids: Sequence[str]) -> dict[str, StoredItem]:
        """Return the living items among `item_ids`."""
        found = {}
        with self._database.reading() as connection:
            for chunk in chunks(item_ids):
                wanted = select(TABLE).where(TABLE.c.item_id.in_(chunk), LIVING)
                rows = connection.execute(wanted).mappings()
                found.update({row["item_id"]: stored_item(row) for row in rows})
        return found

    def titles(self, item_ids: Sequence[str]) -> dict[str, str]:
        """Return the title of each living item among `item_ids`; quick."""
        return dict(self._quick_in("SELECT item_id, title FROM items WHERE item_id IN (?) AND removed = 0", item_ids))

    def known_items(self, item_ids: Sequence[str]) -> set[str]:
        """Return those of `item_ids` that the store has or had: events may name them. Quick."""
        return {row[0] for row in self._quick_in("SELECT item_id FROM items WHERE item_id IN (?)", item_ids)}

    def item_ids(self, *, include_removed: bool = False) -> list[str]:
        """Return the ids of the items, sorted."""
        wanted = select(TABLE.c.item_id)
        return sorted(row["item_id"] for row in self._rows(wanted if include_removed else wanted.where(LIVING)))

    def page_of_ids(self, limit: int, offset: int = 0) -> list[str]:
        """Return the ids of living items at places `offset` to `offset + limit` in the order of ids; quick."""
        found = self._database.quick(PAGE_OF_IDS, (limit, offset))
        return [row[0] for row in found]

    def item_count(self) -> int:
        """Return the number of living items."""
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(TABLE).where(LIVING)).scalar_one()

    def attribute_types(self) -> dict[str, str]:
        """Return the type of each attribute column."""
        return {row["name"]: row["type"] for row in self._rows(select(schema.attribute_types))}

"""Rows: items, events and users as rows of the store, and back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

from sqlalchemy import RowMapping

from embedders.items import AttributeValue, Item, Strand
from plait.records import Event, User

EVENT_COLUMNS = tuple(field.name for field in fields(Event))
event_row: Callable[[Event], tuple[Any, ...]] = attrgetter(*EVENT_COLUMNS)
"""Return an event's own columns; a tuple, for thousands are made a second."""


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item with the content hash of each strand it has; `sequence` is 0 until it is stored."""

    item: Item
    hashes: Mapping[Strand, str] = field(default_factory=dict)
    sequence: int = 0
    removed: bool = False


def item_row(stored: StoredItem) -> dict[str, Any]:
    """Return the columns of an item that are compared to tell whether it changed."""
    item = stored.item
    return {
        "item_id": item.item_id,
        "removed": int(stored.removed),
        "title": item.title,
        "description": item.description,
        "image": item.image,
        "audio": item.audio,
        "categories": _dump(item.categories),
        "created_at": item.created_at,
        "attributes": _dump(dict(sorted(item.attributes.items()))),
        "hashes": _dump({strand.value: stored.hashes[strand] for strand in Strand if strand in stored.hashes}),
    }


def stored_item(row: RowMapping) -> StoredItem:
    """Return the item of a row of the items table."""
    item = Item(
        row["item_id"], row["title"], row["description"], row["image"], row["audio"],
        tuple(json.loads(row["categories"])), row["created_at"], _attributes(row["attributes"]),
    )  # fmt: skip
    hashes = {Strand(name): value for name, value in json.loads(row["hashes"]).items()}
    return StoredItem(item, hashes, row["sequence"], bool(row["removed"]))


def tombstone(item_id: str) -> StoredItem:
    """Return what is left of a removed item."""
    return StoredItem(Item(item_id), removed=True)


def user_row(user: User) -> dict[str, Any]:
    """Return the columns of a user that are compared to tell whether it changed."""
    return {"user_id": user.user_id, "attributes": _dump(dict(sorted(user.attributes.items())))}


def stored_user(user_id: str, attributes: str) -> User:
    """Return the user of a row of the users table."""
    return User(user_id, _attributes(attributes))


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _attributes(text: str) -> dict[str, AttributeValue]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()}

"""Items and events to store."""

from typing import Any

from embedders.items import AttributeValue, Item, Strand
from plait.records import Event, Interaction
from plait.store import StoredItem


def stored(item_id: str, title: str = "", **attributes: AttributeValue) -> StoredItem:
    """Return an item whose text hash tells its title."""
    return StoredItem(Item(item_id, title=title, attributes=attributes), {Strand.TEXT: f"hash of {title}"})


def full_item() -> StoredItem:
    """Return an item that uses every field, with text that is hard to keep."""
    item = Item(
        "007", "Ærø — 'quoted' \"twice\"", "line\nbreak\ttab \U0001f9f6", "/pictures/a b?.png",
        "/sounds/%20#.ogg", ("one", "two|three", ""), 1.5e9 + 0.123456789,
        {"year": 1999.0, "colour": "None", "tags": ("x", "y"), "empty": ()},
    )  # fmt: skip
    return StoredItem(item, {Strand.IMAGE: "i" * 64, Strand.TEXT: "t" * 64})


def event(number: int, user_id: str = "user", **columns: Any) -> Event:
    """Return the `number`-th event, at that second, of item `i{number}`."""
    usual: dict[str, Any] = {"event_id": f"event-{number}", "timestamp": float(number), "item_id": f"i{number}"}
    return Event(user_id=user_id, **(usual | columns))


def interaction(one: Event) -> Interaction:
    """Return what a history holds of an event."""
    return Interaction(one.item_id, one.event, one.value, one.timestamp)

"""Calls of the catalogue: one function a route, of which `routes` makes the methods of both clients."""

from collections.abc import Sequence
from typing import Literal

from plait.client.answers import ChangedItem, Medium, StoredItem, changed_item, medium, stored_item
from plait.client.call import Call, one, reads, written
from plait.service.schemas import (
    AudienceAnswer,
    ItemChange,
    ItemIn,
    ItemPage,
    ItemRow,
    ItemsChanged,
    ItemsRequest,
    RankingAnswer,
)
from plait.service.schemas.rankings import Language

ITEMS = "/v1/items"


def items(query: str = "", *, limit: int = 10, offset: int = 0) -> Call[ItemPage]:
    """List items by id, or those that have at least one of some words, the best first; `total` counts either."""
    return Call("GET", ITEMS, reads(ItemPage), query={"query": query, "limit": limit, "offset": offset})


def add_items(items: Sequence[ItemRow]) -> Call[ItemsChanged]:
    """Add items, or replace those that are there: all of them or none."""
    return Call("POST", ITEMS, reads(ItemsChanged), body=written(ItemsRequest(items=list(items))))


def item(item_id: str) -> Call[StoredItem]:
    """Return an item as it is stored. Raises NotFound."""
    return Call("GET", _place(item_id), stored_item)


def put_item(
    item_id: str, item: ItemIn, *, if_match: str | None = None, if_none_match: str | None = None
) -> Call[ChangedItem]:
    """Make an item, or replace the whole of it. Raises Changed where a condition does not hold."""
    conditions = _conditions(if_match, if_none_match)
    return Call(
        "PUT", _place(item_id), changed_item, body=written(item), headers=conditions, repeatable=not conditions
    )  # fmt: skip


def patch_item(item_id: str, change: ItemChange, *, if_match: str | None = None) -> Call[ChangedItem]:
    """Change the given fields of an item. Raises NotFound, Changed."""
    conditions = _conditions(if_match, None)
    return Call(
        "PATCH", _place(item_id), changed_item, body=written(change), headers=conditions, repeatable=not conditions
    )  # fmt: skip


def delete_item(item_id: str, *, if_match: str | None = None) -> Call[ChangedItem]:
    """Remove an item; its events stay. Raises NotFound, Changed."""
    # Done twice it would be NotFound, though the first one removed it.
    return Call("DELETE", _place(item_id), changed_item, headers=_conditions(if_match, None), repeatable=False)


def similar(
    item_id: str, *, kind: Literal["content", "bought-together", "next"] = "content", limit: int = 10, offset: int = 0,
    where: str = "", explain: Language | None = None,
) -> Call[RankingAnswer]:  # fmt: skip
    """Find items like an item by content, or what people bought together with it or liked next. Raises NotFound."""
    query = {"kind": kind, "limit": limit, "offset": offset, "where": where, "explain": explain}
    return Call("GET", f"{_place(item_id)}/similar", reads(RankingAnswer), query=query)


def audience(item_id: str, *, limit: int = 10, offset: int = 0) -> Call[AudienceAnswer]:
    """Find the users whom an item suits best, of those who have not met it. Raises NotFound."""
    return Call("GET", f"{_place(item_id)}/audience", reads(AudienceAnswer), query={"limit": limit, "offset": offset})


def media(item_id: str, kind: Literal["image", "audio"], *, number: int = 1) -> Call[Medium]:
    """Return a picture or a sound of an item, the `number`-th from 1. Raises NotFound."""
    return Call("GET", f"{_place(item_id)}/media/{kind}", medium, query={"number": number})


def _place(item_id: str) -> str:
    return f"{ITEMS}/{one(item_id)}"


def _conditions(if_match: str | None, if_none_match: str | None) -> dict[str, str]:
    given = {"If-Match": if_match, "If-None-Match": if_none_match}
    return {name: value for name, value in given.items() if value is not None}

"""The catalogue as the service shows and changes it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from embedders.items import Item, media_paths
from plait.catalog import BadRows
from plait.counts import Counts
from plait.flows.learn import add_items, remove_items, update_items
from plait.service.errors import bad_rows
from plait.service.etags import etag_of, precondition
from plait.service.refusals import Refusal, missing
from plait.service.schemas import ItemChange
from plait.service.serving import Serving
from plait.store import StoredItem

CONTENT = {"title": "", "description": "", "image": "", "audio": ""}
Conditions = tuple[str | None, str | None]
"""If-Match and If-None-Match."""


def stored_or_missing(serving: Serving, item_id: str) -> StoredItem:
    """Return an item of the catalogue. Raises Refusal, 404."""
    found = serving.recommender.workspace.store.items_by_id([item_id]).get(item_id)
    if found is None:
        raise missing("item", item_id)
    return found


def item_answer(item: Item) -> dict[str, Any]:
    """Return an item as it is told; its media by their addresses, never by their files."""
    return {
        "item_id": item.item_id,
        "title": item.title,
        "description": item.description,
        "categories": list(item.categories),
        "created_at": item.created_at,
        "attributes": {name: list(v) if isinstance(v, tuple) else v for name, v in item.attributes.items()},
        "media": {name: _addresses(item, name) for name in ("image", "audio")},
    }


def _addresses(item: Item, name: str) -> list[str]:
    place = f"/v1/items/{quote(item.item_id, safe='')}/media/{name}"
    count = len(media_paths(getattr(item, name)))
    return [place if number == 0 else f"{place}?number={number + 1}" for number in range(count)]


def items_changed(serving: Serving, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Store a batch of whole items and say what became of them. Raises Refusal that names each bad one."""
    if not rows:
        return _told(Counts())
    try:
        whole = [{**CONTENT, **row} for row in rows]
        live, root = serving.recommender.live, _root(serving, rows)
        item_ids = [row["item_id"] for row in rows]
        guard = partial(serving.quotas.check_items, item_ids)
        return _told(add_items(live, whole, media_root=root, on_error="stop", guard=guard))
    except BadRows as error:
        raise bad_rows(error, "bad_item", [{"item_id": row["item_id"]} for row in rows]) from error


def change_item(
    serving: Serving, item_id: str, asked: ItemChange, conditions: Conditions, *, whole: bool
) -> tuple[dict[str, Any], str]:
    """Store an item, or the given fields of one that is there; return what was done and the ETag it has now.

    Raises Refusal: 404 for none to change, 412 where a condition does not hold, 422 for what cannot be stored.
    """
    if asked.item_id not in (None, item_id):
        raise Refusal(422, "invalid", f"body.item_id: {asked.item_id!r} is not the item of the path")
    live, store = serving.recommender.live, serving.recommender.workspace.store
    row = {"item_id": item_id, **asked.row()}
    condition = precondition(store, item_id, *conditions, must_exist=not whole)

    def guard() -> None:
        condition()
        serving.quotas.check_items([item_id])

    # Asked before the work, too: what is refused is not encoded first.
    guard()
    now: list[StoredItem] = []
    change, given = (add_items, {**CONTENT, **row}) if whole else (update_items, row)
    try:
        root = _root(serving, [row])
        counts = change(live, [given], media_root=root, on_error="stop", guard=guard, hear=now.append)
    except BadRows as error:
        raise bad_rows(error, "bad_item", [{"item_id": item_id}]) from error
    return _told(counts), etag_of(now[-1])


def remove_item(serving: Serving, item_id: str, if_match: str | None) -> dict[str, Any]:
    """Remove an item and say so. Raises Refusal, 404 or 412."""
    guard = precondition(serving.recommender.workspace.store, item_id, if_match, None, must_exist=True)
    return _told(remove_items(serving.recommender.live, [item_id], guard=guard))


def _root(serving: Serving, rows: Sequence[dict[str, Any]]) -> Path | None:
    """Return the media folder. Raises Refusal where media are named and there is none."""
    root = serving.media_root
    if root is None and any(row.get("image") or row.get("audio") for row in rows):
        raise Refusal(422, "no_media_folder", "image, audio: [service] media_root of plait.toml names no folder")
    return root


def _told(counts: Counts) -> dict[str, Any]:
    return {**counts.to_json(), "notes": list(counts.notes)}

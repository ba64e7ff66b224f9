"""Answers that are more than a schema: an item with its ETag, a picture or a sound."""

from dataclasses import dataclass

import httpx

from plait.service.schemas import ItemAnswer, ItemsChanged


class StoredItem(ItemAnswer):
    """An item as it is stored; `etag` names what it is now, for `if_match`."""

    etag: str = ""


class ChangedItem(ItemsChanged):
    """What was done to one item; `etag` names what it is now, "" where it is gone."""

    etag: str = ""


@dataclass(frozen=True, slots=True)
class Medium:
    """A picture or a sound, as its file is."""

    content: bytes
    content_type: str


def stored_item(response: httpx.Response) -> StoredItem:
    """Read an item and its ETag."""
    return StoredItem.model_validate_json(response.content).model_copy(update=_etag(response))


def changed_item(response: httpx.Response) -> ChangedItem:
    """Read what was done to an item, and its ETag."""
    return ChangedItem.model_validate_json(response.content).model_copy(update=_etag(response))


def medium(response: httpx.Response) -> Medium:
    """Read a picture or a sound."""
    return Medium(response.content, response.headers.get("content-type", ""))


def _etag(response: httpx.Response) -> dict[str, str]:
    return {"etag": response.headers.get("etag", "")}

"""Calls of what pages are made with: many items at once, ids of users, the map, quality, and what visitors did."""

from collections.abc import Sequence

from plait.client.call import Call, Query, reads, written
from plait.service.schemas.collect import CollectAnswer, CollectedEvent, CollectRequest
from plait.service.schemas.page import CardsAnswer, LiveAnswer, MapAnswer, QualityAnswer, UsersAnswer


def cards(item_ids: Sequence[str]) -> Call[CardsAnswer]:
    """Show many items at once, in the order asked; ids that are no item's are left out."""
    return Call("GET", "/v1/cards", reads(CardsAnswer), query={"item_id": list(item_ids)})


def users(query: str = "", *, limit: int = 20, offset: int = 0) -> Call[UsersAnswer]:
    """List ids of users in order, those that hold a text."""
    asked: Query = {"query": query, "limit": limit, "offset": offset}
    return Call("GET", "/v1/users", reads(UsersAnswer), query=asked)


def catalogue_map(by: str = "") -> Call[MapAnswer]:
    """Lay the catalogue out on a plane, coloured by a column."""
    return Call("GET", "/v1/map", reads(MapAnswer), query={"by": by})


def quality() -> Call[QualityAnswer]:
    """Say what items lack, which nearly stand twice, and what the log is made of."""
    return Call("GET", "/v1/quality", reads(QualityAnswer))


def live() -> Call[LiveAnswer]:
    """Say how the service does now: clicks, recall on a sample, what no snapshot holds yet."""
    return Call("GET", "/v1/live", reads(LiveAnswer))


def collect(events: Sequence[CollectedEvent], *, origin: str, key: str = "") -> Call[CollectAnswer]:
    """Send what visitors did, as a page of `origin` does; `key` is the public one. Who has a key calls `record`."""
    asked = CollectRequest(key=key, events=[event.model_dump(mode="json", exclude_unset=True) for event in events])
    return Call("POST", "/v1/collect", reads(CollectAnswer), body=written(asked), headers={"Origin": origin})


def collect_js() -> Call[str]:
    """Return the script of web pages."""
    return Call("GET", "/v1/collect.js", lambda response: response.text)

"""User data: all that the store knows of one user, as they may ask to see it."""

from dataclasses import asdict
from typing import Any

from plait.asked_ids import asked_id
from plait.store import Store


def user_data(store: Store, user_id: str) -> dict[str, Any]:
    """Return attributes, relations in both directions, events and exposures of a user; empty for an unknown one.

    Of events and exposures all columns are told, in the order recorded. Raises WrongCall for an id that cannot be one.
    """
    asked_id(user_id, "user_id")
    known = store.users_by_id([user_id]).get(user_id)
    return {
        "user": {
            "user_id": user_id,
            "attributes": {} if known is None else dict(known.attributes),
            "relations": [asdict(relation) for relation in store.relations_with(user_id)],
        },
        "events": [asdict(event) for event in store.events_of(user_id)],
        "exposures": [asdict(shown) for shown in store.exposures(user_id)],
    }


def is_known(data: dict[str, Any]) -> bool:
    """Return whether `user_data` found anything."""
    user = data["user"]
    return any((user["attributes"], user["relations"], data["events"], data["exposures"]))

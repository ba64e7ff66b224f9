"""Merge users: what somebody did before they logged in becomes theirs."""

from plait.asked_ids import asked_id
from plait.errors import WrongCall
from plait.live import Live


def merge_user(live: Live, anonymous_id: str, user_id: str) -> int:
    """Let the events and slates of `anonymous_id` be those of `user_id`; return how many events were moved.

    It is durable when this returns, all of it or nothing, and the very next answer of every process knows it. Events
    keep their time, event_id and session. Done again it moves what has come under the anonymous id since, 0 events
    where nothing has. Raises WrongCall for an id that cannot be one, or twice the same.
    """
    asked_id(anonymous_id, "anonymous_id")
    asked_id(user_id, "user_id")
    if anonymous_id == user_id:
        raise WrongCall(f"anonymous_id and user_id are both {user_id!r}; expected two users")
    with live.workspace.store.write() as change:
        return change.move_events(anonymous_id, user_id)

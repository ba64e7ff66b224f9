"""Users: what is known of them."""

from typing import Any

from pydantic import Field

from plait.service.schemas.form import Answered, Id, Sent


class ProfileAnswer(Answered):
    """What a user's taste is made of."""

    user_id: str
    events: int
    recent: list[dict[str, Any]]
    interests: list[dict[str, Any]]
    nearest: list[dict[str, Any]]
    notes: list[str] = Field(default_factory=list)


class UserDataAnswer(Answered):
    """All that is stored of a user."""

    user: dict[str, Any]
    events: list[dict[str, Any]]
    exposures: list[dict[str, Any]]


class Erased(Answered):
    """What was removed, and the names of files that may still hold the user."""

    removed: dict[str, int]
    models: list[int]
    backups: list[str]
    found_in: list[str]
    notes: list[str]


class MergeRequest(Sent):
    """Whose events become those of the user in the path."""

    anonymous_id: Id = Field(examples=["visitor-81"])


class Merged(Answered):
    """How many events moved."""

    user_id: str
    moved: int

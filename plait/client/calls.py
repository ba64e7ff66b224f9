"""Calls of users, events, questions and models: one function a route, of which `routes` makes the clients' methods."""

import json
import secrets
from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from plait.client.call import Call, Model, Query, one, reads, written
from plait.service.schemas import (
    ColdStartAnswer,
    ColdStartRequest,
    Erased,
    EventIn,
    EventsAnswer,
    EventsRequest,
    Health,
    Merged,
    MergeRequest,
    ModelsAnswer,
    Moved,
    ProfileAnswer,
    RankingAnswer,
    Ready,
    RecommendRequest,
    SearchRequest,
    UserDataAnswer,
)
from plait.service.schemas.rankings import Language


def identified(event: EventIn) -> EventIn:
    """Return an event that has an event_id, so that it counts once however often it is sent."""
    return event if event.event_id else event.model_copy(update={"event_id": secrets.token_hex(16)})


def record(events: Sequence[EventIn]) -> Call[EventsAnswer]:
    """Record events, all of them or none; one without an event_id gets one here, before it is first sent."""
    asked = EventsRequest(events=[identified(event) for event in events])
    return Call("POST", "/v1/events", reads(EventsAnswer), body=written(asked))


def recommend(
    user_id: str, *, limit: int = 10, offset: int = 0, where: str = "", exclude: Sequence[str] = (),
    diversity: float | None = None, max_per: Mapping[str, int] | None = None, group_by: str | None = None,
    include_seen: bool = False, explain: Language | None = None, log_exposure: bool = True,
) -> Call[RankingAnswer]:  # fmt: skip
    """Recommend items to a user; what is shown is written down unless `log_exposure` is false."""
    query: Query = {
        "limit": limit, "offset": offset, "where": where, "exclude": list(exclude), "diversity": diversity,
        "max_per": [f"{name}={count}" for name, count in (max_per or {}).items()], "group_by": group_by,
        "include_seen": include_seen, "explain": explain, "log_exposure": log_exposure,
    }  # fmt: skip
    path = f"/v1/users/{one(user_id)}/recommendations"
    # A showing whose answer was lost was seen by nobody: another one would be a second showing in the log.
    return Call("GET", path, reads(RankingAnswer), query=query, repeatable=not log_exposure)


def what_if(asked: RecommendRequest) -> Call[RankingAnswer]:
    """Recommend to a user, or to somebody who is only imagined; nothing is written."""
    return Call("POST", "/v1/recommendations", reads(RankingAnswer), body=written(asked))


def search(
    asked: SearchRequest | str, *, image: bytes | None = None, audio: bytes | None = None
) -> Call[RankingAnswer]:
    """Find items by words, examples, the bytes of a picture or a sound, or all of them."""
    asked = SearchRequest(text=asked) if isinstance(asked, str) else asked
    return _question("/v1/search", asked, image, audio, RankingAnswer)


def cold_start(
    asked: ColdStartRequest, *, image: bytes | None = None, audio: bytes | None = None
) -> Call[ColdStartAnswer]:
    """Say what a new item is like, and whom it suits; `image` and `audio` are the bytes of its files."""
    return _question("/v1/cold-start", asked, image, audio, ColdStartAnswer)


def profile(user_id: str, *, limit: int = 10) -> Call[ProfileAnswer]:
    """Return what a user's taste is made of."""
    return Call("GET", f"/v1/users/{one(user_id)}/profile", reads(ProfileAnswer), query={"limit": limit})


def user_data(user_id: str) -> Call[UserDataAnswer]:
    """Return all that is stored of a user."""
    return Call("GET", f"/v1/users/{one(user_id)}/data", reads(UserDataAnswer))


def erase(user_id: str) -> Call[Erased]:
    """Remove a user from every file; sent again it finishes what was left. Raises Conflict."""
    return Call("DELETE", f"/v1/users/{one(user_id)}", reads(Erased))


def merge(user_id: str, anonymous_id: str) -> Call[Merged]:
    """Let what was done under another id be this user's, as on login."""
    body = written(MergeRequest(anonymous_id=anonymous_id))
    return Call("POST", f"/v1/users/{one(user_id)}/merge", reads(Merged), body=body)


def onboarding(*, limit: int = 5, offset: int = 0, where: str = "") -> Call[RankingAnswer]:
    """Choose the few items to ask a new user about."""
    query: Query = {"limit": limit, "offset": offset, "where": where}
    return Call("GET", "/v1/onboarding", reads(RankingAnswer), query=query)


def models() -> Call[ModelsAnswer]:
    """Return the trained models."""
    return Call("GET", "/v1/models", reads(ModelsAnswer))


def promote(number: int) -> Call[Moved]:
    """Let a model answer from the next question on. Raises NotFound, Conflict."""
    return Call("POST", f"/v1/models/{number}/promote", reads(Moved))


def rollback() -> Call[Moved]:
    """Take the last training or promotion back. Raises Conflict."""
    # Done twice it would go back twice.
    return Call("POST", "/v1/models/rollback", reads(Moved), repeatable=False)


def health() -> Call[Health]:
    """Return that the service lives."""
    return Call("GET", "/health", reads(Health))


def ready() -> Call[Ready]:
    """Return that the service can answer. Raises Unavailable until it can."""
    return Call("GET", "/ready", reads(Ready))


def metrics() -> Call[str]:
    """Return what the service counts, as Prometheus reads it."""
    return Call("GET", "/metrics", lambda response: response.text)


def _question(
    path: str, asked: BaseModel, image: bytes | None, audio: bytes | None, answer: type[Model]
) -> Call[Model]:
    """Return a question as JSON, or with media as a form whose lists and objects are JSON."""
    files = {name: content for name, content in (("image", image), ("audio", audio)) if content is not None}
    if not files:
        return Call("POST", path, reads(answer), body=written(asked))
    fields = json.loads(written(asked))
    form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    return Call("POST", path, reads(answer), form=form, files=files)

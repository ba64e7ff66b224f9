"""Errors: why a call has no answer, by what the caller can do about it."""

from collections.abc import Sequence

import httpx
from pydantic import ValidationError

from plait.service.schemas import Problem, Refused


class CallFailed(Exception):  # noqa: N818 - what happened to the call
    """A call without an answer; the service's log knows it by `request_id`."""

    def __init__(self, message: str, request_id: str) -> None:
        super().__init__(f"{message} (request {request_id})")
        self.message = message
        self.request_id = request_id


class Unreachable(CallFailed):
    """The service was not reached, or did not answer in time: what was sent may count."""


class RefusedCall(CallFailed):
    """The service refused: its status, its `code` for programs, its message, what is wrong with each part."""

    def __init__(self, status: int, code: str, message: str, request_id: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, request_id)
        self.status = status
        self.code = code
        self.problems = tuple(problems)


class Wrong(RefusedCall):
    """What was sent is wrong: 400, 413, 415, 422, and any other of its kind."""


class NotAllowed(RefusedCall):
    """The key is missing or may not do this: 401, 403."""


class NotFound(RefusedCall):
    """What is named is not known: 404."""


class Conflict(RefusedCall):
    """The workspace does not allow it now: 409."""


class Changed(RefusedCall):
    """The item is not the one that was meant: 412."""


class Busy(RefusedCall):
    """Too much waits, or the key's rate is used up: 429."""


class Unavailable(RefusedCall):
    """The service cannot answer now: 503."""


class Failed(RefusedCall):
    """The service failed, or was not done in time: 500, 504, an answer that is none of its; what was sent may count."""


KINDS: dict[int, type[RefusedCall]] = {
    401: NotAllowed, 403: NotAllowed, 404: NotFound, 409: Conflict, 412: Changed, 429: Busy, 503: Unavailable,
}  # fmt: skip


def refused(response: httpx.Response, request_id: str) -> RefusedCall:
    """Return the error that an answer tells; one that is not the service's, as a proxy's, has the code "unknown"."""
    status = response.status_code
    kind = KINDS.get(status, Failed if status >= 500 else Wrong)
    try:
        told = Refused.model_validate_json(response.content).error
    except ValidationError:
        return kind(status, "unknown", f"status {status}", response.headers.get("X-Request-ID", request_id))
    return kind(status, told.code, told.message, told.request_id, told.problems)

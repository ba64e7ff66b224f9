"""Refusal: why a request is not answered, as it is told to who asked."""

from collections.abc import Mapping, Sequence
from typing import Any


class Refusal(Exception):  # noqa: N818 - what happened to the request, not an error of the program
    """A request that is refused: its status, a `code` for programs, a message for people.

    `problems` say of each part what is wrong with it; with `retry_after`, in seconds, the same request may succeed.
    """

    def __init__(
        self, status: int, code: str, message: str, *, problems: Sequence[Mapping[str, Any]] = (), retry_after: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.problems = [dict(problem) for problem in problems]
        self.headers = {**({"Retry-After": str(retry_after)} if retry_after else {}), **(headers or {})}


def missing(what: str, name: str) -> Refusal:
    """Return the refusal of a path that names something there is not."""
    return Refusal(404, "not_found", f"{what} {name!r} is not known")

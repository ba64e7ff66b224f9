"""Call: one request of a route as data: what is sent, how its answer is read, whether it may be sent again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)
Query: TypeAlias = Mapping[str, str | int | float | bool | list[str] | None]
DOTS = {".": "%2E", "..": "%2E%2E"}
"""Ids that a path would lose."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A request, and what its answer is.

    `query` leaves out what is None; `body` is JSON; `files` make a form of `form` and themselves. A call that is not
    `repeatable` would count twice if it were done twice: it is sent again only where it surely was not taken.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    query: Query = field(default_factory=dict)
    body: bytes | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = True

    def request(self, client: httpx.Client | httpx.AsyncClient, request_id: str) -> httpx.Request:
        """Return the request as httpx sends it."""
        query = {name: value for name, value in self.query.items() if value is not None}
        headers = {"X-Request-ID": request_id, **self.headers}
        sent: dict[str, Any] = {}
        if self.body is not None:
            sent["content"], headers["Content-Type"] = self.body, "application/json"
        elif self.files:
            sent["data"] = dict(self.form)
            sent["files"] = {name: (name, content) for name, content in self.files.items()}
        return client.build_request(self.method, self.path, params=query, headers=headers, **sent)


def one(text: str) -> str:
    """Return an id as one part of a path."""
    return DOTS.get(text) or quote(text, safe="")


def reads(kind: type[Model]) -> Callable[[httpx.Response], Model]:
    """Return what reads an answer as a schema. It raises pydantic's ValidationError for what is none."""
    return lambda response: kind.model_validate_json(response.content)


def written(asked: BaseModel) -> bytes:
    """Return a schema as JSON, without what was not given."""
    return asked.model_dump_json(exclude_unset=True).encode()

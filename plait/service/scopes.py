"""Scopes: what a key may do, and which of them each route asks for."""

import re
from enum import StrEnum


class Scope(StrEnum):
    """What a key may do. Each one holds those before it."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def holds(self, asked: "Scope") -> bool:
        """Return whether a key of this scope may do what `asked` stands for."""
        return ORDER.index(self) >= ORDER.index(asked)


ORDER = tuple(Scope)
COLLECT = ("POST", "/v1/collect")
"""What pages of other origins send."""
OPEN = frozenset(
    {
        ("GET", "/health"), ("GET", "/ready"), ("GET", "/docs"), ("GET", "/openapi.json"),
        ("GET", "/"), ("GET", "/static/{name}"), ("GET", "/v1/collect.js"), ("POST", "/v1/collect"),
    }
)  # fmt: skip
"""Routes that ask for no key: they tell nothing of the catalogue or of people. What pages of others send is bounded by
`[service] collect_origins` instead."""
SCOPES = {
    ("POST", "/v1/events"): Scope.WRITE,
    ("GET", "/v1/users/{user_id}/recommendations"): Scope.READ,
    ("POST", "/v1/recommendations"): Scope.READ,
    ("POST", "/v1/search"): Scope.READ,
    ("POST", "/v1/cold-start"): Scope.READ,
    ("GET", "/v1/onboarding"): Scope.READ,
    ("GET", "/v1/items"): Scope.READ,
    ("POST", "/v1/items"): Scope.WRITE,
    ("GET", "/v1/items/{item_id}"): Scope.READ,
    ("PUT", "/v1/items/{item_id}"): Scope.WRITE,
    ("PATCH", "/v1/items/{item_id}"): Scope.WRITE,
    ("DELETE", "/v1/items/{item_id}"): Scope.WRITE,
    ("GET", "/v1/items/{item_id}/similar"): Scope.READ,
    ("GET", "/v1/items/{item_id}/audience"): Scope.READ,
    ("GET", "/v1/items/{item_id}/media/{kind}"): Scope.READ,
    ("GET", "/v1/users/{user_id}/profile"): Scope.READ,
    ("POST", "/v1/users/{user_id}/merge"): Scope.WRITE,
    ("GET", "/v1/users/{user_id}/data"): Scope.ADMIN,
    ("DELETE", "/v1/users/{user_id}"): Scope.ADMIN,
    ("GET", "/v1/models"): Scope.READ,
    ("POST", "/v1/models/rollback"): Scope.ADMIN,
    ("POST", "/v1/models/{number}/promote"): Scope.ADMIN,
    ("GET", "/metrics"): Scope.READ,
    ("GET", "/v1/cards"): Scope.READ,
    ("GET", "/v1/users"): Scope.READ,
    ("GET", "/v1/map"): Scope.READ,
    ("GET", "/v1/quality"): Scope.READ,
    ("GET", "/v1/live"): Scope.READ,
}
"""By method and path, as the routes name it. Every route stands here or in OPEN; a test holds it."""


def scope_of(method: str, path: str) -> Scope | None:
    """Return the scope that a request asks for, None for an open route.

    `path` is percent-encoded, as the routes match it. What no route answers asks for `read`: without a key nobody
    learns which routes there are not.
    """
    if (method, path) in OPEN or (method == "GET" and path.startswith("/static/")):
        return None
    for pattern, scope in _PATTERNS.get(method, ()):
        if pattern.fullmatch(path):
            return scope
    return Scope.READ


def _patterns() -> dict[str, list[tuple[re.Pattern[str], Scope]]]:
    found: dict[str, list[tuple[re.Pattern[str], Scope]]] = {}
    for (method, path), scope in SCOPES.items():
        found.setdefault(method, []).append((re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), scope))
    return found


_PATTERNS = _patterns()

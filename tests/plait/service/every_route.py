"""Every route that OpenAPI names, and the page's own, with something to send to each."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

Route = tuple[str, str]
HIDDEN = (("GET", "/"), ("GET", "/static/{name}"), ("GET", "/docs"), ("GET", "/openapi.json"))
"""Routes that OpenAPI does not name."""
ID = "zz-quiet-id"
"""An id that nothing has until it is written."""
BODIES: dict[str, Any] = {
    "/v1/events": {"events": [{"user_id": ID, "item_id": "space-1", "event_id": f"{ID}-e", "query": f"{ID} asks"}]},
    "/v1/items": {"items": [{"item_id": ID, "title": f"{ID} title"}]},
    "/v1/items/{item_id}": {"title": f"{ID} title"},
    "/v1/search": {"text": f"{ID} words", "user_id": ID, "weights": {"lexical": 1}},
    "/v1/recommendations": {"user_id": ID, "where": "title != 'zz-quiet-id'"},
    "/v1/cold-start": {"title": f"{ID} title"},
    "/v1/users/{user_id}/merge": {"anonymous_id": f"{ID}-before"},
    "/v1/collect": {"events": [{"user_id": ID}], "key": f"{ID}-key"},
}


def every_route(app: FastAPI) -> Iterator[Route]:
    """Give each method and path."""
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            yield method.upper(), path
    yield from HIDDEN


def path_of(template: str) -> str:
    """Return a path of a template, whose ids are ID."""
    path = template.replace("{number}", "99").replace("{kind}", "image").replace("{name}", "page.js")
    return path.replace("{item_id}", ID).replace("{user_id}", ID)

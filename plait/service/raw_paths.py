"""Raw paths: routes are matched before percent signs are decoded, so that an id may hold a slash."""

from typing import Annotated, TypeAlias
from urllib.parse import unquote

from fastapi import Path
from pydantic import AfterValidator
from starlette.types import Receive, Scope, Send

from plait.service.http_layer import HttpLayer
from plait.service.schemas.form import MOST_ID


class RawPaths(HttpLayer):
    """Gives the routes the path as it was sent: `/v1/items/a%2Fb` has one item id, `a%2Fb`, not two parts."""

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope.get("raw_path"):
            scope["path"] = scope["raw_path"].decode("latin-1")
        await self._app(scope, receive, send)


def decoded(text: str) -> str:
    """Return an id that came percent-encoded. Raises ValueError for what is no printable text in UTF-8, or too long."""
    try:
        found = unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise ValueError("expected UTF-8, percent-encoded") from error
    if not found.isprintable():
        raise ValueError("expected printable text")
    if len(found) > MOST_ID:
        raise ValueError(f"expected at most {MOST_ID:,} characters")
    return found


ItemId: TypeAlias = Annotated[
    str, Path(description="The item's id, percent-encoded.", examples=["item-17"]), AfterValidator(decoded)
]
UserId: TypeAlias = Annotated[
    str, Path(description="The user's id, percent-encoded.", examples=["anna"]), AfterValidator(decoded)
]

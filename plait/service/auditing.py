"""Auditing: each write that reaches its route is noted before it is answered."""

import logging
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from plait import audit
from plait.service.http_layer import HttpLayer
from plait.service.logs import route_of
from plait.service.scopes import COLLECT, SCOPES, Scope
from plait.store import Store

LOGGER = logging.getLogger("plait.service")
SUBJECTS = {"user_id": "user", "item_id": "item"}


class Auditing(HttpLayer):
    """Notes who sent a write, under which request id, to which route, about what, and its status.

    Routes say in the state of a request how many things it is about (`counted`), and about whom beside the path
    (`subject`). What asks for the scopes `write` and `admin` is one, and what pages collect. A line that the disk
    refuses is told to the log, for what it is about has been done by then.
    """

    def __init__(self, app: ASGIApp, folder: Path, store: Store) -> None:
        super().__init__(app)
        self._folder = folder
        self._store = store

    async def answer(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        noted = False

        async def note(status: int) -> None:
            nonlocal noted
            noted = True
            if is_write(scope["method"], route_of(scope)):
                await run_in_threadpool(self._note, scope, status)

        async def audited(message: Message) -> None:
            if message["type"] == "http.response.start":
                await note(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, audited)
        except Exception:
            # Who answers for it stands further out; what it was about may have been done.
            if not noted:
                await note(500)
            raise

    def _note(self, scope: AsgiScope, status: int) -> None:
        state, given = scope.get("state", {}), scope.get("path_params", {})
        try:
            about: dict[str, Any] = {
                name: audit.hashed(self._store, unquote(str(given[param])))
                for param, name in SUBJECTS.items()
                if param in given
            }
            if "subject" in state:
                about["from"] = audit.hashed(self._store, state["subject"])
            if "number" in given:
                about["model"] = str(given["number"])[:10]
            audit.note(
                self._folder, f"{scope['method']} {route_of(scope)}", by=state.get("key", "-"),
                request_id=state.get("request_id", ""), status=status, **about, **state.get("counted", {}),
            )  # fmt: skip
        except Exception as error:
            fields = {"request_id": state.get("request_id", ""), "it": type(error).__name__}
            LOGGER.error("a write could not be audited", extra={"fields": fields})


def is_write(method: str, route: str) -> bool:
    """Return whether requests of a route are noted."""
    return SCOPES.get((method, route), Scope.READ) is not Scope.READ or (method, route) == COLLECT

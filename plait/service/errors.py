"""Errors: whatever goes wrong, as one shape of answer that names no file of this machine."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from embedders.media import MediaError
from plait.catalog import BadRows, RowError
from plait.errors import BadData, WrongCall
from plait.service.http_layer import HttpLayer
from plait.service.logs import without_quoted
from plait.service.messages import Clean
from plait.service.refusals import Refusal
from plait.service.request_ids import request_id_of

LOGGER = logging.getLogger("plait.service")
UNAVAILABLE_SECONDS = 5
SHOWN = 100
"""Problems that one answer names."""
CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 408: "too_slow_body", 413: "too_large"}
"""What is refused before it reaches a route."""
ROW = re.compile(r"row (\d+)")


def handle_errors(app: FastAPI, clean: Clean) -> None:
    """Let the application answer every error that a route raises."""

    async def answer(request: Request, error: Exception) -> Response:
        refusal = refusal_of(error)
        if refusal.status >= 500:
            said = without_quoted(str(error))
            LOGGER.warning("refused", extra={"fields": {"request_id": request_id_of(request), "said": said}})
        return told(refusal, request_id_of(request), clean)

    for kind in (Refusal, WrongCall, BadData, MediaError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)


class LastResort(HttpLayer):
    """Answers 500 for what nobody expected, and logs its trace; nothing of it is told."""

    def __init__(self, app: ASGIApp, clean: Clean) -> None:
        super().__init__(app)
        self._clean = clean

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            request_id = scope.get("state", {}).get("request_id", "")
            LOGGER.exception("failed", extra={"fields": {"request_id": request_id}})
            if begun:
                raise
            said = "the service failed; its log says more under this request_id"
            await told(Refusal(500, "failed", said), request_id, self._clean)(scope, receive, send)


def told(refusal: Refusal, request_id: str, clean: Clean) -> JSONResponse:
    """Return the answer that tells a refusal."""
    problems = [
        {name: clean(value) if isinstance(value, str) and name == "reason" else value for name, value in one.items()}
        for one in refusal.problems[:SHOWN]
    ]
    said: dict[str, Any] = {"code": refusal.code, "message": clean(refusal.message), "request_id": request_id}
    if problems:
        said["problems"] = problems
    return JSONResponse({"error": said}, refusal.status, refusal.headers)


def refusal_of(error: Exception) -> Refusal:
    """Return how an error is told. What a flow calls wrong is the caller's; bad data of no row is the workspace's."""
    match error:
        case Refusal():
            return error
        case RequestValidationError():
            return _invalid(error)
        case HTTPException():
            code = CODES.get(error.status_code, "refused")
            return Refusal(error.status_code, code, str(error.detail), headers=error.headers)
        case BadRows():
            return Refusal(422, "bad_rows", str(error), problems=[_row(one) for one in error.errors])
        case MediaError():
            return Refusal(422, "bad_medium", str(error))
        case WrongCall():
            return Refusal(422, "wrong_call", str(error))
        case _:
            return Refusal(503, "unavailable", str(error), retry_after=UNAVAILABLE_SECONDS)


def conflict(error: BadData) -> Refusal:
    """Return the refusal of a change that the state of the workspace does not allow now."""
    return Refusal(409, "conflict", str(error))


def bad_rows(error: BadRows, code: str, ids: Sequence[Mapping[str, str]]) -> Refusal:
    """Return the refusal of a batch that names each bad row by its index from 0 and the ids (n,) it came with."""
    problems = []
    for one in error.errors:
        index = _index(one)
        named = ids[index] if index is not None and index < len(ids) else {}
        problems.append({"index": index, **{name: value for name, value in named.items() if value}, **_row(one)})
    first = problems[0] if problems else {}
    what = " ".join(f"{name} {first[name]!r}" for name in ("event_id", "item_id") if name in first)
    where = f"index {first.get('index')}{what and ', ' + what}" if problems else ""
    message = f"{where}: {first['field'] and first['field'] + ' '}{first['reason']}" if problems else str(error)
    return Refusal(422, code, f"{message}; nothing was stored", problems=problems)


def _row(error: RowError) -> dict[str, Any]:
    return {"field": error.column, "reason": error.reason}


def _index(error: RowError) -> int | None:
    found = ROW.fullmatch(error.place)
    return int(found[1]) - 1 if found else None


def _invalid(error: RequestValidationError) -> Refusal:
    """Return what is wrong with the form of a request; what came is not repeated."""
    problems = []
    for one in error.errors():
        path = [str(part) for part in one["loc"]]
        named = _named(one["loc"], error.body)
        problems.append({**named, "field": ".".join(path), "reason": one["msg"]})
    first = problems[0]
    code = "bad_event" if "index" in first and "event_id" in first else "invalid"
    return Refusal(422, code, f"{first['field']}: {first['reason']}", problems=problems)


def _named(place: Sequence[Any], body: Any) -> dict[str, Any]:
    """Return index and ids of the event or item of a batch that a place in a body lies in."""
    if len(place) < 3 or place[0] != "body" or place[1] not in ("events", "items") or not isinstance(place[2], int):
        return {}
    index, batch = place[2], body.get(place[1]) if isinstance(body, dict) else None
    one = batch[index] if isinstance(batch, list) and index < len(batch) else None
    name = "event_id" if place[1] == "events" else "item_id"
    given = one.get(name) if isinstance(one, dict) else None
    return {"index": index, name: given if isinstance(given, str) and given.isprintable() else ""}

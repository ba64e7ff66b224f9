"""Logs: a line of JSON for each request and each event of the server; never a key, a body or a query."""

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plait.service.http_layer import HttpLayer
from plait.service.metrics import Metrics

QUOTED = re.compile(r"(?<!\w)(['\"]).*\1", re.DOTALL)
"""From the first quote to the last one of its kind, as an id may hold quotes itself."""
LOGGER = logging.getLogger("plait.service")


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON, with the fields that it was given, and where an error was raised."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields: Mapping[str, Any] = getattr(record, "fields", {})
        line = {
            "time": round(record.created, 3), "level": record.levelname.lower(), "event": record.getMessage(), **fields,
        }  # fmt: skip
        if record.exc_info and record.exc_info[1]:
            line["trace"] = trace_of(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def trace_of(error: BaseException) -> str:
    """Return where an error and its causes were raised, and of which kinds they are.

    What they say is left out: it may name who asked, or what.
    """
    told = list[str]()
    each: BaseException | None = error
    while each is not None:
        told.insert(0, f"{''.join(traceback.format_tb(each.__traceback__))}{type(each).__name__}")
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return "\n".join(told)


def without_quoted(text: str) -> str:
    """Return a message without what stands in quotes: the ids and texts that it is about."""
    return QUOTED.sub("'...'", text)


def write_to_stderr() -> None:
    """Let this process write the service's log, and the server's own, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name, level in (("plait.service", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)


class RequestLog(HttpLayer):
    """Logs and counts each request when its answer has been sent: method, route, status, milliseconds, request id."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        super().__init__(app)
        self._metrics = metrics

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        began, status = time.perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - began
            route = route_of(scope)
            self._metrics.observe(scope["method"], route, status, seconds)
            state = scope.get("state", {})
            fields = {
                "method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1e3, 1),
                "request_id": state.get("request_id", ""),
                **({"trace_id": state["trace_id"]} if "trace_id" in state else {}),
            }  # fmt: skip
            if tenant := scope.get("state", {}).get("tenant"):
                fields["tenant"] = tenant
            LOGGER.info("request", extra={"fields": fields})


def route_of(scope: Scope) -> str:
    """Return the template of the route that a request took, never its ids; "unmatched" where it took none."""
    return str(getattr(scope.get("route"), "path", "unmatched"))

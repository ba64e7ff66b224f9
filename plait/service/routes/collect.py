"""Collecting: the script, and the public way in for its events and nothing else."""

import hmac
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import JsonValue, ValidationError
from starlette.responses import JSONResponse, Response

from plait.counts import EventTally
from plait.service.collect.script import script
from plait.service.documented import READS, refuses
from plait.service.etags import named
from plait.service.rates import Rate
from plait.service.refusals import Refusal
from plait.service.routes.events import rows_of
from plait.service.schemas import EventIn
from plait.service.schemas.collect import CollectAnswer, CollectedEvent, CollectRequest
from plait.service.serving import Serves

router = APIRouter(prefix="/v1", tags=["collecting"])
MOST_BYTES = 262_144
"""Of a batch that is collected: a hundred events are far smaller."""
JAVASCRIPT = "text/javascript; charset=utf-8"
TEXT = {"type": "string", "description": "A CollectRequest as JSON."}
BODY = {"requestBody": {"required": True, "content": {"text/plain": {"schema": TEXT}}}}


@router.get(
    "/collect.js", response_class=Response,
    responses={200: {"content": {JAVASCRIPT: {"schema": {"type": "string"}}}},
               304: {"description": "It has not changed."}, **refuses(500)},
)  # fmt: skip
async def collect_js(if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """Give the script for web pages."""
    content, etag = script()
    headers = {
        "ETag": etag, "Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    if if_none_match is not None and named(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=JAVASCRIPT, headers=headers)


@router.post(
    "/collect", response_model=CollectAnswer, responses=refuses(400, 403, 413, *READS), openapi_extra=BODY
)  # fmt: skip
async def collect(request: Request, serves: Serves, origin: Annotated[str, Header()] = "") -> JSONResponse:
    """Record events of a web page, each `event_id` once; one that cannot be recorded does not stop the others.

    The body is read as JSON whatever its type, so that a browser sends it without asking first.
    """
    settings = serves.settings
    if not ("*" in settings.collect_origins or origin in settings.collect_origins):
        raise Refusal(403, "origin_not_allowed", "[service] collect_origins of plait.toml does not name this origin")
    shared = {"Access-Control-Allow-Origin": origin or "*", "Vary": "Origin"}
    sender, rate = request.client.host if request.client else "", Rate(settings.collect_per_minute, 60)
    # Whatever comes costs its sender something, and is small: anybody may send to this route, and the loop reads it.
    if wait := serves.collected.wait(sender, rate, time.monotonic()):
        raise Refusal(429, "too_many", "too many events from one address", retry_after=wait, headers=shared)
    try:
        asked = CollectRequest.model_validate_json(await _body(request, shared))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise Refusal(422, "bad_event", f"{place}: {first['msg']}", headers=shared) from error
    if not hmac.compare_digest(asked.key.encode(), settings.collect_key.encode()):
        raise Refusal(403, "wrong_key", "key: not that of [service] collect_key of plait.toml", headers=shared)
    serves.collected.charge(sender, max(0, len(asked.events) - 1))
    request.state.counted = {"events": len(asked.events)}
    now = time.time()
    events = _readable(asked.events, now)
    told = {"accepted": 0, "duplicates": 0, "refused": len(asked.events) - len(events)}
    if rows := rows_of(events, now=now):

        def record() -> EventTally:
            serves.quotas.check_events(len(rows))
            return serves.recommender.record(rows, on_error="skip")

        tally = await serves.writes.run(record)
        serves.count(rows, tally)
        told["refused"] += tally.rejected
        told |= {"accepted": tally.accepted, "duplicates": tally.duplicates}
    return JSONResponse(told, headers=shared)


async def _body(request: Request, headers: Mapping[str, str]) -> bytes:
    """Return the body. Raises Refusal, 413, where it is larger than MOST_BYTES."""
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > MOST_BYTES:
            raise Refusal(413, "too_large", f"the request is larger than {MOST_BYTES} bytes", headers=headers)
    return bytes(read)


def _readable(sent: Sequence[JsonValue], now: float) -> list[EventIn]:
    """Return the events that can be read; what a visitor's clock puts into the future happens now."""
    read = []
    for one in sent:
        with suppress(ValidationError):
            event = CollectedEvent.model_validate(one)
            read.append(EventIn.model_validate({**event.model_dump(), "timestamp": min(event.timestamp, now)}))
    return read

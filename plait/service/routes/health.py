"""Health: whether the service lives, whether it can answer, and what it counts."""

import asyncio
import time

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from plait.service.access import Keyring
from plait.service.documented import READS, refuses
from plait.service.metrics import CONTENT_TYPE
from plait.service.refusals import Refusal
from plait.service.schemas import Health, Ready
from plait.service.serving import Serves

router = APIRouter(tags=["state"])


@router.get("/health", response_model=Health, responses=refuses(500))
async def health() -> JSONResponse:
    """Say that the service lives."""
    return JSONResponse({"status": "ok"})


@router.get("/ready", response_model=Ready, responses=refuses(*READS))
async def ready(request: Request, serves: Serves) -> JSONResponse:
    """Say that the snapshot is loaded and the encoders are warm; 503 with the reason until then."""
    keyring: Keyring | None = request.app.state.keyring
    if serves.warmth.reason:
        raise Refusal(503, "not_ready", serves.warmth.reason, retry_after=1)
    try:
        model = await serves.readiness.name(seconds=serves.settings.seconds)
    except TimeoutError:
        raise Refusal(503, "not_ready", "the workspace does not answer", retry_after=1) from None
    keyed = keyring is not None and await keyring.keys(time.monotonic()) is not None
    return JSONResponse({"status": "ready", "model": model, "keyed": keyed})


@router.get(
    "/metrics",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **refuses(401, 403, 429, 500)},
)
async def metrics(serves: Serves) -> Response:
    """Give what this service counts, all of its workers together, as Prometheus reads it."""
    return Response(await asyncio.to_thread(serves.watch.text), headers={"Content-Type": CONTENT_TYPE})

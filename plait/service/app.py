"""The application: the routes over an open workspace, and what every request passes on its way to them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from plait.recommender import Recommender
from plait.service import page_files, page_routes
from plait.service.access import KEY_HEADER, Access, Keyring
from plait.service.auditing import Auditing
from plait.service.body_limit import BodyLimit
from plait.service.body_time import BodyTime
from plait.service.connections import BOUNDS, bounds_of
from plait.service.errors import LastResort, handle_errors
from plait.service.headers import SafeHeaders
from plait.service.keys import read_keys
from plait.service.logs import RequestLog
from plait.service.rates import Rate
from plait.service.raw_paths import RawPaths
from plait.service.request_ids import HEADER, RequestIds
from plait.service.routes import ROUTERS
from plait.service.serving import serving
from plait.service.tracing import spans_of
from plait.service_settings import Service
from plait.tenants import UNBOUNDED, Quota

ABOUT = """Search, similar items, recommendations with reasons, and what people do with them.

Ids in paths are percent-encoded, slashes too. Every answer has an `X-Request-ID`; every refusal of a route is
`{"error": {"code", "message", "request_id", "problems"}}`. Writes may be sent again: an event counts once by its
`event_id`, and an item put twice is put once.
"""

ALLOWED = ("Authorization", KEY_HEADER, "Content-Type", "If-Match", "If-None-Match", HEADER)
"""Headers that a page of another origin may send."""


def create_app(
    recommender: Recommender, settings: Service | None = None, *, keyed: bool = True, warm: bool = False,
    tenant: str = "", quota: Quota = UNBOUNDED,
) -> FastAPI:  # fmt: skip
    """Return the service of an open workspace, as its plait.toml says unless `settings` do.

    Where keys were made for it they are asked for, unless it is not `keyed`. One that is to be `warm` takes no
    connection before everything is loaded, or could not be at the first try. Metrics name a `tenant`, who may store no
    more than a `quota`.
    """
    settings = settings or recommender.workspace.config.service
    spans = spans_of(settings)
    serves = serving(recommender, settings, tenant=tenant, quota=quota)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        serves.warmth.begin()
        if warm:
            await asyncio.to_thread(serves.warmth.await_first)
        serves.watch.begin()
        try:
            yield {BOUNDS: bounds_of(settings)}
        finally:
            close()

    def close() -> None:
        """Let what has begun end; for an application within another, which has no life of its own."""
        serves.close()
        if spans is not None:
            spans.close()

    app = FastAPI(
        title="Plait", version=version("plait"), description=ABOUT, lifespan=lifespan,
        redirect_slashes=False, docs_url=None, redoc_url=None,
    )  # fmt: skip
    app.state.serving = serves
    app.state.close = close
    handle_errors(app, serves.clean)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(page_routes.router)
    app.include_router(page_files.router)
    # The last one added is the first one met.
    app.add_middleware(BodyLimit, most=settings.max_body_bytes)
    app.add_middleware(BodyTime, seconds=settings.body_seconds)
    if settings.audit:
        app.add_middleware(Auditing, folder=recommender.workspace.folder, store=recommender.workspace.store)
    app.state.keyring = keyring = Keyring(partial(read_keys, recommender.workspace.store)) if keyed else None
    rate = Rate.parse(settings.rate) if settings.rate else None
    app.add_middleware(Access, keyring=keyring, rate=rate, clean=serves.clean)
    app.add_middleware(LastResort, clean=serves.clean)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=settings.origins, allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
            allow_headers=ALLOWED, expose_headers=(HEADER, "ETag", "Retry-After"),
        )  # fmt: skip
    app.add_middleware(SafeHeaders)
    app.add_middleware(RequestLog, metrics=serves.watch.metrics)
    if spans is not None:
        from plait.service.spans import Traced

        app.add_middleware(Traced, spans=spans)
    app.add_middleware(RequestIds)
    app.add_middleware(RawPaths)
    return app


def app_of(folder: Path, *, keyed: bool = True, warm: bool = False) -> FastAPI:
    """Return the service of the workspace in a folder; what each process of `plait serve` begins with."""
    # No answer waits for what is published: it is loaded by a thread.
    return create_app(Recommender.open(folder, beside=True), keyed=keyed, warm=warm)

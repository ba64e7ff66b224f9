"""Front: what a service of tenants answers by itself: the page's files, collect.js, whether it lives, refusals."""

from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from plait.service import page_files
from plait.service.access import refused_key
from plait.service.errors import LastResort, handle_errors
from plait.service.headers import SafeHeaders
from plait.service.logs import RequestLog
from plait.service.messages import cleaner
from plait.service.metrics import Metrics
from plait.service.raw_paths import RawPaths
from plait.service.request_ids import RequestIds
from plait.service.routes.collect import collect_js

METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]


def front_of(folder: Path) -> FastAPI:
    """Return the application that answers what is no tenant's."""
    app, clean = FastAPI(docs_url=None, redoc_url=None, openapi_url=None), cleaner([(folder, "the tenants' folder")])
    handle_errors(app, clean)

    @app.get("/health")
    async def health() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @app.get("/ready")
    async def ready() -> JSONResponse:
        return JSONResponse({"status": "ready"})

    app.include_router(page_files.router)
    app.add_api_route("/v1/collect.js", collect_js)

    @app.api_route("/{rest:path}", methods=METHODS)
    async def refused(request: Request) -> JSONResponse:
        raise request.scope["state"].get("refusal") or refused_key()

    app.add_middleware(LastResort, clean=clean)
    app.add_middleware(SafeHeaders)
    app.add_middleware(RequestLog, metrics=Metrics())
    app.add_middleware(RequestIds)
    app.add_middleware(RawPaths)
    return app

"""Docs: the routes as a page, drawn here from OpenAPI; nothing of it comes from elsewhere."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from plait.service.docs_page import page_of

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Show the page."""
    return HTMLResponse(page_of(request.app.openapi()))

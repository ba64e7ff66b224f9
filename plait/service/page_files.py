"""Page files: the page at / and what it is made of, all from this package; `headers` has the policy."""

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from plait.service.etags import named

FOLDER = Path(__file__).parent / "page"
TYPES = {
    ".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml",
}  # fmt: skip
# Asked for again each time, and answered with 304: a newer service never meets an older page.
HEADERS = {"Cache-Control": "no-cache"}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def page(request: Request) -> Response:
    """Give the page."""
    return _file(request, FOLDER / "index.html")


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    """Give one of the page's files. Raises HTTPException, 404, for any other name."""
    known = {path.name: path for path in FOLDER.iterdir() if path.suffix in TYPES}
    if name not in known:
        raise HTTPException(404, "the page has no such file")
    return _file(request, known[name])


def _file(request: Request, path: Path) -> Response:
    answer = FileResponse(path, media_type=TYPES[path.suffix], stat_result=path.stat(), headers=HEADERS)
    if_none_match = request.headers.get("if-none-match")
    if if_none_match is not None and named(if_none_match, answer.headers.get("etag")):
        return Response(status_code=304, headers={"ETag": answer.headers["etag"], **HEADERS})
    return answer

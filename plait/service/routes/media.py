"""Media: the pictures and sounds of items, as their files are."""

from mimetypes import guess_type
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from starlette.responses import FileResponse, Response

from embedders.items import media_paths
from plait.service.catalogue import stored_or_missing
from plait.service.documented import READS, refuses
from plait.service.etags import named
from plait.service.raw_paths import ItemId
from plait.service.refusals import missing
from plait.service.serving import Serves, Serving

router = APIRouter(prefix="/v1/items", tags=["items"])
SHOWN = ("image/", "audio/", "video/ogg")
Range = Annotated[str | None, Header(alias="Range", description="Bytes of the file, as HTTP says.")]
UNKNOWN = "application/octet-stream"
BINARY = {"content": {UNKNOWN: {"schema": {"type": "string", "format": "binary"}}}}


@router.get(
    "/{item_id}/media/{kind}", response_class=FileResponse,
    responses={
        **refuses(404, *READS), 200: {"description": "The file.", **BINARY},
        206: {"description": "The range of it.", **BINARY}, 304: {"description": "It has not changed."},
        400: {"description": "The range cannot be read."}, 416: {"description": "The range lies outside the file."},
    },
)  # fmt: skip
async def medium(
    item_id: ItemId, kind: Literal["image", "audio"], serves: Serves,
    number: Annotated[int, Query(ge=1, le=1_000, description="Which of several.")] = 1,
    if_none_match: Annotated[str | None, Header()] = None, byte_range: Range = None,
) -> Response:  # fmt: skip
    """Give a picture or a sound of an item; parts of it by `Range`."""
    path = await serves.answers.run(lambda: _file(serves, item_id, kind, number))
    # With the time and size of the file, as Starlette names it.
    answer = FileResponse(path, media_type=_type(path), stat_result=path.stat(), headers=HEADERS)
    if if_none_match is not None and named(if_none_match, answer.headers.get("etag")):
        return Response(status_code=304, headers={"ETag": answer.headers["etag"], **HEADERS})
    return answer


HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"}


def _file(serving: Serving, item_id: str, kind: str, number: int) -> Path:
    """Return the file of a medium. Raises Refusal, 404, where the item has none or the file is gone."""
    item = stored_or_missing(serving, item_id).item
    paths = media_paths(getattr(item, kind))
    if number > len(paths) or not Path(paths[number - 1]).is_file():
        raise missing(f"{kind} {number} of item", item_id)
    return Path(paths[number - 1])


def _type(path: Path) -> str:
    """Return the type of a medium: a picture or a sound, or bytes, never a page that a browser would run."""
    kind = guess_type(path.name)[0] or UNKNOWN
    return kind if kind.startswith(SHOWN) and kind != "image/svg+xml" else UNKNOWN

"""Cold start: what an item that nobody has met is like, and whom it suits."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from plait.flows.cold_start import ColdStart
from plait.service.bodies import json_or_form
from plait.service.documented import SENDS, refuses
from plait.service.schemas import ColdStartAnswer, ColdStartRequest
from plait.service.schemas.cold_start import Value
from plait.service.serving import Serves
from plait.service.uploads import Uploads, received

router = APIRouter(prefix="/v1", tags=["cold start"])


@router.post(
    "/cold-start", response_model=ColdStartAnswer, responses=refuses(*SENDS),
    openapi_extra=json_or_form(ColdStartRequest),
)  # fmt: skip
async def cold_start(request: Request, serves: Serves) -> JSONResponse:
    """Say what a new item is like, and whom it suits; as a form there may be its picture and its sound."""
    async with received(request, ColdStartRequest, serves) as (asked, media):
        answer = await serves.slow.run(lambda: _answered(serves, asked, media))
    return JSONResponse({**answer.to_json(), "notes": list(answer.notes)})


def _answered(serves: Serves, asked: ColdStartRequest, media: Uploads) -> ColdStart:
    return serves.recommender.cold_start(
        title=asked.title, description=asked.description, image=media.image, audio=media.audio,
        attributes=_as_texts(asked.attributes), limit=asked.limit, offset=asked.offset, where=asked.where,
    )  # fmt: skip


def _as_texts(attributes: Mapping[str, Value]) -> dict[str, str]:
    """Return attributes as a table would hold them."""
    texts = {}
    for name, value in attributes.items():
        if isinstance(value, list):
            texts[name] = "|".join(value)
        else:
            texts[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return texts

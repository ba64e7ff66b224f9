"""Search: by words, a picture, a sound, examples."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from plait.flows.search import Query
from plait.selection import Selection
from plait.service.bodies import json_or_form
from plait.service.documented import SENDS, refuses
from plait.service.schemas import RankingAnswer, SearchRequest
from plait.service.serving import SearchTerms, Serves
from plait.service.uploads import received

router = APIRouter(prefix="/v1", tags=["search"])


@router.post(
    "/search", response_model=RankingAnswer, responses=refuses(*SENDS), openapi_extra=json_or_form(SearchRequest)
)
async def search(request: Request, serves: Serves) -> JSONResponse:
    """Find items by words, a picture, a sound, examples, or all of them; `parts` are what each strand adds.

    As a form, `image` and `audio` are files; fields that are lists or objects are JSON.
    """
    async with received(request, SearchRequest, serves) as (asked, media):
        query = Query(
            "", asked.text, media.image, media.audio, tuple(asked.like), tuple(asked.unlike), asked.user_id or ""
        )
        terms = SearchTerms(
            Selection(asked.limit, asked.offset, asked.where, language=asked.explain or ""),
            None if asked.weights is None else dict(sorted(asked.weights.items())),
        )
        searches = serves.media_searches if media.image or media.audio else serves.searches
        # A picture does not wait for the sounds of others.
        key = f"{terms!r} {bool(media.image)} {bool(media.audio)}"
        return JSONResponse((await searches.ask(key, terms, query)).to_json())

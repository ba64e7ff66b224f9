"""Items: shown, added, changed, removed; what goes with one, and whom it suits."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import JSONResponse

from plait.flows.with_words import items_with_words
from plait.kind import Kind
from plait.recommender import Recommender
from plait.selection import Selection
from plait.service.catalogue import change_item, item_answer, items_changed, remove_item, stored_or_missing
from plait.service.content_types import ONLY_JSON
from plait.service.documented import READS, SENDS, refuses
from plait.service.etags import IfMatch, IfNoneMatch, etag_of, named
from plait.service.raw_paths import ItemId
from plait.service.schemas import (
    AudienceAnswer,
    ItemAnswer,
    ItemChange,
    ItemIn,
    ItemPage,
    ItemsChanged,
    ItemsRequest,
    RankingAnswer,
)
from plait.service.schemas.form import Limit, Offset, Text, Where
from plait.service.schemas.rankings import Language
from plait.service.serving import Serves

router = APIRouter(prefix="/v1/items", tags=["items"])
Words = Annotated[Text, Query(description="Words that stand in the items.")]


@router.get("", response_model=ItemPage, responses=refuses(*READS))
async def items(serves: Serves, query: Words = "", limit: Limit = 10, offset: Offset = 0) -> JSONResponse:
    """List items by id, or those that have at least one of some words, the best first; `total` counts either."""
    return JSONResponse(await serves.answers.run(lambda: _page(serves.recommender, query.strip(), limit, offset)))


def _page(recommender: Recommender, words: str, limit: int, offset: int) -> dict[str, Any]:
    store = recommender.workspace.store
    item_ids: Sequence[str]
    if words:
        item_ids, total = items_with_words(recommender.live.refresh(), words, limit=limit, offset=offset)
    else:
        item_ids, total = store.page_of_ids(limit, offset), store.item_count()
    stored = store.items_by_id(item_ids)
    shown = [item_answer(stored[item_id].item) for item_id in item_ids if item_id in stored]
    return {"items": shown, "total": total, "notes": []}


@router.post("", response_model=ItemsChanged, responses=refuses(*SENDS), dependencies=[ONLY_JSON])
async def add_items(asked: ItemsRequest, request: Request, serves: Serves) -> JSONResponse:
    """Add items, or replace those that are there: all of them or none."""
    rows = [{"item_id": one.item_id, **one.row()} for one in asked.items]
    request.state.counted = {"items": len(rows)}
    return JSONResponse(await serves.writes.run(lambda: items_changed(serves, rows)))


@router.get(
    "/{item_id}", response_model=ItemAnswer,
    responses={**refuses(404, *READS), 304: {"description": "It is the one that If-None-Match names."}},
)  # fmt: skip
async def item(item_id: ItemId, serves: Serves, if_none_match: IfNoneMatch = None) -> Response:
    """Show an item as it is stored, with its ETag."""
    stored = await serves.answers.run(lambda: stored_or_missing(serves, item_id))
    etag = etag_of(stored)
    if if_none_match is not None and named(if_none_match, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return JSONResponse(item_answer(stored.item), headers={"ETag": etag})


@router.put("/{item_id}", response_model=ItemsChanged, responses=refuses(412, *SENDS), dependencies=[ONLY_JSON])
async def put_item(
    item_id: ItemId, asked: ItemIn, serves: Serves, if_match: IfMatch = None, if_none_match: IfNoneMatch = None
) -> JSONResponse:
    """Make an item, or replace the whole of it. Sent again it changes nothing."""
    changed, etag = await serves.writes.run(
        lambda: change_item(serves, item_id, asked, (if_match, if_none_match), whole=True)
    )
    return JSONResponse(changed, headers={"ETag": etag})


@router.patch("/{item_id}", response_model=ItemsChanged, responses=refuses(404, 412, *SENDS), dependencies=[ONLY_JSON])
async def patch_item(item_id: ItemId, asked: ItemChange, serves: Serves, if_match: IfMatch = None) -> JSONResponse:
    """Change the given fields of an item; nothing is encoded unless its content changed."""
    changed, etag = await serves.writes.run(lambda: change_item(serves, item_id, asked, (if_match, None), whole=False))
    return JSONResponse(changed, headers={"ETag": etag})


@router.delete("/{item_id}", response_model=ItemsChanged, responses=refuses(404, 412, *READS))
async def delete_item(item_id: ItemId, serves: Serves, if_match: IfMatch = None) -> JSONResponse:
    """Remove an item; its events stay."""
    return JSONResponse(await serves.writes.run(lambda: remove_item(serves, item_id, if_match)))


@router.get("/{item_id}/similar", response_model=RankingAnswer, responses=refuses(404, *READS))
async def similar(
    item_id: ItemId, serves: Serves, kind: Literal["content", "bought-together", "next"] = "content",
    limit: Limit = 10, offset: Offset = 0, where: Where = "", explain: Language | None = None,
) -> JSONResponse:  # fmt: skip
    """Find items like an item by content, or what people bought together with it or liked next."""
    selection = Selection(limit, offset, where, language=explain or "")

    def answer() -> dict[str, Any]:
        stored_or_missing(serves, item_id)
        return serves.recommender.similar_items([item_id], selection, kind=Kind(kind))[0].to_json()

    return JSONResponse(await serves.answers.run(answer))


@router.get("/{item_id}/audience", response_model=AudienceAnswer, responses=refuses(404, *READS))
async def audience(item_id: ItemId, serves: Serves, limit: Limit = 10, offset: Offset = 0) -> JSONResponse:
    """Find the users whom an item suits best, of those who have not met it."""

    def answer() -> dict[str, Any]:
        stored_or_missing(serves, item_id)
        return serves.recommender.audience(item_id, limit=limit, offset=offset).to_json()

    return JSONResponse(await serves.slow.run(answer))

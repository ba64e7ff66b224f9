"""Page routes: what the page asks beside the contract: many items at once, user ids, the map, quality, vital signs."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from plait.flows.catalogue_map import CatalogueMap
from plait.flows.quality import quality
from plait.flows.vital_signs import vital_signs
from plait.recommender import Recommender
from plait.service.catalogue import item_answer
from plait.service.documented import READS, refuses
from plait.service.schemas.form import Id, Limit, Offset, Text
from plait.service.schemas.page import CardsAnswer, LiveAnswer, MapAnswer, QualityAnswer, UsersAnswer
from plait.service.serving import Serves

MOST_CARDS = 200
Cards = Annotated[list[Id], Query(max_length=MOST_CARDS, description="Items; repeat it.")]
Part = Annotated[Text, Query(description="What the ids hold, in any case.")]
By = Annotated[Text, Query(description="The column that colours the items; by default the first that groups them.")]


router = APIRouter(prefix="/v1", tags=["page"])


@router.get("/cards", response_model=CardsAnswer, responses=refuses(*READS))
async def cards(serves: Serves, item_id: Cards = []) -> JSONResponse:  # noqa: B006 - fastapi copies it
    """Show many items at once, in the order asked; ids that are no item's are left out."""
    return JSONResponse(await serves.answers.run(lambda: _cards(serves.recommender, item_id)))


@router.get("/users", response_model=UsersAnswer, responses=refuses(*READS))
async def users(serves: Serves, query: Part = "", limit: Limit = 20, offset: Offset = 0) -> JSONResponse:
    """List ids of users in order, those that hold a text."""
    return JSONResponse(await serves.answers.run(lambda: _users(serves.recommender, query, limit, offset)))


@router.get("/map", response_model=MapAnswer, responses=refuses(*READS))
async def catalogue_map(serves: Serves, by: By = "") -> JSONResponse:
    """Lay the catalogue out on a plane: the first two principal components of the items' vectors."""
    return JSONResponse(_map_told(await serves.slow.run(lambda: serves.drawer.draw(by.strip()))))


@router.get("/quality", response_model=QualityAnswer, responses=refuses(*READS))
async def catalogue_quality(serves: Serves) -> JSONResponse:
    """Say what items lack, which nearly stand twice, and what the log is made of."""
    return JSONResponse((await serves.slow.run(partial(quality, serves.recommender.live))).to_json())


@router.get("/live", response_model=LiveAnswer, responses=refuses(*READS))
async def live(serves: Serves) -> JSONResponse:
    """Say how the service does now: clicks, recall on a sample, what no snapshot holds yet."""
    signs = await serves.slow.run(partial(vital_signs, serves.recommender.live))
    names = ("model", "items", "shown", "clicked", "recall", "changes")
    return JSONResponse({name: getattr(signs, name) for name in names} | {"strands": list(signs.strands)})


def _cards(recommender: Recommender, item_ids: list[str]) -> dict[str, Any]:
    stored = recommender.workspace.store.items_by_id(item_ids)
    return {"items": [item_answer(stored[item_id].item) for item_id in dict.fromkeys(item_ids) if item_id in stored]}


def _users(recommender: Recommender, part: str, limit: int, offset: int) -> dict[str, Any]:
    found = [user_id for user_id in recommender.user_ids() if part.strip().casefold() in user_id.casefold()]
    return {"users": found[offset : offset + limit], "total": len(found)}


def _map_told(drawn: CatalogueMap) -> dict[str, Any]:
    points = [
        {"item_id": item_id, "title": title, "x": round(x, 5), "y": round(y, 5), "group": group}
        for item_id, title, (x, y), group in zip(
            drawn.item_ids, drawn.titles, drawn.places.tolist(), drawn.groups, strict=True
        )
    ]
    return {"points": points, "by": drawn.by, "columns": list(drawn.columns)}

"""Users: what is known of them, taken out again, or moved to who they turned out to be; and what to ask new ones."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from plait.errors import BadData
from plait.service.content_types import ONLY_JSON
from plait.service.documented import READS, SENDS, refuses
from plait.service.errors import conflict
from plait.service.raw_paths import UserId
from plait.service.schemas import Erased, Merged, MergeRequest, ProfileAnswer, RankingAnswer, UserDataAnswer
from plait.service.schemas.form import Limit, Offset, Where
from plait.service.serving import Serves

router = APIRouter(prefix="/v1", tags=["users"])


@router.get("/users/{user_id}/profile", response_model=ProfileAnswer, responses=refuses(*READS))
async def profile(user_id: UserId, serves: Serves, limit: Limit = 10) -> JSONResponse:
    """Show what a taste is made of, and what lies nearest to it; an unknown user has an empty one, and a note."""
    found = await serves.answers.run(lambda: serves.recommender.profile(user_id, limit=limit))
    return JSONResponse({**found.to_json(), "notes": list(found.notes)})


@router.get("/users/{user_id}/data", response_model=UserDataAnswer, responses=refuses(*READS))
async def user_data(user_id: UserId, serves: Serves) -> JSONResponse:
    """Give all that is stored of a user: attributes, relations, events, exposures."""
    return JSONResponse(await serves.slow.run(lambda: serves.recommender.user_data(user_id)))


@router.delete("/users/{user_id}", response_model=Erased, responses=refuses(409, *READS))
async def erase(user_id: UserId, serves: Serves) -> JSONResponse:
    """Remove a user from every file of the workspace. Sent again it finishes what was left."""

    def erased() -> dict[str, Any]:
        try:
            answer = serves.recommender.erase(user_id)
        except BadData as error:
            raise conflict(error) from error
        names = [Path(name).name for name in answer["backups"]]
        return {**answer, "backups": names, "notes": [serves.clean(note) for note in answer["notes"]]}

    return JSONResponse(await serves.slow.run(erased))


@router.post(
    "/users/{user_id}/merge", response_model=Merged, responses=refuses(*SENDS), dependencies=[ONLY_JSON]
)  # fmt: skip
async def merge(user_id: UserId, asked: MergeRequest, request: Request, serves: Serves) -> JSONResponse:
    """Let what was done under another id be this user's, as on login. Sent again it moves what came since."""
    request.state.subject = asked.anonymous_id
    moved = await serves.writes.run(lambda: serves.recommender.merge_user(asked.anonymous_id, user_id))
    return JSONResponse({"user_id": user_id, "moved": moved})


@router.get("/onboarding", response_model=RankingAnswer, responses=refuses(*READS))
async def onboarding(serves: Serves, limit: Limit = 5, offset: Offset = 0, where: Where = "") -> JSONResponse:
    """Choose the few items to ask a new user about; the answers are events like any others."""
    found = await serves.slow.run(lambda: serves.recommender.onboard(limit=limit, offset=offset, where=where))
    return JSONResponse(found.to_json())

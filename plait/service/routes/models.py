"""Models: which there are, and which of them answers."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import JSONResponse

from plait.errors import BadData
from plait.service.documented import READS, refuses
from plait.service.errors import conflict
from plait.service.refusals import missing
from plait.service.schemas import ModelsAnswer, Moved
from plait.service.serving import Serves, Serving

router = APIRouter(prefix="/v1/models", tags=["models"])
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The model's number.")]


@router.get("", response_model=ModelsAnswer, responses=refuses(*READS))
async def models(serves: Serves) -> JSONResponse:
    """Tell of each trained model: where it comes from, what was measured at its birth, whether it answers."""
    found = await serves.answers.run(serves.recommender.models)
    return JSONResponse({"models": [{**one, "problem": serves.clean(one["problem"])} for one in found]})


@router.post("/rollback", response_model=Moved, responses=refuses(409, *READS))
async def rollback(serves: Serves) -> JSONResponse:
    """Take the last training or promotion back."""
    return JSONResponse(await serves.slow.run(lambda: _moved(serves, serves.recommender.rollback)))


@router.post("/{number}/promote", response_model=Moved, responses=refuses(404, 409, *READS))
async def promote(number: Number, serves: Serves) -> JSONResponse:
    """Let a model answer from the next question on, for good."""

    def promoted() -> dict[str, Any]:
        if all(one["number"] != number for one in serves.recommender.models()):
            raise missing("model", str(number))
        return _moved(serves, lambda: serves.recommender.promote(number))

    return JSONResponse(await serves.slow.run(promoted))


def _moved(serving: Serving, move: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        answer = move()
    except BadData as error:
        raise conflict(error) from error
    return {**answer, "notes": [serving.clean(note) for note in answer["notes"]]}

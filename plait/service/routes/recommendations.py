"""Recommendations: to a user, written down as shown, and "what if", which writes nothing."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from plait.exposing import Exposing
from plait.list_rules import ListRules
from plait.ranking import Ranking
from plait.recommender import Recommender
from plait.selection import Selection
from plait.service.content_types import ONLY_JSON
from plait.service.documented import READS, SENDS, refuses
from plait.service.raw_paths import UserId
from plait.service.refusals import Refusal
from plait.service.schemas import RankingAnswer, RecommendRequest
from plait.service.schemas.form import MOST_IDS, Id, Limit, Offset, Where
from plait.service.schemas.rankings import Language
from plait.service.serving import RecommendTerms, Serves

router = APIRouter(prefix="/v1", tags=["recommendations"])

Excluded = Annotated[list[Id], Query(max_length=MOST_IDS, description="Items to leave out; repeat it.")]
MaxPer = Annotated[list[str], Query(max_length=32, description="ATTRIBUTE=N: at most N items a value; repeat it.")]
Diversity = Annotated[float | None, Query(ge=0, le=1, description="How much the items are to differ.")]


@router.get("/users/{user_id}/recommendations", response_model=RankingAnswer, responses=refuses(*READS))
async def recommend(
    user_id: UserId, serves: Serves, limit: Limit = 10, offset: Offset = 0, where: Where = "",
    exclude: Excluded = [], diversity: Diversity = None, max_per: MaxPer = [],  # noqa: B006 - fastapi copies them
    group_by: str | None = None, include_seen: bool = False, explain: Language | None = None,
    log_exposure: bool = True,
) -> JSONResponse:  # fmt: skip
    """Recommend items to a user. What is shown is written down under the `recommendation_id` that events then name.

    An unknown user is no error: popular items, and a note.
    """
    terms = RecommendTerms(
        Selection(limit, offset, where, language=explain or ""),
        ListRules(diversity, _counts(max_per), group_by, tuple(exclude)), Exposing(log_exposure), include_seen,
    )  # fmt: skip
    return JSONResponse((await serves.recommendations.ask(repr(terms), terms, user_id)).to_json())


@router.post("/recommendations", response_model=RankingAnswer, responses=refuses(*SENDS), dependencies=[ONLY_JSON])
async def what_if(asked: RecommendRequest, serves: Serves) -> JSONResponse:
    """Recommend to a user, or to somebody who is only imagined: a history, a description, a group, a basket.

    Nothing is written.
    """
    ranking = await serves.answers.run(lambda: imagined(serves.recommender, asked))
    return JSONResponse(ranking.to_json())


def imagined(recommender: Recommender, asked: RecommendRequest) -> Ranking:
    """Return what a request asks for. Raises WrongCall."""
    seen = asked.include_seen
    selection = Selection(asked.limit, asked.offset, asked.where, language=asked.explain or "")
    rules = ListRules(asked.diversity, asked.max_per, asked.group_by, asked.exclude)
    if asked.user_id is not None:
        return recommender.recommend_users([asked.user_id], selection, rules, include_seen=seen)[0]
    if asked.history is not None:
        return recommender.recommend_history(asked.history, selection, rules, include_seen=seen)
    if asked.describe is not None:
        return recommender.recommend_description(asked.describe, selection, rules)
    options: dict[str, Any] = {
        "limit": asked.limit, "offset": asked.offset, "where": asked.where, "language": asked.explain,
        "diversity": asked.diversity, "max_per": asked.max_per, "group_by": asked.group_by, "exclude": asked.exclude,
    }  # fmt: skip
    if asked.group is not None:
        return recommender.recommend_group(asked.group, strategy=asked.strategy, include_seen=seen, **options)
    if asked.session_id is not None:
        return recommender.recommend_session(asked.session_id, include_seen=seen, **options)
    return recommender.recommend_basket(asked.basket or (), **options)


def _counts(texts: Sequence[str]) -> dict[str, int]:
    """Return each ATTRIBUTE=N as a pair. Raises Refusal for anything else."""
    counts = {}
    for text in texts:
        name, _, count = text.rpartition("=")
        if not (name and count.isascii() and count.isdecimal() and len(count) < 10):
            raise Refusal(422, "invalid", f"query.max_per: {text[:80]!r}; expected ATTRIBUTE=N")
        counts[name] = int(count)
    return counts

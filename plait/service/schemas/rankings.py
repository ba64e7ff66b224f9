"""Rankings: items in an order, with what makes their scores."""

from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from plait.service.schemas.form import Answered, Id, Ids, Limit, Offset, Sent, Text, Where

Language = Literal["en", "zh"]
ASKERS = ("user_id", "history", "describe", "group", "session_id", "basket")


class ReasonAnswer(Answered):
    """An item of the user's history that speaks for a recommendation, with its share of the attention."""

    item_id: str
    attention: float


class Ranked(Answered):
    """One place of a ranking; `parts` sum to the score, or to its logit where the model's name says so."""

    rank: int
    item_id: str
    score: float
    title: str
    parts: dict[str, float]
    because: list[ReasonAnswer]
    sentence: str = ""


class RankingAnswer(Answered):
    """Items in the order shown, the state that answered, and what the caller should know."""

    items: list[Ranked]
    model: str = Field(examples=["index 4, model 7"])
    notes: list[str]
    user_id: str = ""
    query_id: str = ""
    recommendation_id: str = ""


class RecommendRequest(Sent):
    """A "what if": exactly one of whom it is for, and what the list is to be like. Nothing is written."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"history": ["item-3", "item-9"], "limit": 5}, {"describe": "slow jazz"}]}
    )

    user_id: Id | None = None
    history: Ids | None = Field(default=None, min_length=1, description="Items somebody liked, oldest first.")
    describe: Text | None = Field(default=None, min_length=1, description="A taste in words.")
    group: Ids | None = Field(default=None, min_length=1, description="Users who want something together.")
    session_id: Id | None = None
    basket: Ids | None = Field(default=None, min_length=1)
    strategy: Literal["average", "least-misery", "most-pleasure"] = "average"
    limit: Limit = 10
    offset: Offset = 0
    where: Where = ""
    exclude: Ids = ()
    diversity: float | None = Field(default=None, ge=0, le=1)
    max_per: dict[str, int] = Field(default_factory=dict)
    group_by: Text | None = None
    include_seen: bool = False
    explain: Language | None = None

    @model_validator(mode="after")
    def _one_asker(self) -> Self:
        given = [name for name in ASKERS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"expected exactly one of {', '.join(ASKERS)}; got {', '.join(given) or 'none'}")
        return self


class SuitedAnswer(Answered):
    """A user whom an item suits."""

    user_id: str
    score: float
    parts: dict[str, float]


class AudienceAnswer(Answered):
    """The users whom an item suits best, of those who have not met it."""

    item_id: str
    audience: list[SuitedAnswer]
    model: str
    notes: list[str] = Field(default_factory=list)

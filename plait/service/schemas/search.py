"""Search: what is looked for."""

from typing import Annotated, Self, TypeAlias

from pydantic import ConfigDict, Field, model_validator

from plait.service.schemas.form import Id, Ids, Limit, Offset, Sent, Text, Where
from plait.service.schemas.rankings import Language

Weights: TypeAlias = dict[str, Annotated[float, Field(ge=0)]]


class SearchRequest(Sent):
    """Words, examples, or both; sent as a form there may be a picture and a sound beside them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": "a warm red scarf", "limit": 10, "where": "price < 50", "weights": {"text": 1}}]
        }
    )

    text: Text = ""
    like: Ids = Field(default=(), description="Items it should be like.")
    unlike: Ids = Field(default=(), description="Items it should not be like.")
    user_id: Id | None = Field(default=None, description="Who searches: their taste counts as well.")
    limit: Limit = 10
    offset: Offset = 0
    where: Where = ""
    weights: Weights | None = Field(default=None, description="Weights of text, image, audio and lexical.")
    explain: Language | None = None

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if set(self.like) & set(self.unlike):
            raise ValueError("an item is both to be like and unlike")
        return self

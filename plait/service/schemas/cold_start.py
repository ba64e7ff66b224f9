"""Cold start: an item that nobody has met."""

from typing import TypeAlias

from pydantic import ConfigDict, Field

from plait.service.schemas.form import Answered, Limit, Offset, Sent, Text, Where
from plait.service.schemas.rankings import Ranked, SuitedAnswer

Value: TypeAlias = str | int | float | bool | list[str]


class ColdStartRequest(Sent):
    """What a new item is; sent as a form there may be its picture and its sound."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Linen shirt", "description": "Light, for summer", "attributes": {"categories": "shirts"}}
            ]
        }
    )

    title: Text = ""
    description: Text = ""
    attributes: dict[str, Value] = Field(default_factory=dict)
    limit: Limit = 10
    offset: Offset = 0
    where: Where = Field(default="", description="Which items may be similar.")


class ColdStartAnswer(Answered):
    """What it is like, and whom it suits."""

    similar: list[Ranked]
    audience: list[SuitedAnswer]
    notes: list[str] = Field(default_factory=list)

"""Items: what there is to recommend."""

import re
from typing import Annotated, Any, TypeAlias

from pydantic import ConfigDict, Field, model_validator

from plait.service.schemas.form import MOST_ITEMS, MOST_TEXT, Answered, Id, Sent

Long: TypeAlias = Annotated[str, Field(max_length=20 * MOST_TEXT)]
Value: TypeAlias = str | int | float | bool | list[str] | None
FIELDS = ("title", "description", "image", "audio", "categories", "created_at")
NAME = re.compile(r"\S(.{0,198}\S)?")
"""What an attribute may be called: the name of a column, without blanks around it."""


class ItemChange(Sent):
    """Fields of an item, each replaced by what stands here; `image` and `audio` are paths in the media folder.

    Other keys are attributes, as the columns of a table are; `attributes` may hold them as well.
    """

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"title": "Linen shirt", "description": "Light.", "attributes": {"price": 39.5}}],
            "propertyNames": {"pattern": f"^{NAME.pattern}$"},
            "additionalProperties": {
                "anyOf": [
                    {"type": "string"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"},
                    {"type": "array", "items": {"type": "string"}},
                ]
            },
        },
    )  # fmt: skip
    __pydantic_extra__: dict[str, Value] = Field(init=False)

    item_id: Id | None = None
    title: Long | None = None
    description: Long | None = None
    image: str | list[str] | None = None
    audio: str | list[str] | None = None
    categories: str | list[str] | None = None
    created_at: float | str | None = Field(default=None, description="Unix seconds or ISO 8601.")
    attributes: dict[str, Value] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _attributes_fit(self) -> "ItemChange":
        own = {"item_id", *FIELDS}
        for name in (*self.attributes, *self.__pydantic_extra__):
            if not (NAME.fullmatch(name) and name.isprintable()):
                raise ValueError(f"{name[:80]!r} is no name of an attribute")
        twice = sorted(set(self.attributes) & (own | set(self.__pydantic_extra__)))
        if twice:
            raise ValueError(f"{twice[0]} stands among the attributes and beside them")
        return self

    def row(self) -> dict[str, Any]:
        """Return what was given as a row of a table, without the id."""
        given = {name: getattr(self, name) for name in FIELDS if name in self.model_fields_set}
        return {**given, **self.attributes, **self.__pydantic_extra__}


class ItemIn(ItemChange):
    """A whole item: what is not given it does not have."""


class ItemRow(ItemChange):
    """A whole item of a batch."""

    item_id: Id


class ItemsRequest(Sent):
    """A batch of items, of which all are stored or none."""

    items: list[ItemRow] = Field(max_length=MOST_ITEMS)


class ItemsChanged(Answered):
    """Items by what was done to them, and how many contents were encoded for that."""

    items: dict[str, int] = Field(examples=[{"added": 1, "updated": 0, "unchanged": 0, "removed": 0, "rejected": 0}])
    encoded: dict[str, int] = Field(examples=[{"text": 1, "image": 0, "audio": 0}])
    events: dict[str, int]
    notes: list[str] = Field(default_factory=list)


class Media(Answered):
    """Addresses of an item's pictures and sounds."""

    image: list[str]
    audio: list[str]


class ItemAnswer(Answered):
    """An item as it is stored."""

    item_id: str
    title: str
    description: str
    categories: list[str]
    created_at: float | None
    attributes: dict[str, str | float | list[str]]
    media: Media


class ItemPage(Answered):
    """Some items, and how many there are: in the catalogue, or with the words asked for."""

    items: list[ItemAnswer]
    total: int
    notes: list[str] = Field(default_factory=list)

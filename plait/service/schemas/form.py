"""What all that is sent and answered has in common: its form, and the bounds of texts and numbers."""

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST_SHOWN = 1_000
MOST_OFFSET = 100_000
MOST_TEXT = 10_000
MOST_IDS = 1_000
MOST_ID = 1_000
"""Characters of an id."""
MOST_EVENTS = 10_000
MOST_ITEMS = 1_000

WRITTEN = r"^[^\x00]*$"
"""No NUL, which no store keeps."""
Id: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=MOST_ID, pattern=WRITTEN)]
Text: TypeAlias = Annotated[str, StringConstraints(max_length=MOST_TEXT, pattern=WRITTEN)]
Where: TypeAlias = Annotated[str, StringConstraints(max_length=2_000, pattern=WRITTEN)]
Ids: TypeAlias = Annotated[tuple[Id, ...], Field(max_length=MOST_IDS)]
Limit: TypeAlias = Annotated[int, Field(ge=1, le=MOST_SHOWN)]
Offset: TypeAlias = Annotated[int, Field(ge=0, le=MOST_OFFSET)]


class Sent(BaseModel):
    """What is sent: what it does not know is refused, for it would be lost."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Answered(BaseModel):
    """What is answered; a later version may say more."""

    model_config = ConfigDict(frozen=True, extra="allow")

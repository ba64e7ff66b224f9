"""How every error is told."""

from pydantic import Field

from plait.service.schemas.form import Answered


class Problem(Answered):
    """One thing that is wrong; of a batch, with the index from 0 of the event or item, and its id."""

    field: str = Field(default="", examples=["item_id"])
    reason: str = Field(examples=["'item-99' is no item of the store"])
    index: int | None = None
    event_id: str = ""
    item_id: str = ""


class RefusedDetail(Answered):
    """Why a request was refused."""

    code: str = Field(examples=["bad_event"])
    message: str = Field(examples=["index 3, event_id 'e-3': item_id 'item-99' is no item of the store"])
    request_id: str = Field(examples=["5f2b1c9d8e7a6b40"])
    problems: list[Problem] = Field(default_factory=list)


class Refused(Answered):
    """The answer to every request that is refused."""

    error: RefusedDetail

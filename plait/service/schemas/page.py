"""Page: what the page shows beside what every client asks for."""

from pydantic import Field

from plait.service.schemas.form import Answered
from plait.service.schemas.items import ItemAnswer


class CardsAnswer(Answered):
    """Items by id, those that there are."""

    items: list[ItemAnswer]


class UsersAnswer(Answered):
    """Some users, and how many there are."""

    users: list[str]
    total: int


class MapPoint(Answered):
    """An item's place on the plane, and the value that colours it."""

    item_id: str
    title: str
    x: float
    y: float
    group: str


class MapAnswer(Answered):
    """The catalogue on a plane; `by` is the column that colours it, `columns` are those that could."""

    points: list[MapPoint]
    by: str
    columns: list[str]


class Lacking(Answered):
    """How many items lack something, and the first of them."""

    count: int
    items: list[str]


class Duplicates(Answered):
    """Pairs of items that are nearly the same."""

    count: int
    pairs: list[list[str]]


class QualityAnswer(Answered):
    """What the catalogue lacks, and what the log is made of."""

    items: int
    users: int
    lacking: dict[str, Lacking]
    duplicates: Duplicates
    events: dict[str, int]


class LiveAnswer(Answered):
    """How the service does now; `recall` is of the index, on a sample."""

    model: str
    items: int
    shown: int
    clicked: int
    recall: float = Field(ge=0, le=1)
    changes: int = Field(description="Changes of the store that no snapshot of the index holds yet.")
    strands: list[str]

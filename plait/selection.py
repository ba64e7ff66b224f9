"""Selection: which items may be ranked, and which part of the ranking is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from plait.errors import WrongCall


@dataclass(frozen=True, slots=True)
class Selection:
    """Ranks `offset + 1 .. offset + limit` among the items that pass `where` and stand in `candidates`.

    `where` is an expression of plait.where ("" for all items); `candidates` None means the whole catalogue, and ids
    the catalogue does not know are passed over. Raises WrongCall for a limit below 1 or an offset below 0.
    """

    limit: int = 10
    offset: int = 0
    where: str = ""
    candidates: Sequence[str] | None = None

    def __post_init__(self) -> None:
        if self.limit < 1:
            raise WrongCall(f"limit {self.limit}: expected a number from 1")
        if self.offset < 0:
            raise WrongCall(f"offset {self.offset}: expected a number from 0")

    @property
    def depth(self) -> int:
        """How many ranks must be known to show this part."""
        return self.offset + self.limit

    @property
    def is_whole(self) -> bool:
        """Whether every item of the catalogue is eligible."""
        return not self.where and self.candidates is None


class SelectionOptions(TypedDict, total=False):
    """The same as keyword arguments of a call; what is left out has Selection's default."""

    limit: int
    offset: int
    where: str | None
    candidates: Sequence[str] | None


def selection_of(options: SelectionOptions) -> Selection:
    """Return the selection that keyword arguments ask for. Raises WrongCall."""
    return Selection(
        options.get("limit", 10), options.get("offset", 0), options.get("where") or "", options.get("candidates")
    )

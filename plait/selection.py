"""Selection: which items may be ranked, and which part of the ranking is wanted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from plait.errors import WrongCall
from plait.sentences.templates import Language


@dataclass(frozen=True, slots=True)
class Selection:
    """Ranks `offset + 1 .. offset + limit` among the items that pass `where` and stand in `candidates`.

    `where` is an expression of plait.where ("" for all items); `candidates` None means the whole catalogue, and ids
    the catalogue does not know are passed over. With a `language`, each item has a sentence in it that says why it is
    shown, see plait.sentences. Raises WrongCall for a limit below 1, an offset below 0 and an unknown language.
    """

    limit: int = 10
    offset: int = 0
    where: str = ""
    candidates: Sequence[str] | None = None
    language: str = ""

    def __post_init__(self) -> None:
        if self.limit < 1:
            raise WrongCall(f"limit {self.limit}: expected a number from 1")
        if self.offset < 0:
            raise WrongCall(f"offset {self.offset}: expected a number from 0")
        if self.language and self.language not in list(Language):
            raise WrongCall(f"language {self.language!r}: expected one of {', '.join(Language)}")

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
    language: str | None


def selection_of(options: SelectionOptions, *, also: Iterable[str] = ()) -> Selection:
    """Return the selection that keyword arguments ask for; `also` are the names of others that the call takes.

    Raises WrongCall, for a name that is no option too: a misspelt one would be lost.
    """
    known = SelectionOptions.__optional_keys__ | frozenset(also)
    for name in options:
        if name not in known:
            raise WrongCall(f"{name} is no option; expected some of {', '.join(sorted(known))}")
    return Selection(
        options.get("limit", 10), options.get("offset", 0), options.get("where") or "", options.get("candidates"),
        options.get("language") or "",
    )  # fmt: skip

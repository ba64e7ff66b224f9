"""Reading rows: each becomes a value, or an error that says where and why."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from embedders.items import AttributeValue
from plait.attributes import AttributeType, typed
from plait.errors import BadData
from plait.tables import Row, Rows

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that cannot be used: where it stands and why; `column` is "" where the whole row is meant."""

    source: str
    place: str
    column: str
    reason: str

    def __str__(self) -> str:
        """Return the error in one line."""
        where = f"{self.source}, {self.place}"
        line = f"{where}, column {self.column}: {self.reason}" if self.column else f"{where}: {self.reason}"
        return " ".join(line.split())


class BadRows(BadData):
    """Rows that were refused, so that nothing of their table was stored; `errors` are all of them, in order."""

    def __init__(self, message: str, errors: Sequence[RowError] = ()) -> None:
        super().__init__(message, [str(error) for error in errors] if len(errors) > 1 else [])
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What came of one row: a value or an error, and where the row stands.

    `cleaned` names the columns out of whose text HTML was taken.
    """

    place: str
    value: T | None = None
    error: RowError | None = None
    cleaned: tuple[str, ...] = ()


class Refused(ValueError):  # noqa: N818 - what happened to the cell, not an error of the program
    """A cell that cannot be used; the message says why."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def read_row(source: str, row: Row, read: Callable[[Row], T]) -> Read[T]:
    """Return what `read` makes of a row, an error where it raises Refused or the row has a problem already."""
    if row.problem:
        return Read(row.place, error=RowError(source, row.place, row.column, row.problem))
    try:
        return Read(row.place, read(row))
    except Refused as refusal:
        return Read(row.place, error=RowError(source, row.place, refusal.column, str(refusal)))


def read_all(rows: Rows, read: Callable[[Row], T]) -> Iterator[Read[T]]:
    """Read each row."""
    return (read_row(rows.name, row, read) for row in rows)


def all_values(reads: Iterable[Read[T]]) -> list[T]:
    """Return every value. Raises BadData with the first error where there is any."""
    values, errors = [], []
    for read in reads:
        if read.error is not None:
            errors.append(read.error)
        elif read.value is not None:
            values.append(read.value)
    if errors:
        more = f" (and {len(errors) - 1} more rows)" if len(errors) > 1 else ""
        raise BadData(f"{errors[0]}{more}")
    return values


def needed(row: Row, column: str) -> str:
    """Return a cell that may not be empty. Raises Refused."""
    text = row.text(column)
    if not text:
        raise Refused(column, "empty")
    return text


def parsed(column: str, parse: Callable[[], T]) -> T:
    """Return what `parse` returns. Raises Refused where it raises ValueError."""
    try:
        return parse()
    except ValueError as error:
        raise error if isinstance(error, Refused) else Refused(column, str(error)) from error


def typed_values(row: Row, types: Mapping[str, AttributeType]) -> dict[str, AttributeValue]:
    """Return the attributes a row has. Raises Refused for a value that is not of its column's type."""
    values = {}
    for name, kind in types.items():
        try:
            value = typed(row.cells.get(name), kind)
        except ValueError as error:
            raise Refused(name, str(error)) from error
        if value is not None:
            values[name] = value
    return values

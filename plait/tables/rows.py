"""Row and Rows: what is read out of a table, and the table that can be read again and again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plait.errors import BadData
from plait.tables.cells import Cell, cell_of


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `place` says where it stands, such as "line 7", as an editor counts lines.

    A row that cannot be read has no cells; then `problem` says why, and `column` where ("" for the whole row).
    """

    place: str
    cells: Mapping[str, Cell]
    column: str = ""
    problem: str = ""

    def text(self, column: str) -> str:
        """Return a cell as text without blanks around it, "" where it is empty or absent."""
        cell = self.cells.get(column)
        if not cell:
            return ""
        return cell.strip() if isinstance(cell, str) else "|".join(cell)


@dataclass(frozen=True, slots=True)
class Rows:
    """A table that can be read again and again; `name` stands in errors, `folder` is where relative paths begin."""

    name: str
    columns: tuple[str, ...]
    folder: Path
    _read: Callable[[], Iterator[Row]]

    def __iter__(self) -> Iterator[Row]:
        """Iterate over the rows. Raises BadData where the table itself breaks off."""
        return self._read()

    def require(self, *alternatives: str) -> None:
        """Raise BadData unless at least one of the columns is there."""
        if not set(alternatives) & set(self.columns):
            expected = " or ".join(alternatives)
            raise BadData(f"{self.name}: no column {expected}; it has {', '.join(self.columns) or 'none'}")


def row_of(place: str, values: Mapping[str, object]) -> Row:
    """Return a row of values of any type."""
    cells: dict[str, Cell] = {}
    for column, value in values.items():
        if isinstance(value, str) and value.isprintable():
            # What nearly all cells are: of this nothing can be spoilt, and it is told in one step.
            cells[column] = value
            continue
        try:
            cells[column] = cell_of(value)
        except ValueError as error:
            return Row(place, {}, column, str(error))
    return Row(place, cells)


def checked_columns(source: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns without blanks around them.

    Raises BadData, that begins with `source`, for a column that has no name, stands twice or is not UTF-8.
    """
    columns = tuple(name.strip() for name in names)
    for number, column in enumerate(columns, start=1):
        try:
            cell_of(column)
        except ValueError as error:
            raise BadData(f"{source}: the name of column {number}: {error}") from error
        if not column:
            raise BadData(f"{source}: column {number} has no name; expected a header with the names of the columns")
        if column in columns[: number - 1]:
            raise BadData(f"{source}: the column {column} stands twice")
    return columns

"""Queries out of a table: words, pictures and sounds to search for."""

from dataclasses import dataclass
from pathlib import Path

from plait.catalog.reading import Refused, all_values, needed, read_all
from plait.tables import Row, Table, open_table


@dataclass(frozen=True, slots=True)
class QueryRow:
    """What is searched for: words, the path of a picture, the path of a sound, "" for none of it."""

    query_id: str
    text: str = ""
    image: str = ""
    audio: str = ""


def read_queries(table: Table) -> list[QueryRow]:
    """Return the queries of a table, in its order; media are looked for beside the table.

    Raises WrongCall for a missing file, BadData for missing columns and for the first row whose id is missing or comes
    twice, that is empty, or whose picture or sound is absent.
    """
    rows = open_table(table, "queries")
    rows.require("query_id")
    rows.require("text", "image", "audio")

    seen: dict[str, str] = {}

    def read(row: Row) -> QueryRow:
        query_id = needed(row, "query_id")
        first = seen.setdefault(query_id, row.place)
        if first != row.place:
            raise Refused("query_id", f"{query_id!r} stands at {first} already")
        image, audio = (_path(rows.folder, row, column) for column in ("image", "audio"))
        if not (row.text("text") or image or audio):
            raise Refused("", "empty; expected text, image or audio")
        return QueryRow(query_id, row.text("text"), image, audio)

    return all_values(read_all(rows, read))


def _path(folder: Path, row: Row, column: str) -> str:
    text = row.text(column)
    if not text:
        return ""
    path = folder / text
    if not path.is_file():
        raise Refused(column, f"{text} is absent or no regular file")
    return str(path)

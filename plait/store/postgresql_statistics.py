"""Statistics: values that PostgreSQL's planner keeps of tables; ANALYZE makes them anew, but not of an empty one."""

import secrets
from collections.abc import Sequence

from sqlalchemy import Column, Connection, String, Table, delete, insert, select

from plait.store.schema import metadata


def forget_empty(connection: Connection, names: Sequence[str]) -> None:
    """Let nothing be kept of the rows that the tables had which are empty by now, inside a writing transaction."""
    tables = [table for table in metadata.sorted_tables if table.name in names]
    empty = [table.name for table in tables if connection.execute(select(table).limit(1)).first() is None]
    if not empty:
        return
    # Of a table without rows ANALYZE leaves what it knew. So it is shown a row of no meaning, in each of them, as some
    # refer to others; nobody else ever sees these.
    mark = secrets.token_hex(16)
    for table in tables:
        connection.execute(insert(table).values({c.name: mark if _is_text(c) else -1 for c in table.c}))
    connection.exec_driver_sql(f"ANALYZE {', '.join(empty)}")
    for table in reversed(tables):
        connection.execute(delete(table).where(_first_text(table) == mark))


def _is_text(column: "Column[object]") -> bool:
    return isinstance(column.type, String)


def _first_text(table: Table) -> "Column[object]":
    return next(column for column in table.c if _is_text(column))

"""Database: what a store asks of the database that holds it; one module a kind."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection


class Database(Protocol):
    """Transactions, and all that databases do each in their own way.

    Safe to use from many threads. Whatever the database refuses is raised as BadData, one line.
    """

    @property
    def place(self) -> str:
        """What messages call it; no password is in it."""

    def exists(self) -> bool:
        """Return whether there is what may be a store."""

    def prepare(self, connection: Connection) -> None:
        """Make the place for tables, inside a writing transaction, where a kind of database needs one."""

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction that has the write lock from its start and is durable when the block ends."""

    def reading(self) -> AbstractContextManager[Connection]:
        """One transaction that sees one moment of the store."""

    def quick(self, statement: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Return all rows of one short statement as tuples; `?` marks a parameter."""

    def sequence(self) -> int:
        """Return the number of the last change."""

    def now(self) -> float:
        """Return Unix seconds by the one clock of all who use the store."""

    def problems(self) -> list[str]:
        """Return one line for each thing that the database's own check finds wrong."""

    def copy_to(self, path: Path) -> None:
        """Write one moment of the store to `path`, a file of SQLite by itself, without holders of leases."""

    def forget_deleted(self) -> bool:
        """Let what was deleted be gone for good; False while others read what was before."""

    def close(self) -> None:
        """Close what no transaction is using; the next use opens again."""

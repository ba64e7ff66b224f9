"""Marks: statements given to a driver as they are, with the marks for parameters that it knows."""

from functools import cache

from sqlalchemy import Connection


@cache
def percent_marks(statement: str) -> str:
    """Return a statement in which `%s` stands for each `?`."""
    return statement.replace("%", "%%").replace("?", "%s")


def marked(statement: str, connection: Connection) -> str:
    """Return a statement with `?` for its parameters as the driver of a connection takes it."""
    return statement if connection.dialect.paramstyle == "qmark" else percent_marks(statement)

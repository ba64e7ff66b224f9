"""What can be found wrong with a store on PostgreSQL: by the server's own checks, and by reading all."""

from collections.abc import Iterator

from sqlalchemy import Connection, inspect

from plait.store.schema import metadata

SETTINGS = ("fsync", "full_page_writes")
"""Without which a server may lose, with the power, what it has said is stored."""
FAILURES = "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()"
INVALID = (
    "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid "
    "WHERE relnamespace = current_schema()::regnamespace AND NOT (indisvalid AND indisready) ORDER BY 1"
)
TREES = (
    "SELECT pg_class.oid::regclass::text FROM pg_class JOIN pg_am ON pg_am.oid = relam "
    "WHERE relnamespace = current_schema()::regnamespace AND relkind = 'i' AND amname = 'btree' ORDER BY 1"
)
AMCHECK = (
    "SELECT nspname FROM pg_proc JOIN pg_extension ON extname = 'amcheck' JOIN pg_namespace ON pg_namespace.oid = "
    "extnamespace WHERE proname = 'bt_index_check' AND pronamespace = extnamespace "
    "AND has_schema_privilege(extnamespace, 'USAGE') AND has_function_privilege(pg_proc.oid, 'EXECUTE') LIMIT 1"
)


def problems_of(connection: Connection) -> list[str]:
    """Return one line for each problem, inside a reading transaction.

    A page that cannot be read ends it: the server's refusal is raised. Indexes are compared with their tables where the
    extension amcheck is there and may be used.
    """
    found = [*_settings(connection), *_shape(connection), *_rows(connection)]
    _check_indexes(connection)
    return found


def _settings(connection: Connection) -> Iterator[str]:
    for name in SETTINGS:
        if connection.exec_driver_sql(f"SHOW {name}").scalar() != "on":
            yield f"the server runs with {name} = off: what was stored may be lost with the power"
    if failures := connection.exec_driver_sql(FAILURES).scalar():
        yield f"the server counts {failures} pages of the database that fail their checksums"


def _shape(connection: Connection) -> Iterator[str]:
    found = inspect(connection)
    there = set(found.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in there:
            yield f"the table {table.name} is missing"
            continue
        columns = {column["name"] for column in found.get_columns(table.name)}
        indexes = {index["name"] for index in found.get_indexes(table.name)}
        yield from (f"{table.name} lacks the column {one.name}" for one in table.columns if one.name not in columns)
        yield from (f"{table.name} lacks the index {one.name}" for one in table.indexes if one.name not in indexes)
    for name in connection.exec_driver_sql(INVALID).scalars():
        yield f"the index {name} is not valid: REINDEX makes it anew"


def _rows(connection: Connection) -> Iterator[str]:
    """Read every value of every row, in whatever order the table has them."""
    there = set(inspect(connection).get_table_names())
    for table in metadata.sorted_tables:
        if table.name in there:
            every = f"SELECT count(*), sum(length(row_read::text)) FROM {table.name} AS row_read"  # noqa: S608 - constants
            rows = connection.exec_driver_sql(every).one()[0]
            if table.name == "counter" and rows != 1:
                yield f"the counter has {rows} rows; expected one"


def _check_indexes(connection: Connection) -> None:
    """Raise what amcheck finds first."""
    home = connection.exec_driver_sql(AMCHECK).scalar()
    if home is None:
        return
    for name in connection.exec_driver_sql(TREES).scalars().all():
        connection.exec_driver_sql(f'SELECT "{home}".bt_index_check(%s::regclass, true)', (name,))

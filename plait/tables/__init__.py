"""Tables: rows of text out of CSV, Parquet, JSONL, lists of dicts and data frames, read as a stream."""

from plait.tables.cells import Cell, cell_of
from plait.tables.opening import Table, open_table
from plait.tables.rows import Row, Rows

__all__ = ["Cell", "Row", "Rows", "Table", "cell_of", "open_table"]

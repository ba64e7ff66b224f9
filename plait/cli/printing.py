"""What commands print: JSON for programs, tables for people."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from plait.output import Key, write_rankings
from plait.ranking import Ranking

TITLE_WIDTH = 48
SHOWN_REASONS = 2


def print_json(answer: object) -> None:
    """Print one JSON document, the only thing on standard output."""
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")


def say(text: str) -> None:
    """Print a line for people on standard output."""
    sys.stdout.write(text + "\n")


def say_at_once(text: str) -> None:
    """Print a line for people, and for a program that waits for it."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Print a note on standard error, where it disturbs no program that reads the answer."""
    sys.stderr.write(f"plait: {text}\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print a table; numbers stand to the right. Titles and cells are plain text, whatever they hold."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title) if title else None, title_justify="left", box=None, pad_edge=False)
    cells = [list(row) for row in rows]
    for place, name in enumerate(columns):
        numeric = bool(cells) and all(isinstance(row[place], int | float) for row in cells)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(_shown(cell)) for cell in row))
    Console(soft_wrap=not sys.stdout.isatty()).print(table)


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.4f}"
    return str(cell)


def print_rankings(rankings: Sequence[Ranking], *, as_json: bool, output: Path | None, key: Key, single: bool) -> None:
    """Print rankings, or write them to `output`; notes go to standard error.

    `single` prints one ranking as an object, otherwise a list of them.
    """
    for ranking in rankings:
        for text in ranking.notes:
            note(text)
    if output is not None:
        count = write_rankings(output, rankings, key=key)
        note(f"{count} rows written to {output}")
    if as_json:
        answers: list[dict[str, Any]] = [ranking.to_json() for ranking in rankings]
        print_json(answers[0] if single else answers)
    elif output is None:
        for ranking in rankings:
            _print_ranking(ranking)


def _print_ranking(ranking: Ranking) -> None:
    reasons = any(item.because for item in ranking.items)
    pairs = any(item.pair for item in ranking.items)
    members = any(item.member for item in ranking.items)
    told = any(item.sentence for item in ranking.items)
    columns = ["rank", "item_id", "title", "score", "parts"] + ["because of"] * reasons + ["pair"] * pairs
    columns += ["parts of"] * members + ["told"] * told
    rows = []
    for item in ranking.items:
        parts = ", ".join(f"{name} {value:+.2f}" for name, value in item.parts.items() if value)
        row: list[object] = [item.rank, item.item_id, item.title[:TITLE_WIDTH], item.score, parts]
        if reasons:
            row.append(", ".join(f"{r.item_id} ({r.attention:.0%})" for r in item.because[:SHOWN_REASONS]))
        if pairs:
            row.append(", ".join(f"{name} {value:.4g}" for name, value in item.pair.items()))
        if members:
            row.append(item.member)
        if told:
            row.append(item.sentence)
        rows.append(row)
    print_table(columns, rows, title=ranking.user_id or ranking.query_id)

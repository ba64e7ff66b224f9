"""The command that shows who changed what."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from plait.cli import options
from plait.cli.printing import print_json, print_table

SHOWN = ("what", "by", "status", "request_id")


def audit(
    workspace: options.Workspace,
    since: Annotated[
        str | None, typer.Option(help="Only what was done since: Unix seconds or ISO 8601.", metavar="TIME")
    ] = None,
    of: Annotated[
        str | None, typer.Option(help="Only what was done to the user or the item of this id.", metavar="ID")
    ] = None,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Show who changed what through the service, and which keys were made and removed, the oldest first."""
    from plait.audit import hashed, lines
    from plait.workspace import Workspace

    opened = Workspace.open(workspace)
    earliest = options.parse_moment(since, "--since") or float("-inf")
    name = None if of is None else hashed(opened.store, of)
    found = [
        dict(line)
        for line in lines(opened.folder)
        if line["at"] >= earliest and (name is None or name in (line.get("user"), line.get("item"), line.get("from")))
    ]
    if as_json:
        print_json({"audit": found})
    else:
        print_table(("at (UTC)", *SHOWN, "about"), [_shown(line) for line in found])


def _shown(line: dict[str, Any]) -> list[object]:
    about = [
        f"{name} {value[:12] if isinstance(value, str) else value}"
        for name, value in line.items()
        if name not in (*SHOWN, "at")
    ]
    when = datetime.fromtimestamp(line["at"], UTC).strftime("%Y-%m-%d %H:%M:%S")
    return [when, *(line.get(name, "") for name in SHOWN), ", ".join(about)]


COMMANDS = {"audit": audit}

"""Commands that look after a workspace: check, status, demo; and the program's version."""

from pathlib import Path
from typing import Annotated

import typer

from plait.cli import options
from plait.cli.printing import print_json, print_table, say


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version as installed

        say(f"plait {installed('plait')}")
        raise typer.Exit


def version(
    show: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Weave text, pictures and sound of your items into one index; search, recommend, learn."""


def check(
    workspace: options.Workspace,
    mend: Annotated[bool, typer.Option("--repair", help="Mend what is found; nothing stored is lost.")] = False,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Check that store, snapshots and checksums are whole and agree."""
    if mend:
        from plait.flows.repair import repair

        problems, mended = repair(workspace, seed=seed)
    else:
        from plait.flows.check import check as check_workspace

        problems, mended = check_workspace(workspace), []
    if as_json:
        print_json({"ok": not problems, "problems": problems, **({"mended": mended} if mend else {})})
    else:
        say("\n".join([*(f"mended: {line}" for line in mended), *(problems or ["ok"])]))
    raise typer.Exit(1 if problems else 0)


def status(workspace: options.Workspace, as_json: options.Json = False, seed: options.Seed = 0) -> None:
    """Say what a workspace holds."""
    from plait.flows.status import status as workspace_status

    answer = workspace_status(workspace)
    if as_json:
        print_json(answer)
    else:
        print_table(("what", "value"), list(answer.items()))


def demo(
    dataset: Annotated[str, typer.Option(help="studio, movies or both.")] = "both",
    workspace: Annotated[Path, typer.Option(help="Folder for the demo's workspaces.", metavar="DIR")] = Path(
        "workspaces"
    ),
    seed: options.Seed = 7,
) -> None:
    """Show Plait at work: on a catalogue made by code, and on MovieLens-100k."""
    from plait.demo import run_demo

    run_demo(dataset, workspace, seed=seed)


COMMANDS = {"check": check, "status": status, "demo": demo}

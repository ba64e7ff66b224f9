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


def status(
    workspace: options.Workspace,
    recall: Annotated[
        bool, typer.Option("--recall", help="Measure recall first; an index that finds too little is built anew.")
    ] = False,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Say what a workspace holds, and which share of the ten nearest items its searches were last found to find."""
    from plait.flows.status import status as workspace_status

    if recall:
        from plait.recommender import Recommender

        Recommender.open(workspace).watch_recall(seed=seed)
    answer = workspace_status(workspace)
    if as_json:
        print_json(answer)
        return
    measured = answer.pop("recall")
    table = list(answer.items())
    if measured is not None:
        recalled = "{recall:.4f} [{low:.4f}, {high:.4f}], index {index}".format(**measured)
        table += [("recall@10", recalled), *([("repaired", measured["did"])] if measured["did"] else [])]
    print_table(("what", "value"), table)


def demo(
    dataset: Annotated[str, typer.Option(help="studio, movies or both.")] = "both",
    workspace: Annotated[Path, typer.Option(help="Folder for the demo's workspaces.", metavar="DIR")] = Path(
        "workspaces"
    ),
    seed: options.Seed = 7,
    serve: Annotated[bool, typer.Option("--serve", help="Then serve its page until interrupted.")] = False,
    port: Annotated[
        int, typer.Option(help="The page's port, 0 for any free one.", metavar="P", min=0, max=65_535)
    ] = 8000,
) -> None:
    """Show Plait at work: on a catalogue made by code, and on MovieLens-100k."""
    from plait.demo import run_demo, served_workspace

    run_demo(dataset, workspace, seed=seed)
    if serve:
        from plait.cli.serving import serve as serve_workspace

        serve_workspace(served_workspace(dataset, workspace), port=port)


COMMANDS = {"check": check, "status": status, "demo": demo}

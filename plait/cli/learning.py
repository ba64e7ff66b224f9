"""Commands that learn and measure: record, train, evaluate."""

from pathlib import Path
from typing import Annotated

import typer

from plait.cli import options
from plait.cli.printing import note, print_json, print_table, say
from plait.errors import WrongCall


def record(
    workspace: options.Workspace,
    interactions: Annotated[Path | None, typer.Option(help="A table of interactions.", metavar="FILE")] = None,
    user: Annotated[str | None, typer.Option(help="One event: the user.", metavar="ID")] = None,
    item: Annotated[str | None, typer.Option(help="One event: the item.", metavar="ID")] = None,
    event: Annotated[str, typer.Option(help="One event: its type.")] = "click",
    value: Annotated[float | None, typer.Option(help="One event: dwell seconds, a rating, an amount.")] = None,
    at: Annotated[str | None, typer.Option(help="One event: its time; now by default.", metavar="TIME")] = None,
    as_json: options.Json = False,
    on_error: options.ErrorPolicy = options.OnError.STOP,
    seed: options.Seed = 0,
) -> None:
    """Record what users did; the very next answer knows it."""
    from plait.recommender import Recommender

    if (interactions is None) == (user is None or item is None):
        raise WrongCall("record takes either --interactions FILE or --user and --item")
    recommender = Recommender.open(workspace)
    if interactions is not None:
        tally = recommender.record(interactions, on_error=on_error.value)
    else:
        row = {"user_id": user, "item_id": item, "event": event, "value": value, "timestamp": at}
        tally = recommender.record([{name: given for name, given in row.items() if given is not None}])
    if tally.rejected:
        note(f"{tally.rejected} rows left out")
    if as_json:
        print_json({"accepted": tally.accepted, "duplicates": tally.duplicates})
    else:
        say(f"accepted {tally.accepted}  duplicates {tally.duplicates}")


def train(
    workspace: options.Workspace,
    budget: Annotated[str, typer.Option(help="Wall time for the whole command, such as 90s, 10m, 2h.")] = "10m",
    as_json: options.Json = False,
    seed: options.Seed = 0,
    device: options.RunsOn = options.Device.AUTO,
) -> None:
    """Learn from the interactions: factors, the map for new items, and how the parts are weighed."""
    from plait.recommender import Recommender

    recommender = Recommender.open(workspace, device=device.value)
    report = recommender.train(budget=budget, seed=seed, progress=note)
    if as_json:
        print_json(report)
    else:
        print_table(("what", "value"), list(report.items()))


def evaluate(
    workspace: options.Workspace,
    protocol: Annotated[str, typer.Option(help="last-liked, leave-last-out, random or cross-modal.")],
    seeds: Annotated[int, typer.Option(help="How many salts or random splits.", metavar="N")] = 5,
    models: Annotated[str, typer.Option(help="Models to compare, joined by commas.")] = "plait,popularity,item-knn",
    cuts: Annotated[str, typer.Option(help="Cut-offs, joined by commas.")] = "10",
    pair: Annotated[str, typer.Option(help="cross-modal: query strand and item strand.")] = "text:image",
    hide_by: Annotated[str | None, typer.Option(help="cross-modal: hide one value of this column at a time.")] = None,
    where: options.Where = "",
    report: Annotated[Path | None, typer.Option(help="Folder for report.html and results.json.", metavar="DIR")] = None,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Measure how good the recommender is on this catalogue and log, beside its peers."""
    from plait.recommender import Recommender

    try:
        depths = tuple(int(cut) for cut in cuts.split(","))
    except ValueError as error:
        raise WrongCall(f"--cuts {cuts}: expected numbers from 1 joined by commas") from error
    results = Recommender.open(workspace).evaluate(
        protocol, seeds=seeds, models=tuple(models.split(",")), cuts=depths, pair=pair, hide_by=hide_by, where=where,
        report=report, seed=seed, progress=note,
    )  # fmt: skip
    if as_json:
        print_json(results.to_json())
    else:
        columns, rows = results.rows()
        print_table(columns, rows, title=f"{protocol}: {results.users} users or queries, {results.seeds} seeds")


COMMANDS = {"record": record, "train": train, "evaluate": evaluate}

"""Commands that learn and measure: record, train, evaluate."""

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from plait.cli import options
from plait.cli.printing import note, print_json, print_table, say
from plait.errors import WrongCall
from plait.evaluation.protocol_names import PROTOCOLS

if TYPE_CHECKING:
    from plait.flows.check_leaks import LeakCheck


def record(
    workspace: options.Workspace,
    interactions: Annotated[Path | None, typer.Option(help="A table of interactions.", metavar="FILE")] = None,
    user: Annotated[str | None, typer.Option(help="One event: the user.", metavar="ID")] = None,
    item: Annotated[str | None, typer.Option(help="One event: the item; a search needs none.", metavar="ID")] = None,
    event: Annotated[str, typer.Option(help="One event: its type.")] = "click",
    value: Annotated[float | None, typer.Option(help="One event: dwell seconds, a rating, an amount.")] = None,
    at: Annotated[str | None, typer.Option(help="One event: its time; now by default.", metavar="TIME")] = None,
    query: Annotated[str | None, typer.Option(help="One event: the words searched for.", metavar="TEXT")] = None,
    as_json: options.Json = False,
    on_error: options.ErrorPolicy = options.OnError.STOP,
    seed: options.Seed = 0,
) -> None:
    """Record what users did; the very next answer knows it."""
    from plait.recommender import Recommender

    _check_one_event(interactions, user, item, event, query)
    if value is not None and not math.isfinite(value):
        raise WrongCall(f"--value {value}: expected a finite number")
    recommender = Recommender.open(workspace)
    if interactions is not None:
        tally = recommender.record(interactions, on_error=on_error.value)
    else:
        row = {"user_id": user, "item_id": item, "event": event, "value": value, "timestamp": at, "query": query}
        tally = recommender.record([{name: given for name, given in row.items() if given is not None}])
    if tally.rejected:
        note(f"{tally.rejected} rows left out")
    for line in tally.notes:
        note(line)
    if as_json:
        print_json({"accepted": tally.accepted, "duplicates": tally.duplicates})
    else:
        say(f"accepted {tally.accepted}  duplicates {tally.duplicates}")


def _check_one_event(
    interactions: Path | None, user: str | None, item: str | None, event: str, query: str | None
) -> None:
    """Raise WrongCall unless either a table or one whole event is given: of an item, or a search with its words."""
    whole = user is not None and (bool(query and query.strip()) if event == "search" else item is not None)
    if (interactions is None) != whole:
        raise WrongCall(
            "record takes either --interactions FILE, or --user and --item, or --user, --event search and --query"
        )


def train(
    workspace: options.Workspace,
    budget: Annotated[str, typer.Option(help="Wall time for the whole command, such as 90s, 10m, 2h.")] = "10m",
    plan: Annotated[
        Path | None, typer.Option(help="Repeat the choices of a former report of train --json.", metavar="FILE")
    ] = None,
    judged: Annotated[
        bool,
        typer.Option("--judged", help="Let the models answer only where they are not worse than the present ones."),
    ] = False,
    why: Annotated[str, typer.Option(help="What `plait models` is to tell of its cause.", metavar="TEXT")] = "",
    as_json: options.Json = False,
    seed: options.Seed = 0,
    device: options.RunsOn = options.Device.AUTO,
) -> None:
    """Learn from the interactions: factors, the map for new items, and how the parts are weighed."""
    began = time.monotonic()
    from plait.recommender import Recommender

    recommender = Recommender.open(workspace, device=device.value)
    report = recommender.train(
        budget=budget, seed=seed, progress=note, plan=plan, began=began, judged=judged, why=why
    )  # fmt: skip
    if not report["answers"]:
        note(f"model {report['model']} does not answer: it is worse than model {report['from']} was")
    if as_json:
        print_json(report)
    else:
        print_table(("what", "value"), list(_told(report).items()))


def _told(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report for people: seconds of each step in its own row, and the plan without its arrays."""
    plain = {name: value for name, value in report.items() if not isinstance(value, dict | list)}
    chosen = {name: value for name, value in report["plan"].items() if not isinstance(value, dict | list)}
    sharpness = {"attention": report["plan"]["attention"]["sharpness"]}
    return {**plain, **chosen, **sharpness, **{f"seconds of {step}": took for step, took in report["steps"].items()}}


def evaluate(
    workspace: options.Workspace,
    protocol: Annotated[str, typer.Option(help=f"One of {', '.join(PROTOCOLS)}.")],
    seeds: Annotated[int | None, typer.Option(help="How many salts or random splits [5].", metavar="N")] = None,
    models: Annotated[
        str | None,
        typer.Option(
            help="Models to compare, joined by commas; plait:3 is judged on three seeds [plait,popularity,item-knn].",
            metavar="NAMES",
        ),
    ] = None,
    cuts: Annotated[str, typer.Option(help="Cut-offs, joined by commas.")] = "10",
    pair: Annotated[
        str | None, typer.Option(help="cross-modal: query strand and item strand [text:image].", metavar="A:B")
    ] = None,
    hide_by: Annotated[str | None, typer.Option(help="cross-modal: hide one value of this column at a time.")] = None,
    where: options.Where = "",
    rankings: Annotated[
        list[str] | None,
        typer.Option(help="Judge a table of user_id, rank, item_id too; may be repeated.", metavar="NAME=FILE"),
    ] = None,
    save_splits: Annotated[Path | None, typer.Option(help="Write the splits into a folder.", metavar="DIR")] = None,
    splits: Annotated[Path | None, typer.Option(help="Judge on splits saved there.", metavar="DIR")] = None,
    check_leaks: Annotated[
        bool, typer.Option("--check-leaks", help="Find out whether figures depend on what no model should read.")
    ] = False,
    ablate: Annotated[
        bool, typer.Option("--ablate", help="Judge plait without each part, each strand and the attributes too.")
    ] = False,
    curves: Annotated[
        bool, typer.Option("--curves", help="Judge diverse lists of each model too: what they cost, what they gain.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="Folder for report.html and results.json; a killed run goes on there.", metavar="DIR"),
    ] = None,
    as_json: options.Json = False,
    seed: Annotated[int | None, typer.Option(help="The first salt [0].", metavar="N")] = None,
) -> None:
    """Measure how good the recommender is on this catalogue and log, beside its peers."""
    from plait.recommender import Recommender

    if check_leaks and (rankings or save_splits is not None or splits is not None or ablate or curves):
        raise WrongCall(
            "--check-leaks judges in disguise: it takes no --rankings, --save-splits, --splits, --ablate or --curves"
        )
    recommender = Recommender.open(workspace)
    names = None if models is None else tuple(name for name in models.split(",") if name)
    if check_leaks:
        checks = recommender.check_leaks(
            protocol, seeds=seeds, models=names, cuts=_depths(cuts), pair=pair, hide_by=hide_by, where=where,
            report=report, seed=seed, progress=note,
        )  # fmt: skip
        _print_checks(checks, as_json=as_json)
        return
    results = recommender.evaluate(
        protocol, seeds=seeds, models=names, cuts=_depths(cuts), pair=pair, hide_by=hide_by, where=where,
        rankings=_files(rankings or []), save_splits=save_splits, splits=splits, ablate=ablate, curves=curves,
        report=report, seed=seed, progress=note,
    )  # fmt: skip
    if as_json:
        print_json(results.to_json())
    else:
        columns, rows = results.rows()
        print_table(columns, rows, title=f"{protocol}: {results.users} users or queries, {results.seeds} seeds")


def _depths(cuts: str) -> tuple[int, ...]:
    try:
        return tuple(int(cut) for cut in cuts.split(","))
    except ValueError as error:
        raise WrongCall(f"--cuts {cuts}: expected numbers from 1 joined by commas") from error


def _files(rankings: list[str]) -> dict[str, Path]:
    """Return NAME=FILE pairs as a dict. Raises WrongCall for anything else, and for a name that comes twice."""
    found: dict[str, Path] = {}
    for text in rankings:
        name, sign, path = text.partition("=")
        if not (name and sign and path) or name in found:
            raise WrongCall(f"--rankings {text}: expected NAME=FILE, each name once")
        found[name] = Path(path)
    return found


def _print_checks(checks: "list[LeakCheck]", *, as_json: bool) -> None:
    """Print one line a check; the exit code is 1 where one of them failed."""
    passed = all(check.passed for check in checks)
    if as_json:
        print_json({"ok": passed, "checks": [{"passed": check.passed, "line": check.line} for check in checks]})
    else:
        for check in checks:
            say(f"{'ok  ' if check.passed else 'LEAK'} {check.line}")
    if not passed:
        raise typer.Exit(1)


COMMANDS = {"record": record, "train": train, "evaluate": evaluate}

"""Commands that change the catalogue: build, add, update, remove."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plait.cli import options
from plait.cli.printing import note, print_json, say
from plait.cli.progress import bar
from plait.errors import WrongCall

if TYPE_CHECKING:
    from plait.counts import Counts


def _report(counts: "Counts", as_json: bool) -> None:
    for text in counts.notes:
        note(text)
    if as_json:
        print_json(counts.to_json())
        return
    answer = counts.to_json()
    for name, tally in answer.items():
        say(f"{name:8}" + "  ".join(f"{key} {value}" for key, value in tally.items()))


def build(
    workspace: options.Workspace,
    items: Annotated[
        Path | None,
        typer.Option(help="Items as CSV, Parquet or JSONL; needed but with --reencode.", metavar="FILE"),
    ] = None,
    interactions: Annotated[Path | None, typer.Option(help="The log: who did what.", metavar="FILE")] = None,
    users: Annotated[Path | None, typer.Option(help="Users and their attributes.", metavar="FILE")] = None,
    relations: Annotated[Path | None, typer.Option(help="Who knows whom.", metavar="FILE")] = None,
    vectors: Annotated[
        list[str] | None, typer.Option(help="Own vectors for a strand; repeat it.", metavar="STRAND=FILE")
    ] = None,
    media_root: options.MediaRoot = None,
    bundle: Annotated[str | None, typer.Option(help="The set of encoders; see `plait bundles`.")] = None,
    store: options.StoreURL = None,
    prune: Annotated[bool, typer.Option("--prune", help="Remove items that the file does not hold.")] = False,
    anew: Annotated[
        bool,
        typer.Option("--reencode", help="Encode all items by what plait.toml names now, while others go on answering."),
    ] = False,
    as_json: options.Json = False,
    on_error: options.ErrorPolicy = options.OnError.STOP,
    seed: options.Seed = 0,
    device: options.RunsOn = options.Device.AUTO,
    allow_download: options.AllowDownload = False,
) -> None:
    """Read, check, store and encode a catalogue and its log; publish the index."""
    from plait.flows.build import build as build_workspace
    from plait.flows.reencode import check_alone, reencode
    from plait.workspace import Machine

    if anew:
        check_alone([items, interactions, users, relations, vectors, media_root, bundle, prune or None, store])
        _report(reencode(workspace, seed=seed, machine=Machine(device.value, allow_download), say=note), as_json)
        return
    if items is None:
        raise WrongCall("build takes --items FILE, or --reencode")
    own = {name: Path(file) for text in vectors or () for name, file in options.parse_pairs(text, "--vectors").items()}
    with bar("encoding") as progress:
        counts = build_workspace(
            workspace, items=items, interactions=interactions, users=users, relations=relations, vectors=own,
            media_root=media_root, bundle=bundle, store=store, prune=prune, on_error=on_error.value, seed=seed,
            machine=Machine(device.value, allow_download), progress=progress,
        )  # fmt: skip
    _report(counts, as_json)


def add(
    workspace: options.Workspace,
    items: options.Items,
    media_root: options.MediaRoot = None,
    as_json: options.Json = False,
    on_error: options.ErrorPolicy = options.OnError.STOP,
    seed: options.Seed = 0,
    device: options.RunsOn = options.Device.AUTO,
    allow_download: options.AllowDownload = False,
) -> None:
    """Add items, or replace those that are there; the very next answer knows them."""
    from plait.recommender import Recommender

    recommender = Recommender.open(workspace, device=device.value, allow_download=allow_download)
    with bar("encoding") as progress:
        counts = recommender.add_items(items, media_root=media_root, on_error=on_error.value, progress=progress)
    _report(counts, as_json)


def update(
    workspace: options.Workspace,
    items: options.Items,
    media_root: options.MediaRoot = None,
    as_json: options.Json = False,
    on_error: options.ErrorPolicy = options.OnError.STOP,
    seed: options.Seed = 0,
    device: options.RunsOn = options.Device.AUTO,
    allow_download: options.AllowDownload = False,
) -> None:
    """Change the given columns of items that are there; the others keep their values."""
    from plait.recommender import Recommender

    recommender = Recommender.open(workspace, device=device.value, allow_download=allow_download)
    with bar("encoding") as progress:
        counts = recommender.update_items(items, media_root=media_root, on_error=on_error.value, progress=progress)
    _report(counts, as_json)


def remove(
    workspace: options.Workspace,
    item_ids: Annotated[list[str] | None, typer.Argument(help="Items to remove.", show_default=False)] = None,
    items: Annotated[Path | None, typer.Option(help="A file of item ids.", metavar="FILE")] = None,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Remove items; their events stay."""
    from plait.catalog import read_ids
    from plait.recommender import Recommender

    if bool(item_ids) == (items is not None):
        raise WrongCall("remove takes either item ids or --items FILE")
    ids = item_ids if items is None else read_ids(items)
    _report(Recommender.open(workspace).remove_items(ids or ()), as_json)


COMMANDS = {"build": build, "add": add, "update": update, "remove": remove}

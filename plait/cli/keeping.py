"""Commands that keep a workspace: models, what is known of a user, backups."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from plait.cli import options
from plait.cli.printing import note, print_json, print_table, say
from plait.errors import WrongCall


class ModelsAction(StrEnum):
    """What `plait models` does."""

    LIST = "list"
    PROMOTE = "promote"
    ROLLBACK = "rollback"


LISTED = ("number", "state", "made (UTC)", "by", "why", "from", "events", "metrics", "judged", "problem")


class UserAction(StrEnum):
    """What `plait user` does."""

    EXPORT = "export"
    ERASE = "erase"
    MERGE = "merge"


def models(
    workspace: options.Workspace,
    action: Annotated[ModelsAction, typer.Argument(help="list, promote N or rollback.", show_default=False)],
    number: Annotated[int | None, typer.Argument(help="The model to promote.", metavar="N", show_default=False)] = None,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """List the trained models, let another one answer, or go back to the one before."""
    from plait.flows import models as registry
    from plait.workspace import Workspace

    if (number is None) != (action != ModelsAction.PROMOTE):
        raise WrongCall("models: expected `list`, `promote N` or `rollback`")
    opened = Workspace.open(workspace)
    if action == ModelsAction.LIST:
        found = registry.models(opened)
        if as_json:
            print_json({"models": found})
        else:
            rows = [_shown(model) for model in found]
            # What is empty for all would only make lines break.
            told = [place for place in range(len(LISTED)) if place < 2 or any(row[place] != "" for row in rows)]
            print_table([LISTED[place] for place in told], [[row[place] for place in told] for row in rows])
        return
    answer = registry.rollback(opened) if number is None else registry.promote(opened, number)
    for text in answer["notes"]:
        note(text)
    if as_json:
        print_json(answer)
    else:
        say(f"model {answer['model']} answers; before it was {answer['before']}")


def _shown(model: dict[str, Any]) -> list[object]:
    """Return the cells of a model by LISTED."""
    from plait.flows.trial import judged_in_short

    made = model.get("created_at")
    day = "" if made is None else datetime.fromtimestamp(made, UTC).strftime("%Y-%m-%dT%H:%M")
    state = "+".join(name for name in ("current", "promoted") if model[name])
    told = [model.get(name) for name in ("made_by", "why", "from", "events")]
    metrics = " ".join(f"{name} {value:.4f}" for name, value in (model.get("metrics") or {}).items())
    cells = (model["number"], state, day, *told, metrics, judged_in_short(model.get("judged")), model["problem"])
    return ["" if cell is None else cell for cell in cells]


def user(
    workspace: options.Workspace,
    action: Annotated[UserAction, typer.Argument(help="export, erase, or merge --into USER.", show_default=False)],
    user_id: Annotated[str, typer.Argument(help="The user's id.", metavar="USER", show_default=False)],
    into: Annotated[str, typer.Option(help="merge: whose the events are from now on.", metavar="USER")] = "",
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Print all that is known of a user, as JSON, remove it from every file, or give their events to another.

    `merge` is for somebody who was anonymous and has logged in.
    """
    from plait.flows.erase import erase
    from plait.flows.merge_users import merge_user
    from plait.flows.user_data import is_known, user_data
    from plait.live import Live
    from plait.workspace import Workspace

    if bool(into) != (action == UserAction.MERGE):
        raise WrongCall("user: expected `merge ID --into USER`, `export USER` or `erase USER`")
    opened = Workspace.open(workspace)
    if action == UserAction.MERGE:
        moved = {"events": merge_user(Live(opened), user_id, into)}
        if as_json:
            print_json(moved)
        else:
            print_table(("moved", "rows"), list(moved.items()))
        return
    if action == UserAction.EXPORT:
        data = user_data(opened.store, user_id)
        if not is_known(data):
            note(f"user {user_id!r} is not known")
        print_json(data)
        return
    answer = erase(opened, user_id)
    for text in answer["notes"]:
        note(text)
    if as_json:
        print_json(answer)
        return
    print_table(("removed", "rows"), list(answer["removed"].items()))
    say(f"models without the user: {', '.join(map(str, answer['models'])) or 'none'}")
    say(f"backups that may hold the user: {', '.join(answer['backups']) or 'none'}")


def backup(
    workspace: options.Workspace,
    file: Annotated[Path, typer.Argument(help="The file to make.", show_default=False)],
    vectors: Annotated[bool, typer.Option(help="Put the cache of raw vectors in, too.")] = True,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Copy a workspace into one file, while it is used."""
    from plait.flows.backup import backup as make_backup
    from plait.workspace import Workspace

    _tell(make_backup(Workspace.open(workspace), file, vectors=vectors), as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `plait backup` made.", show_default=False)],
    workspace: Annotated[Path, typer.Argument(help="A new folder.", show_default=False)],
    store: options.StoreURL = None,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Make a workspace of a backup, in a folder that is new or empty."""
    from plait.flows.restore import restore as restore_workspace

    _tell(restore_workspace(file, workspace, store=store), as_json)


def _tell(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        print_table(("what", "value"), list(answer.items()))


COMMANDS = {"models": models, "user": user, "backup": backup, "restore": restore}

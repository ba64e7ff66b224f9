"""The command that makes, lists and removes the keys of the service."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from plait.cli import options
from plait.cli.printing import note, print_json, print_table, say
from plait.errors import WrongCall
from plait.service.scopes import Scope


class KeysAction(StrEnum):
    """What `plait keys` does."""

    ADD = "add"
    LIST = "list"
    REMOVE = "remove"


def keys(
    workspace: options.Workspace,
    action: Annotated[KeysAction, typer.Argument(help="add NAME, list or remove NAME.", show_default=False)],
    name: Annotated[str | None, typer.Argument(help="What the key is called.", show_default=False)] = None,
    scope: Annotated[Scope, typer.Option(help="What it may do; each holds those before it.")] = Scope.READ,
    rate: Annotated[str, typer.Option(help="How many requests it may send, such as 60/m.", metavar="N/m")] = "",
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Make a key of the service, which is printed this once; list the keys; remove one."""
    from plait.audit import note as note_change
    from plait.service.keys import add_key, read_keys, remove_key
    from plait.tenants import tenant_of
    from plait.workspace import Workspace

    if (name is None) != (action == KeysAction.LIST):
        raise WrongCall("keys: expected `add NAME`, `list` or `remove NAME`")
    opened = Workspace.open(workspace)
    store = opened.store
    if name is None:
        found = read_keys(store)
        told = [
            {"name": name, "scope": key.scope.value, "rate": key.rate, "made": key.made}
            for name, key in (found.by_name.items() if found else ())
        ]
        if as_json:
            print_json({"keys": told})
        else:
            print_table(("name", "scope", "rate", "made (UTC)"), [_shown(one) for one in told])
    elif action == KeysAction.ADD:
        made = add_key(store, name, scope, rate, tenant=tenant_of(workspace))
        note_change(opened.folder, "plait keys add", key=name, scope=scope.value)
        if as_json:
            print_json({"name": name, "key": made})
        else:
            say(made)
            note("keep it: it is not shown again")
    else:
        remove_key(store, name)
        note_change(opened.folder, "plait keys remove", key=name)
        if as_json:
            print_json({"removed": name})


def _shown(told: Mapping[str, object]) -> list[object]:
    made = told["made"]
    when = datetime.fromtimestamp(made, UTC).strftime("%Y-%m-%d %H:%M") if isinstance(made, float) else ""
    return [told["name"], told["scope"], told["rate"], when]


COMMANDS = {"keys": keys}

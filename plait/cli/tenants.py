"""The command that names, lists and removes the tenants of a service."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from plait.cli import options
from plait.cli.printing import note, print_json, print_table, say
from plait.errors import WrongCall


class TenantsAction(StrEnum):
    """What `plait tenants` does."""

    ADD = "add"
    LIST = "list"
    REMOVE = "remove"


def tenants(
    folder: Annotated[Path, typer.Argument(help="The folder of the tenants.", show_default=False)],
    action: Annotated[TenantsAction, typer.Argument(help="add NAME, list or remove NAME.", show_default=False)],
    name: Annotated[str | None, typer.Argument(help="What the tenant is called.", show_default=False)] = None,
    items: Annotated[int, typer.Option(help="How many items it may have; 0 for any.", metavar="N", min=0)] = 0,
    events: Annotated[int, typer.Option(help="How many events it may store; 0 for any.", metavar="N", min=0)] = 0,
    most_bytes: Annotated[
        int, typer.Option("--bytes", help="How large its workspace may be; 0 for any size.", metavar="N", min=0)
    ] = 0,
    rate: Annotated[str, typer.Option(help="How many requests it may send, such as 600/m.", metavar="N/m")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Remove it, surely.")] = False,
    as_json: options.Json = False,
    seed: options.Seed = 0,
) -> None:
    """Name a tenant, or change its quota; list them; remove one, whose workspace is moved aside."""
    from plait.service.rates import Rate
    from plait.tenants import Quota, add_tenant, read_tenants, remove_tenant

    if (name is None) != (action == TenantsAction.LIST):
        raise WrongCall("tenants: expected `add NAME`, `list` or `remove NAME`")
    if name is None:
        told = [{"name": each, **asdict(quota)} for each, quota in sorted(read_tenants(folder).items())]
        if as_json:
            print_json({"tenants": told})
        else:
            print_table(("name", "items", "events", "bytes", "rate"), [list(one.values()) for one in told])
    elif action == TenantsAction.ADD:
        try:
            rate and Rate.parse(rate)
        except ValueError as error:
            raise WrongCall(f"--rate: {error}") from error
        place = add_tenant(folder, name, Quota(items, events, most_bytes, rate))
        if as_json:
            print_json({"name": name, "workspace": str(place)})
        else:
            say(str(place))
            note(f"`plait build {place} --items FILE` and `plait keys {place} add NAME` come next")
    else:
        if not yes:
            raise WrongCall(f"--yes says that {name} is to be removed; the workspace is moved aside")
        aside = remove_tenant(folder, name)
        if as_json:
            print_json({"removed": name, "aside": str(aside)})
        else:
            say(str(aside))


COMMANDS = {"tenants": tenants}

"""The command that serves a workspace over HTTP."""

from pathlib import Path
from typing import Annotated

import typer

from plait.cli.printing import say_at_once


def serve(
    workspace: Annotated[Path, typer.Argument(help="The folder of the workspace, or of tenants.", show_default=False)],
    host: Annotated[str, typer.Option(help="Where to listen.", metavar="H")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port, 0 for any free one.", metavar="P", min=0, max=65_535)] = 8000,
    tend: Annotated[
        bool,
        typer.Option("--tend", help="Keep the workspace in order as well, as `plait tend` does, in one more process."),
    ] = False,
    workers: Annotated[int, typer.Option(help="How many processes answer.", metavar="N", min=1, max=64)] = 1,
    keys: Annotated[
        bool,
        typer.Option(
            "--keys/--no-keys", help="Ask for keys where some were made; elsewhere than on loopback there must be."
        ),
    ] = True,
) -> None:
    """Serve a workspace over HTTP; /docs has the routes, `[service]` of plait.toml the limits."""
    from plait.service.running import run

    def ready(address: str) -> None:
        say_at_once(f"{workspace} is served at {address}")

    run(workspace, host=host, port=port, workers=workers, keyed=keys, ready=ready, tend=tend)


COMMANDS = {"serve": serve}

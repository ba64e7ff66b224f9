"""The entry point: assembles the commands and turns errors into one line and an exit code."""

import sys
from collections.abc import Sequence

import typer

from plait.cli import (
    answers,
    auditing,
    bundles,
    catalogue,
    keeping,
    learning,
    onboarding,
    people,
    service_keys,
    serving,
    tenants,
    tending,
    upkeep,
)  # fmt: skip
from plait.errors import BadData, WrongCall

SHOWN_PROBLEMS = 20
"""How many refused rows are printed; the message counts the rest."""


def assemble() -> typer.Typer:
    """Return the application with every command."""
    app = typer.Typer(
        name="plait",
        help="Weave text, pictures and sound of your items into one index; search, recommend, learn.",
        rich_markup_mode=None,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(upkeep.version)
    modules = (
        catalogue, answers, people, onboarding, learning, keeping, tending, serving, service_keys, tenants, auditing,
        upkeep, bundles,
    )  # fmt: skip
    for module in modules:
        for name, command in module.COMMANDS.items():
            app.command(name)(command)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command line (without the program's name) and return its exit code.

    0 done; 1 the work failed or the data is bad; 2 the call is wrong. Errors are one line on standard error.
    """
    try:
        outcome = assemble()(args=list(arguments), prog_name="plait", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except typer.TyperException as error:
        _complain(error.format_message())
        return 2
    except WrongCall as error:
        _complain(str(error))
        return 2
    except BadData as error:
        for problem in error.problems[:SHOWN_PROBLEMS]:
            _complain(problem)
        if len(error.problems) > SHOWN_PROBLEMS:
            _complain(f"and {len(error.problems) - SHOWN_PROBLEMS} more")
        _complain(str(error))
        return 1
    except (ValueError, OSError) as error:
        _complain(str(error))
        return 1
    except (KeyboardInterrupt, typer.Abort):
        _complain("interrupted; what was stored so far stays")
        return 1


def _complain(message: str) -> None:
    sys.stderr.write("plait: " + " ".join(message.split()) + "\n")


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))

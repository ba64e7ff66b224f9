"""How a process begins another one of the same Plait."""

import os
import sys
from pathlib import Path

import plait


def command_of(*arguments: str) -> list[str]:
    """Return the command line of a command of Plait."""
    # -P keeps the folder one stands in out of the way.
    return [sys.executable, "-P", "-m", "plait", *arguments]


def environment() -> dict[str, str]:
    """Return the variables under which it is the Plait that runs here, wherever that was started."""
    package = str(Path(plait.__file__).parent.parent)
    return {**os.environ, "PYTHONPATH": os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])}

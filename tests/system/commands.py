"""Plait run as real processes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

FROM_HERE = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
"""The environment in which a file from elsewhere imports this checkout, whichever one is installed."""
PLAIT = [sys.executable, "-c", "from plait.cli import main; main()"]


def run_plait(*arguments: object, timeout: float = 600) -> "subprocess.CompletedProcess[str]":
    """Run one command in a process of its own."""
    return subprocess.run([*PLAIT, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, check=False)


def answer_of(*arguments: object) -> Any:
    """Run a command with --json, expect success, and return what it printed."""
    outcome = run_plait(*arguments, "--json")
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)


def start_plait(*arguments: object) -> "subprocess.Popen[str]":
    """Start one command and return at once."""
    return subprocess.Popen([*PLAIT, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def start_script(path: Path, *arguments: object) -> "subprocess.Popen[str]":
    """Start a Python file that talks over standard input and output, a line at a time."""
    return subprocess.Popen(
        [sys.executable, "-u", str(path), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=FROM_HERE,
    )

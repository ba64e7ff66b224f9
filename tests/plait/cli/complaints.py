"""What the command evaluate says where it refuses."""

from pathlib import Path

from tests.plait.conftest import Cli

LIGHT = ("--models", "popularity,item-knn")


def complaint(cli: Cli, workspace: Path, code: int, *arguments: object) -> str:
    outcome = cli("evaluate", workspace, *arguments)
    assert outcome.code == code, outcome.err
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    return outcome.err.splitlines()[-1]

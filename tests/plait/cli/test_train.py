"""Training through the command line: plans, and what is left behind."""

import json
from pathlib import Path

from tests.plait.conftest import Cli


def test_a_plan_is_repeated_and_bad_ones_are_refused(cli: Cli, own: Path, tmp_path: Path) -> None:
    first = json.loads(cli("train", own, "--budget", "30s", "--json").out)
    assert first["peak_memory"] > 0
    assert first["steps"]
    assert not (own / "models" / ".training").exists()
    file = tmp_path / "report.json"
    file.write_text(json.dumps(first), encoding="utf-8")
    repeated = cli("train", own, "--plan", file, "--json")
    assert repeated.code == 0, repeated.err
    again = json.loads(repeated.out)
    assert again["plan"] == first["plan"]
    for text in ("nonsense", "[]", json.dumps({**first["plan"], "epoch": 3})):
        file.write_text(text, encoding="utf-8")
        outcome = cli("train", own, "--plan", file)
        assert outcome.code == 2
        assert outcome.err.count("\n") == 1
        assert "--plan" in outcome.err
    assert cli("train", own, "--plan", tmp_path / "none.json").code == 2

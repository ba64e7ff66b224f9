"""The commands that keep a workspace: what they print, and how they refuse."""

import json
from pathlib import Path

import pytest

from plait import snapshot
from plait.recommender import Recommender
from tests.plait.conftest import Cli
from tests.plait.flows.keeping import flip, publish_again


def answered(cli: Cli, *arguments: object) -> dict[str, object]:
    outcome = cli(*arguments, "--json")
    assert outcome.code == 0, outcome.err
    said: dict[str, object] = json.loads(outcome.out)
    return said


def test_models(cli: Cli, own: Path) -> None:
    publish_again(own)
    listed = answered(cli, "models", own, "list")
    assert list(listed) == ["models"]
    assert answered(cli, "models", own, "promote", 1) == {"model": 1, "before": 2, "notes": []}
    assert answered(cli, "models", own, "rollback") == {"model": 2, "before": 1, "notes": []}
    table = cli("models", own, "list").out
    first, second, third = (line.split() for line in table.splitlines())
    assert first[:2] == ["number", "state"]
    assert (second[:2], third[:2]) == (["1", "promoted"], ["2", "current"])
    assert cli("models", own, "promote", 1).out == "model 1 answers; before it was 2\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("models OWN promote", 2, "expected `list`, `promote N` or `rollback`"),
        ("models OWN list 3", 2, "expected `list`, `promote N` or `rollback`"),
        ("models OWN promote 9", 2, "there is no model 9; there are 1"),
        ("models OWN rollback", 1, "no model to go back to"),
        ("user OWN merge user-0", 2, "expected `merge ID --into USER`"),
        ("user OWN export user-0 --into user-1", 2, "expected `merge ID --into USER`"),
        ("user OWN merge user-0 --into user-0", 2, "expected two users"),
        ("models OWN retire", 2, "retire"),
        ("models NONE list", 2, "is not a workspace"),
        ("user NONE erase somebody", 2, "is not a workspace"),
        ("user OWN forget somebody", 2, "forget"),
        ("backup NONE FILE", 2, "is not a workspace"),
        ("backup OWN OWN/plait.toml", 2, "is there already"),
        ("restore FILE PLACE", 2, "is missing"),
        ("restore OWN/plait.toml PLACE", 1, "cannot be read as a backup"),
    ],
)
def test_refusals(cli: Cli, own: Path, tmp_path: Path, words: str, code: int, said: str) -> None:
    places = {"OWN": own, "NONE": tmp_path / "none", "FILE": tmp_path / "file", "PLACE": tmp_path / "place"}
    call = words
    for name, path in places.items():
        call = call.replace(name, str(path))
    outcome = cli(*call.split())
    assert outcome.code == code
    assert outcome.out == ""
    assert said in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert not (tmp_path / "place").exists()
    assert not (tmp_path / "file").exists()


def test_a_user_is_exported_and_erased(cli: Cli, own: Path) -> None:
    data = answered(cli, "user", own, "export", "user-1")
    assert list(data) == ["user", "events", "exposures"]
    assert isinstance(data["events"], list)
    assert len(data["events"]) == 5
    assert {"event_id", "item_id", "timestamp", "value"} <= set(data["events"][0])
    told = answered(cli, "user", own, "erase", "user-1")
    assert told["models"] == [1]
    assert cli("user", own, "export", "user-1").err == "plait: user 'user-1' is not known\n"
    again = cli("user", own, "erase", "user-1")
    assert again.code == 0
    assert "user 'user-1' is not known; nothing was removed" in again.err


def test_users_are_merged(cli: Cli, own: Path) -> None:
    assert answered(cli, "user", own, "merge", "user-0", "--into", "user-1") == {"events": 5}
    events = answered(cli, "user", own, "export", "user-1")["events"]
    assert isinstance(events, list)
    assert len(events) == 10
    assert cli("user", own, "merge", "user-0", "--into", "user-1").out.split() == ["moved", "rows", "events", "0"]


def test_backup_and_restore(cli: Cli, own: Path, tmp_path: Path) -> None:
    made = answered(cli, "backup", own, tmp_path / "b.tar", "--no-vectors")
    assert made["bytes"] == (tmp_path / "b.tar").stat().st_size
    restored = answered(cli, "restore", tmp_path / "b.tar", tmp_path / "again")
    assert restored["sequence"] == made["sequence"]
    assert answered(cli, "check", tmp_path / "again") == {"ok": True, "problems": []}
    listed = answered(cli, "models", tmp_path / "again", "list")
    assert listed == answered(cli, "models", own, "list")


def test_settings_that_cannot_be_read_are_a_problem(cli: Cli, own: Path) -> None:
    (own / "plait.toml").write_text("[rules]\nexclude = 'space-1'\n", encoding="utf-8")
    outcome = cli("check", own, "--json")
    assert outcome.code == 1
    told = json.loads(outcome.out)
    assert told["ok"] is False
    assert "rules.exclude" in told["problems"][0]


def test_repair(cli: Cli, own: Path) -> None:
    publish_again(own)
    flip(own / "models" / "000002" / "ranker.safetensors")
    outcome = cli("check", own, "--json")
    assert (outcome.code, json.loads(outcome.out)["ok"]) == (1, False)
    told = answered(cli, "check", own, "--repair")
    assert (told["ok"], told["problems"]) == (True, [])
    assert isinstance(told["mended"], list)
    assert "CURRENT names 1" in told["mended"][0]
    assert snapshot.current_number(own / "models") == 1
    assert cli("check", own, "--repair").out == "ok\n"
    assert Recommender.open(own).recommend("user-0").items

"""The command evaluate: protocols, rankings, splits, leaks and reports on the toy catalogue, and wrong calls."""

import json
from pathlib import Path
from typing import Any

import pytest

from plait.errors import BadData
from plait.evaluation.peers.registry import REGISTRY
from plait.evaluation.protocol_names import CROSS_MODAL, PROTOCOLS
from plait.evaluation.protocols import SPLITTERS
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked
from plait.history import Log
from ranker.combination import PARTS
from tests.plait import toy
from tests.plait.cli.complaints import LIGHT, complaint
from tests.plait.conftest import Cli
from tests.plait.evaluation.peers.cheating import CHEATING


def _answer(cli: Cli, workspace: Path, *arguments: object) -> Any:
    outcome = cli("evaluate", workspace, *arguments, "--json")
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def test_the_names_are_those_of_the_splitters() -> None:
    assert (*SPLITTERS, CROSS_MODAL) == PROTOCOLS


@pytest.mark.parametrize("protocol", ["last-liked", "leave-last-out", "random", "global-time", "cold-items"])
def test_protocols_on_the_toy_log(protocol: str, cli: Cli, built_once: Path) -> None:
    found = _answer(cli, built_once, "--protocol", protocol, "--seeds", 2, *LIGHT)
    assert (found["protocol"], found["seeds"]) == (protocol, 2)
    assert set(found["models"]) == {"popularity", "item-knn"}
    assert all(len(sha256) == 64 for sha256 in found["splits"].values())
    assert found["details"]["popularity"]["peak_mb"] > 0
    if protocol == "global-time":
        assert any(name.startswith("cut ") for name in found["buckets"])


def test_only_what_passes_is_ranked(cli: Cli, built_once: Path, tmp_path: Path) -> None:
    call = ("--protocol", "last-liked", *LIGHT, "--seeds", 2, "--where", "categories = 'cooking'")
    found = _answer(cli, built_once, *call, "--save-splits", tmp_path, "--report", tmp_path / "report")
    whole = _answer(cli, built_once, "--protocol", "last-liked", *LIGHT, "--seeds", 2)
    assert 0 < found["users"] < whole["users"]
    # Six items cook, four of them are seen by those who like them: coverage is of what is ranked.
    assert found["models"]["popularity"]["hit@10"]["mean"] == 1.0
    assert "categories = " in found["about"]["command"]
    again = _answer(cli, built_once, "--protocol", "last-liked", *LIGHT, "--splits", tmp_path)
    assert again["models"] == found["models"]
    narrow = ("--protocol", "last-liked", *LIGHT, "--where", "categories = 'no'")
    assert "none of the 0 items that pass is among the targets" in complaint(cli, built_once, 1, *narrow)


def test_impressions_are_what_chances_are_held_against(cli: Cli, built: Path, tmp_path: Path) -> None:
    call = ("--protocol", "global-time", "--seeds", 1, "--models", "plait,popularity")
    plain = _answer(cli, built, *call)
    assert "log_loss" not in plain["models"]["plait"]
    shows = [
        {"user_id": user, "item_id": f"{family}-5", "timestamp": str(toy.START + 3_600 * hour), "event": "impression"}
        for user in toy.USERS
        for family in toy.FAMILIES
        for hour in (60, 100)
    ]
    assert cli("record", built, "--interactions", toy.write_table(tmp_path / "shows.csv", shows)).code == 0
    found = _answer(cli, built, *call, "--save-splits", tmp_path / "splits", "--report", tmp_path / "report")
    measures = found["models"]["plait"]
    assert measures["log_loss"]["low"] <= measures["log_loss"]["mean"] <= measures["log_loss"]["high"]
    assert 0.0 <= measures["calibration_error"]["mean"] <= 1.0
    assert found["models"]["popularity"]["log_loss"]["mean"] is None
    assert found["details"]["plait"]["impressions"] > 0
    for name, figures in plain["models"].items():
        assert {metric: found["models"][name][metric] for metric in figures} == figures
    again = _answer(cli, built, *call, "--splits", tmp_path / "splits")
    assert again["models"] == found["models"]
    assert _answer(cli, built, *call, "--report", tmp_path / "report")["models"] == found["models"]


def test_what_plait_chose_is_in_the_details(cli: Cli, built_once: Path) -> None:
    details = _answer(cli, built_once, "--protocol", "last-liked", "--seeds", 1, "--models", "plait")["details"]
    assert {"time_constant", "factors", "regularization", "history"} <= set(details["plait"])


def test_leaks_are_looked_for_at_the_cuts_and_among_what_passes(cli: Cli, built_once: Path) -> None:
    call = ("--protocol", "last-liked", "--check-leaks", "--models", "popularity", "--seeds", 2)
    outcome = cli("evaluate", built_once, *call, "--cuts", "2,5", "--where", "year >= 1992")
    assert outcome.code == 0, outcome.out
    for metric in ("ndcg@2", "ndcg@5"):
        assert f"ok   shuffled rows: popularity {metric} " in outcome.out
    assert "ok   other targets: popularity ndcg@2 " in outcome.out


def test_models_may_have_their_own_number_of_seeds(cli: Cli, built_once: Path) -> None:
    found = _answer(cli, built_once, "--protocol", "last-liked", "--seeds", 3, "--models", "popularity:1,item-knn")
    assert found["details"]["popularity"]["seeds"] == 1
    assert found["details"]["item-knn"]["seeds"] == 3
    alone = _answer(cli, built_once, "--protocol", "last-liked", "--seeds", 1, "--models", "popularity,item-knn")
    assert found["models"]["popularity"] == alone["models"]["popularity"]
    assert found["differences"]["popularity - item-knn"] == alone["differences"]["popularity - item-knn"]


def test_rankings_are_judged_beside_the_models(cli: Cli, built_once: Path, tmp_path: Path) -> None:
    # What each user likes last is the view of the next family, and nobody lists anything else.
    families = list(toy.FAMILIES)
    rows = [
        {"user_id": user_id, "rank": "3", "item_id": f"{families[(number + 1) % 4]}-{number % 6}"}
        for number, user_id in enumerate(toy.USERS)
    ]
    path = toy.write_table(tmp_path / "theirs.csv", rows)
    found = _answer(cli, built_once, "--protocol", "last-liked", "--seeds", 2, *LIGHT, "--rankings", f"theirs={path}")
    assert list(found["models"]) == ["popularity", "item-knn", "theirs"]
    assert found["models"]["theirs"]["ndcg@10"]["mean"] == 1.0
    alone = _answer(cli, built_once, "--protocol", "last-liked", "--models", "", "--rankings", f"theirs={path}")
    assert list(alone["models"]) == ["theirs"]
    path.write_text(path.read_text() + "nobody,1,cooking-0\n")
    said = complaint(cli, built_once, 1, "--protocol", "last-liked", *LIGHT, "--rankings", f"theirs={path}")
    assert said == "plait: theirs.csv, line 14, column user_id: 'nobody' is not known"


def test_splits_are_saved_and_judged_again(cli: Cli, built_once: Path, tmp_path: Path) -> None:
    call = ("--protocol", "global-time", *LIGHT)
    direct = cli("evaluate", built_once, *call, "--seeds", 2, "--save-splits", tmp_path / "splits", "--json")
    found = json.loads(direct.out)
    for title, sha256 in found["splits"].items():
        assert f"{title}: sha256 {sha256}" in direct.err
    again = _answer(cli, built_once, *call, "--splits", tmp_path / "splits")
    for part in ("models", "buckets", "differences", "splits", "users", "seeds"):
        assert again[part] == found[part]
    said = complaint(cli, built_once, 2, *call, "--splits", tmp_path / "splits", "--seeds", 3)
    assert "holds 2 salts; 3 seeds were asked for" in said
    said = complaint(cli, built_once, 2, "--protocol", "random", *LIGHT, "--splits", tmp_path / "splits")
    assert "holds splits of global-time; got --protocol random" in said
    assert "holds no splits.json" in complaint(cli, built_once, 2, *call, "--splits", tmp_path / "no")


def test_salts_that_judge_nobody_are_said_and_passed_over(
    cli: Cli, built_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def splits_of(log: Log, salt: int) -> list[Split]:
        if salt in (0, 2):
            raise BadData(f"nobody on {salt}")
        return [last_liked(log, salt)]

    with monkeypatch.context() as patch:
        patch.setattr("plait.flows.judging.splitter", lambda _: splits_of)
        call = ("--protocol", "last-liked", *LIGHT)
        outcome = cli("evaluate", built_once, *call, "--seeds", 4, "--save-splits", tmp_path, "--json")
        said = complaint(cli, built_once, 1, *call, "--seeds", 1)
    assert said == "plait: nobody on 0"
    assert "salt 0 is passed over: nobody on 0" in outcome.err
    found = json.loads(outcome.out)
    assert list(found["splits"]) == ["salt 1", "salt 3"]
    assert "--seeds 4" in found["about"]["command"]
    assert _answer(cli, built_once, *call, "--splits", tmp_path)["models"] == found["models"]


def test_a_report_keeps_runs_that_are_not_made_again(cli: Cli, built_once: Path, tmp_path: Path) -> None:
    call = ("--protocol", "last-liked", *LIGHT, "--seeds", 2, "--report", tmp_path)
    first = _answer(cli, built_once, *call)
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "runs").iterdir()}
    assert len(kept) == 2 * 2 + 2
    assert _answer(cli, built_once, *call) == first == json.loads((tmp_path / "results.json").read_text())
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "runs").iterdir()} == kept


def test_every_model_is_judged_in_one_run(cli: Cli, built_once: Path) -> None:
    found = _answer(cli, built_once, "--protocol", "last-liked", "--seeds", 1, "--models", ",".join(REGISTRY))
    assert list(found["models"]) == list(REGISTRY)
    for name, measures in found["models"].items():
        assert 0.0 <= measures["ndcg@10"]["mean"] <= 1.0, name
        assert measures["content_diversity@10"]["mean"] is not None, name
    assert "rmse" not in found["models"]["biased-mf"]  # The toy log has no ratings.


def test_ablations_stand_beside_plait_and_are_nobodys_rival(cli: Cli, built_once: Path) -> None:
    found = _answer(
        cli, built_once, "--protocol", "last-liked", "--seeds", 2, "--models", "plait:1,popularity", "--ablate"
    )
    assert list(found["models"]) == ["plait", "popularity"]
    assert {"plait", *(f"without {part}" for part in PARTS), "without text"} <= set(found["ablations"])
    assert found["ablations"]["plait"] == found["models"]["plait"]
    assert set(found["buckets"]["history 1-20"]) == {"plait", "popularity"}
    rivals = {name.split(" - ")[1] for name in found["differences"] if name.startswith("without ")}
    assert rivals == {"plait"}
    assert {"plait - popularity", "popularity - plait"} <= set(found["differences"])
    assert found["details"]["without text"]["seeds"] == 1


def test_a_report_says_how_its_figures_came_to_be(cli: Cli, built_once: Path, tmp_path: Path) -> None:
    _answer(cli, built_once, "--protocol", "last-liked", "--seeds", 1, *LIGHT, "--report", tmp_path / "report")
    told = json.loads((tmp_path / "report" / "results.json").read_text())["about"]
    assert told["command"].startswith("plait evaluate WORKSPACE --protocol last-liked --seeds 1 --models popularity,")
    assert "sha256" in told["data"]
    assert "numpy" in told["versions"]
    page = (tmp_path / "report" / "report.html").read_text()
    assert page.count("<svg") >= 2


def test_nothing_of_the_workspace_changes(cli: Cli, trained: Path, tmp_path: Path) -> None:
    def state() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in trained.rglob("*") if path.is_file() and "-" not in path.name}

    before = state()
    _answer(cli, trained, "--protocol", "cold-items", "--seeds", 1, *LIGHT, "--report", tmp_path)
    assert state() == before


def test_leaks_are_looked_for(cli: Cli, built_once: Path) -> None:
    outcome = cli("evaluate", built_once, "--protocol", "last-liked", "--check-leaks", "--models", "item-knn")
    assert outcome.code == 0, outcome.out
    lines = outcome.out.splitlines()
    assert all(line.startswith("ok   ") for line in lines)
    for start in (
        "shuffled rows: popularity",
        "hashed ids: item-knn",
        "hashed ties: item-knn",
        "all of these: item-knn",
    ):
        assert any(line.startswith(f"ok   {start} ndcg@10") for line in lines)
    assert sum("the planted cheater is found" in line for line in lines) == 2
    assert any(line.startswith("ok   no targets, beside popularity: planted-cheater ndcg@10 ") for line in lines)
    assert any(line.startswith("ok   other targets: item-knn") for line in lines)


def test_a_leak_is_named_and_fails(cli: Cli, built_once: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plait.evaluation.peers.registry.FOLDER", "tests.plait.evaluation.peers")
    monkeypatch.setattr("plait.evaluation.peers.registry.REGISTRY", CHEATING)
    monkeypatch.setattr("plait.flows.judging.REGISTRY", CHEATING)
    call = ("evaluate", built_once, "--protocol", "last-liked", "--check-leaks", "--models", "reader", "--seeds", 2)
    outcome = cli(*call)
    assert outcome.code == 1
    leaks = [line for line in outcome.out.splitlines() if line.startswith("LEAK ")]
    assert len(leaks) == 1
    assert leaks[0].startswith("LEAK other targets: reader ndcg@10 1.0000 -> ")
    found = json.loads(cli(*call, "--json").out)
    assert found["ok"] is False
    assert sum(not check["passed"] for check in found["checks"]) == 1

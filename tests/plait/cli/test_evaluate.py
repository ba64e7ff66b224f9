"""The command evaluate: protocols, rankings, splits, leaks and reports on the toy catalogue, and wrong calls."""

import json
from pathlib import Path
from typing import Any

import pytest

from plait.evaluation.peers.registry import REGISTRY
from plait.evaluation.protocol_names import CROSS_MODAL, PROTOCOLS
from plait.evaluation.protocols import SPLITTERS
from ranker.combination import PARTS
from tests.plait import toy
from tests.plait.conftest import Cli
from tests.plait.evaluation.peers.cheating import CHEATING

LIGHT = ("--models", "popularity,item-knn")


def _answer(cli: Cli, workspace: Path, *arguments: object) -> Any:
    outcome = cli("evaluate", workspace, *arguments, "--json")
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def _complaint(cli: Cli, workspace: Path, code: int, *arguments: object) -> str:
    outcome = cli("evaluate", workspace, *arguments)
    assert outcome.code == code, outcome.err
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    return outcome.err.splitlines()[-1]


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


def test_a_protocol_that_leaves_nobody_is_one_line(cli: Cli, built_once: Path) -> None:
    said = _complaint(cli, built_once, 1, "--protocol", "cold-users", *LIGHT)
    assert said == (
        "plait: cold-users: none of 2 hidden users likes anything new after the first 20 events; nothing can be judged"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--protocol", "last"], "protocol 'last' is not known; expected one of last-liked, leave-last-out, random, "),
        (["--protocol", "last-liked", "--models", "easy"], "model easy is not known; expected some of plait, "),
        (["--protocol", "last-liked", "--models", ""], "no model is named"),
        (["--protocol", "last-liked", "--models", "plait:0"], "--models plait:0: expected a number of seeds from 1"),
        (["--protocol", "last-liked", "--models", "plait:x"], "--models plait:x: expected a number of seeds from 1"),
        (["--protocol", "last-liked", "--seeds", "0"], "seeds 0, cuts (10,): expected numbers from 1"),
        (["--protocol", "last-liked", "--cuts", "ten"], "--cuts ten: expected numbers from 1"),
        (["--protocol", "last-liked", "--rankings", "file.csv"], "--rankings file.csv: expected NAME=FILE"),
        (["--protocol", "last-liked", "--rankings", "plait=x.csv"], "--rankings plait=...: expected a name that no"),
        (["--protocol", "last-liked", "--rankings", "x=no.csv"], "no.csv is not a file"),
        (["--protocol", "cross-modal", "--check-leaks"], "protocol 'cross-modal' parts no log; expected one of"),
        (["--protocol", "last-liked", "--models", "popularity", "--ablate"], "--ablate takes parts out of plait"),
        (["--protocol", "cross-modal", "--ablate"], "it takes no rankings of users, no splits and no ablations"),
        (["--protocol", "cross-modal", "--rankings", "x=x.csv"], "cross-modal parts no log: it takes no rankings"),
    ],
)
def test_wrong_calls_are_one_line(arguments: list[str], said: str, cli: Cli, built_once: Path) -> None:
    assert said in _complaint(cli, built_once, 2, *arguments)


def test_a_log_without_times_is_one_line(cli: Cli, built_once: Path, tmp_path: Path) -> None:
    rows = [{**row, "timestamp": "0"} for row in toy.interactions()]
    files = [toy.write_table(tmp_path / "items.csv", toy.items()), toy.write_table(tmp_path / "log.csv", rows)]
    assert cli("build", tmp_path / "ws", "--items", files[0], "--interactions", files[1]).code == 0
    said = _complaint(cli, tmp_path / "ws", 1, "--protocol", "global-time", *LIGHT)
    assert said == "plait: global-time needs times; the 60 events of this log have one time, 0"


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
    said = _complaint(cli, built_once, 1, "--protocol", "last-liked", *LIGHT, "--rankings", f"theirs={path}")
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
    said = _complaint(cli, built_once, 2, *call, "--splits", tmp_path / "splits", "--seeds", 3)
    assert "holds 2 salts; 3 seeds were asked for" in said
    said = _complaint(cli, built_once, 2, "--protocol", "random", *LIGHT, "--splits", tmp_path / "splits")
    assert "holds splits of global-time; got --protocol random" in said
    assert "holds no splits.json" in _complaint(cli, built_once, 2, *call, "--splits", tmp_path / "no")


def test_splits_of_another_catalogue_are_refused(cli: Cli, built: Path, tmp_path: Path) -> None:
    call = ("--protocol", "last-liked", *LIGHT, "--seeds", 1)
    assert cli("evaluate", built, *call, "--save-splits", tmp_path / "splits").code == 0
    assert cli("remove", built, "cooking-0").code == 0
    said = _complaint(cli, built, 1, *call, "--splits", tmp_path / "splits")
    assert "item 'cooking-0' is not in the workspace (1 are missing)" in said


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

"""The registry: what it tells, which model answers after promote and rollback, what is refused."""

import json
from pathlib import Path

import pytest

from plait import snapshot
from plait.errors import BadData, WrongCall
from plait.flows.models import models, promote, rollback
from plait.recommender import Recommender
from plait.workspace import Workspace
from tests.plait.flows.keeping import flip, model_of, publish_again


def test_what_is_told_of_a_model(own: Path) -> None:
    publish_again(own)
    first, second = models(Workspace.open(own))
    assert (first["number"], first["current"], second["number"], second["current"]) == (1, False, 2, True)
    assert (first["made_by"], first["from"], second["from"]) == ("train", None, 1)
    assert (first["users"], first["items"], first["events"]) == (12, 24, 60)
    assert (first["seed"], first["budget"], first["problem"], first["encoders_fit"]) == (0, "1m", "", True)
    judged = json.loads((own / "models" / "000001" / "manifest.json").read_text(encoding="utf-8"))["details"]
    gains = [gain for _, gain in judged["epochs_judged"]]
    assert first["metrics"] == ({"ndcg@10": max(gains)} if gains else {})


def test_a_running_process_takes_up_what_was_promoted_and_rolled_back(own: Path) -> None:
    recommender = Recommender.open(own)
    publish_again(own)
    assert recommender.recommend("user-0").model == "index 1, model 2"
    other = Workspace.open(own)
    assert promote(other, 1) == {"model": 1, "before": 2, "notes": []}
    assert recommender.recommend("user-0").model == "index 1, model 1"
    # The promotion itself is taken back first, then the publication.
    assert rollback(other)["model"] == 2
    assert recommender.recommend("user-0").model == "index 1, model 2"
    with pytest.raises(BadData, match="no model to go back to"):
        rollback(other)


def test_a_model_published_after_a_rollback_comes_after_what_was_gone_back_to(own: Path) -> None:
    workspace = Workspace.open(own)
    for _ in range(2):
        publish_again(own)
    assert rollback(workspace)["model"] == 2
    assert publish_again(own) == 4
    assert [rollback(workspace)["model"], rollback(workspace)["model"]] == [2, 1]


def test_a_model_promoted_twice_keeps_its_past(own: Path) -> None:
    workspace = Workspace.open(own)
    publish_again(own)
    promote(workspace, 1)
    assert promote(workspace, 1) == {"model": 1, "before": 1, "notes": []}
    assert [model["promoted"] for model in models(Workspace.open(own))] == [True, False]
    assert rollback(workspace)["model"] == 2


@pytest.mark.parametrize("file", ["ranker.safetensors", "names.json", "manifest.json"])
def test_a_broken_model_is_neither_promoted_nor_gone_back_to(own: Path, file: str) -> None:
    workspace = Workspace.open(own)
    for _ in range(2):
        publish_again(own)
    flip(own / "models" / "000002" / file, at=0 if file == "manifest.json" else -10)
    with pytest.raises(BadData, match="000002"):
        promote(workspace, 2)
    assert model_of(own) == 3
    went = rollback(workspace)
    assert (went["model"], went["before"]) == (1, 3)
    assert len(went["notes"]) == 1
    assert "model 2 is passed over" in went["notes"][0]


def test_a_model_of_other_encoders_is_refused(own: Path) -> None:
    workspace = Workspace.open(own)
    publish_again(own)
    path = own / "models" / "000001" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, "encoders": {"text": "another"}}), encoding="utf-8")
    assert [model["encoders_fit"] for model in models(Workspace.open(own))] == [False, True]
    with pytest.raises(BadData, match="other encoders"):
        promote(workspace, 1)
    assert model_of(own) == 2


def test_a_model_there_is_none_of(own: Path) -> None:
    with pytest.raises(WrongCall, match="there is no model 7; there are 1"):
        promote(Workspace.open(own), 7)


def test_nothing_moves_while_another_trains(own: Path) -> None:
    publish_again(own)
    workspace = Workspace.open(own)
    with Workspace.open(own).publishing(), pytest.raises(BadData, match="being built or trained"):
        promote(workspace, 1)
    assert snapshot.current_number(own / "models") == 2

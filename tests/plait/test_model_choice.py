"""Which model answers: the one CURRENT names, or the last before it that can; damage is noticed before it answers."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from plait import model_choice, snapshot
from plait.errors import BadData
from plait.flows.models import models
from plait.live import Live
from plait.model_choice import chosen_models
from plait.recommender import Recommender
from plait.workspace import Workspace
from tests.plait.flows.keeping import flip, publish_again, scores


def of_format(path: Path, number: int) -> None:
    """Let a model be one that another version made, whole by its manifest."""
    names = path / "names.json"
    names.write_text(json.dumps({**json.loads(names.read_text(encoding="utf-8")), "format": number}), encoding="utf-8")
    manifest = path / "manifest.json"
    said = json.loads(manifest.read_text(encoding="utf-8"))
    del said["files"]["names.json"]
    manifest.write_text(json.dumps(said), encoding="utf-8")


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a byte of the arrays": (lambda path: flip(path / "ranker.safetensors"), "ranker.safetensors does not match"),
    "a byte of the names": (lambda path: flip(path / "names.json"), "names.json does not match"),
    "cut off": (lambda path: os.truncate(path / "ranker.safetensors", 100), "has 100 bytes"),
    "missing": (lambda path: (path / "names.json").unlink(), "names.json is missing"),
    "manifest": (lambda path: flip(path / "manifest.json", at=0), "cannot be read as a manifest"),
    "earlier": (lambda path: of_format(path, 1), "was made by another version"),
    "later": (lambda path: of_format(path, 99), "upgrade Plait"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_model_before_answers_and_it_is_said(own: Path, damage: str) -> None:
    before = scores(Recommender.open(own), ["user-1"])
    publish_again(own)
    harm, said = DAMAGES[damage]
    harm(own / "models" / "000002")
    recommender = Recommender.open(own)
    ranking = recommender.recommend("user-0")
    assert ranking.model == "index 1, model 1"
    (note,) = ranking.notes
    assert note.startswith("model 2 is passed over: ")
    assert said in note
    assert note.endswith("; model 1 answers")
    assert scores(recommender, ["user-1"]) == before
    assert recommender.score([{"user_id": "user-1", "item_id": "space-0"}]).notes == (note,)
    assert said in models(recommender._live.workspace)[1]["problem"]
    # The next model is taken up as ever.
    snapshot.point(own / "models", 1)
    assert recommender.recommend("user-0").notes == ()


def test_without_a_sound_one_answers_are_untrained(own: Path) -> None:
    publish_again(own)
    for number in (1, 2):
        flip(own / "models" / f"{number:06d}" / "ranker.safetensors")
    ranking = Recommender.open(own).recommend("user-0")
    assert ranking.model == "index 1, untrained"
    assert len(ranking.items) == 10
    (note,) = ranking.notes
    assert note.endswith("; answers are untrained")


def test_before_any_training_there_is_nothing_to_say(built: Path) -> None:
    assert Recommender.open(built).recommend("user-0").notes == ()


def test_a_large_file_is_known_by_its_size(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_again(own)
    path = own / "models" / "000002" / "ranker.safetensors"
    flip(path)
    with monkeypatch.context() as small:
        small.setattr(model_choice, "READ_WHOLE", path.stat().st_size - 1)
        assert Live(Workspace.open(own)).refresh().name == "index 1, model 2"
        os.truncate(path, path.stat().st_size - 4)
        assert Live(Workspace.open(own)).refresh().name == "index 1, model 1"


def test_one_that_was_replaced_while_it_was_read_is_not_called_broken(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_again(own)
    workspace = Workspace.open(own)
    found = snapshot.current(own / "index")
    assert found is not None

    def gone(folder: Path) -> None:
        snapshot.point(own / "models", 1)
        raise BadData(f"{folder} is gone")

    with monkeypatch.context() as replaced:
        replaced.setattr(model_choice, "read_models", gone)
        with pytest.raises(BadData, match="model 2 was replaced while it was read"):
            chosen_models(workspace, found.encoders)
    trained, _, notes = chosen_models(workspace, found.encoders)
    assert trained is not None
    assert (trained.number, notes) == (1, ())

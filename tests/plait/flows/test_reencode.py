"""Other encoders, live: open processes answer by the old ones until the switch, and by the new ones after it."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from embedders.bundles import MINILM
from embedders.items import Strand
from plait import snapshot
from plait.config import FILE
from plait.errors import BadData, WrongCall
from plait.flows import reencode as flow
from plait.flows.asked import vectors_of_texts
from plait.flows.build import build
from plait.flows.check import check
from plait.flows.publish import LOST_MEDIA
from plait.flows.reencode import BESIDE, reencode
from plait.flows.repair import repair
from plait.flows.search import Query, search_at
from plait.flows.status import status
from plait.ranking import Ranking
from plait.recommender import Recommender
from plait.selection import Selection
from plait.workspace import COMPACTOR, Workspace
from tests.embedders.tiny_models import tiny_bert, tiny_timm
from tests.plait import toy
from tests.plait.conftest import Cli
from tests.plait.flows.keeping import scores

WORDS = "astronauts among the stars"
NEW = {"item_id": "new", "title": "Pizza", "description": "dough, tomatoes, cheese", "year": "2020"}


def name_others(folder: Path, settings: str = "") -> None:
    """Let plait.toml name the bundled text model with its vectors cut to a third of their numbers."""
    text = f'{{ model = "{MINILM.weights()}", truncate_dim = 128 }}'
    (folder / FILE).write_text(f"[encoders]\ntext = {text}\n{settings}", encoding="utf-8")


def name_none(folder: Path) -> None:
    (folder / FILE).write_text("", encoding="utf-8")


def numbered(ranking: Ranking) -> list[tuple[str, float]]:
    return [(item.item_id, round(item.score, 4)) for item in ranking.items]


def searched(recommender: Recommender) -> list[tuple[str, float]]:
    return numbered(recommender.search(WORDS, limit=30))


def test_open_processes_go_over_and_answer_as_new_ones_do(trained: Path, cli: Cli) -> None:
    one = Recommender.open(trained)
    before, width = searched(one), one.vectors(["space-0"]).shape[1]
    name_others(trained)
    for command in (["search", trained, WORDS], ["recommend", trained, "--user", "user-0"]):
        refused = cli(*command)
        assert refused.code == 1
        assert f"`plait build {trained} --reencode`" in refused.err
    assert searched(one) == before
    outcome = cli("build", trained, "--reencode")
    assert outcome.code == 0, outcome.err
    assert "model 2 was trained within 1m, as model 1 was" in outcome.err
    other = Recommender.open(trained)
    assert searched(one) == searched(other) != before
    assert one.search(WORDS).model == "index 2, model 2"
    for user in ("user-0", "stranger"):
        assert scores(one, [user])[user] == pytest.approx(scores(other, [user])[user])
    assert (width, one.vectors(["space-0"]).shape[1]) == (384, 128)
    assert check(trained) == []
    assert not (trained / "index" / BESIDE).exists()
    # The same once more changes nothing.
    again = status(trained)
    assert "there is nothing to do" in reencode(trained).notes[0]
    assert status(trained) == again


def test_the_way_back_encodes_nothing(built: Path) -> None:
    one = Recommender.open(built)
    before = searched(one)
    name_others(built)
    assert reencode(built).encoded[Strand.TEXT] == 24
    name_none(built)
    assert reencode(built).encoded == {}
    assert searched(one) == before
    assert one.search(WORDS).model == "index 3, untrained"


def test_until_the_switch_old_models_answer_beside_the_old_index(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Recommender.open(trained)
    before, liked = searched(one), scores(one, ["user-0"])
    name_others(trained)
    switch, told = flow._switch, []

    def looked_at(*arguments: Any) -> None:
        assert snapshot.current_number(trained / "models") == 2
        told.append(one.search(WORDS).model)
        assert searched(one) == before
        assert scores(one, ["user-0"]) == liked
        switch(*arguments)

    monkeypatch.setattr(flow, "_switch", looked_at)
    reencode(trained)
    assert told == ["index 1, model 1"]
    assert one.recommend("user-0").model == "index 2, model 2"


@pytest.mark.parametrize(
    ("moment", "call", "encoded"), [("_encode_since", 1, 25), ("_encode_since", 2, 25), ("_switch", 1, 24)]
)
def test_what_is_added_and_removed_meanwhile_is_in_the_answers(
    trained: Path, monkeypatch: pytest.MonkeyPatch, moment: str, call: int, encoded: int
) -> None:
    one = Recommender.open(trained)
    one.search(WORDS)
    name_others(trained)
    work, calls = getattr(flow, moment), []

    def changed(*arguments: object) -> object:
        calls.append(moment)
        if len(calls) != call:
            return work(*arguments)
        assert one.add_items([NEW]).encoded == {Strand.TEXT: 1}
        one.remove_items(["space-0"])
        one.record([{"user_id": "user-0", "item_id": "new", "event": "like"}])
        assert one.search(NEW["description"]).items[0].item_id == "new"
        return work(*arguments)

    monkeypatch.setattr(flow, moment, changed)
    assert reencode(trained).encoded[Strand.TEXT] == encoded
    for asked in (one, Recommender.open(trained)):
        found = asked.search(NEW["description"], limit=30)
        assert found.model == "index 2, model 2"
        assert (found.items[0].item_id, len(found.items)) == ("new", 24)
        assert "space-0" not in {item.item_id for item in found.items}
    assert searched(one) == searched(Recommender.open(trained))
    assert one.profile("user-0").events == 6
    assert check(trained) == []


def test_no_query_of_one_encoder_meets_an_index_of_another(trained: Path) -> None:
    """Every answer during a switch is that of the old index or that of the new one, to the last score."""
    one = Recommender.open(trained)
    right = {one.search(WORDS).model: searched(one)}
    name_others(trained)
    found: list[Ranking] = []
    errors: list[Exception] = []
    done = threading.Event()

    def ask() -> None:
        try:
            while not done.is_set():
                found.append(one.search(WORDS, limit=30))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    while not found and not errors:
        time.sleep(0.01)
    reencode(trained)
    last = Recommender.open(trained)
    right[last.search(WORDS).model] = searched(last)
    while not errors and "index 2, model 2" not in {ranking.model for ranking in found[-5:]}:
        time.sleep(0.01)
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {ranking.model for ranking in found} == set(right) == {"index 1, model 1", "index 2, model 2"}
    for model, answer in {(ranking.model, tuple(numbered(ranking))) for ranking in found}:
        assert dict(answer) == pytest.approx(dict(right[model]), abs=2e-3)


def test_what_is_asked_of_a_moment_is_encoded_by_its_encoders(built: Path) -> None:
    one = Recommender.open(built)
    moment, before = one._live.refresh(), searched(one)
    asked = vectors_of_texts(moment, [WORDS])
    name_others(built)
    reencode(built)
    assert searched(one) != before
    # An answer that began before the switch ends as it would have.
    assert numbered(search_at(moment, [Query(text=WORDS)], Selection(30))[0]) == before
    np.testing.assert_allclose(vectors_of_texts(moment, [WORDS]), asked, atol=1e-3)
    assert vectors_of_texts(one._live.refresh(), [WORDS]).shape == (1, 128)


class Killed(BaseException):
    """Stands for SIGKILL."""


def killed(*arguments: object, **options: object) -> None:
    raise Killed


@pytest.mark.parametrize("place", ["_train", "_switch", "_unchanged"])
def test_killed_before_the_switch_the_old_index_is_whole_and_the_next_one_goes_on(
    trained: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    one = Recommender.open(trained)
    before = searched(one), scores(one, ["user-0"])
    old = (trained / FILE).read_text(encoding="utf-8")
    name_others(trained)
    with monkeypatch.context() as patch:
        patch.setattr(f"plait.flows.reencode.{place}", killed)
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)  # what is killed tidies nothing
        with pytest.raises(Killed):
            reencode(trained)
    assert (trained / "index" / BESIDE).exists()
    assert (searched(one), scores(one, ["user-0"])) == before
    (trained / FILE).write_text(old, encoding="utf-8")
    assert check(trained) == []
    assert searched(Recommender.open(trained)) == before[0]
    name_others(trained)
    made = snapshot.current_number(trained / "models")
    assert made == (1 if place == "_train" else 2)
    counts = reencode(trained)
    # Neither encoded nor learnt twice.
    assert counts.encoded == {}
    assert snapshot.current_number(trained / "models") == 2
    assert one.search(WORDS).model == "index 2, model 2"
    assert searched(one) == searched(Recommender.open(trained))


def test_repair_removes_what_a_killed_writer_left(built: Path) -> None:
    (built / "index" / BESIDE / "000001").mkdir(parents=True)
    assert check(built) == []
    assert repair(built)[1] == [f"{built / 'index' / BESIDE}: an index that a killed writer was making was removed"]
    assert not (built / "index" / BESIDE).exists()


def test_settings_that_change_meanwhile_are_not_passed_over(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Recommender.open(built)
    before, switch = searched(one), flow._switch
    name_others(built)

    def changed(*arguments: Any) -> None:
        name_none(built)
        switch(*arguments)

    monkeypatch.setattr(flow, "_switch", changed)
    with pytest.raises(BadData, match=r"plait\.toml names other encoders by now; nothing was published"):
        reencode(built)
    assert searched(one) == searched(Recommender.open(built)) == before
    assert status(built)["index"] == 1


def test_settings_that_change_after_the_switch_are_a_clear_error_in_an_open_process(built: Path) -> None:
    one = Recommender.open(built)
    searched(one)
    name_others(built)
    reencode(built)
    name_none(built)
    for _ in range(2):
        with pytest.raises(BadData, match="was built with the text encoder"):
            one.search(WORDS)
    name_others(built)
    assert searched(one) == searched(Recommender.open(built))


def test_an_open_process_changes_and_compacts_what_it_has_not_looked_at_yet(built: Path) -> None:
    one = Recommender.open(built)
    searched(one)
    name_others(built)
    reencode(built)
    assert one.add_items([NEW]).encoded == {Strand.TEXT: 1}
    assert one.search(NEW["description"]).items[0].item_id == "new"
    name_others(built, "[index]\ncompact_rows = 1\ncompact_share = 0.0\n")
    Recommender.open(built).remove_items(["space-0", "space-1"])
    found = snapshot.current(built / "index")
    assert found is not None
    assert found.number == 3
    assert dict(found.encoders) == Workspace.open(built).fingerprints()
    assert searched(one) == searched(Recommender.open(built))


def test_encoders_that_stay_are_the_same_objects(built: Path) -> None:
    workspace = Workspace.open(built)
    name_others(built)
    reencode(built)
    found = snapshot.current(built / "index")
    assert found is not None
    fresh = workspace.of_encoders(found.encoders)
    assert fresh.of_encoders(found.encoders) is fresh
    assert fresh.encoder(Strand.IMAGE) is workspace.encoder(Strand.IMAGE)
    assert fresh.encoder(Strand.TEXT) is not workspace.encoder(Strand.TEXT)
    assert fresh.store is workspace.store


def test_a_picture_that_is_gone_counts_as_missing_until_it_is_back(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    folder.mkdir()
    bert, timm = tiny_bert(tmp_path / "bert"), tiny_timm(tmp_path / "timm")
    (folder / FILE).write_text(f'[encoders]\ntext = "{bert}"\n', encoding="utf-8")
    for name, colour in (("a", "red"), ("b", "blue")):
        Image.new("RGB", (32, 32), colour).save(tmp_path / f"{name}.png")
    rows = [{"item_id": name, "title": f"cup {name}", "image": str(tmp_path / f"{name}.png")} for name in "ab"]
    one = Recommender.build(folder, items=rows, media_root=tmp_path)
    (tmp_path / "b.png").rename(tmp_path / "kept.png")
    (folder / FILE).write_text(f'[encoders]\ntext = "{bert}"\nimage = "{timm}"\n', encoding="utf-8")
    counts = reencode(folder)
    assert any("1 pictures or sounds of stored items count as missing" in note for note in counts.notes)
    assert counts.encoded == {Strand.IMAGE: 1}
    assert {item.item_id for item in one.search("cup").items} == {"a", "b"}
    found = snapshot.current(folder / "index")
    assert found is not None
    assert found.details[LOST_MEDIA] == 1
    (tmp_path / "kept.png").rename(tmp_path / "b.png")
    assert build(folder, items=rows, media_root=tmp_path).encoded[Strand.IMAGE] == 1


def test_own_vectors_stay_what_they_are(own: Path) -> None:
    name_others(own)
    assert "there is nothing to do" in reencode(own).notes[0]
    timm = tiny_timm(own.parent / "timm")
    (own / FILE).write_text(f'[encoders]\nimage = "{timm}"\n', encoding="utf-8")
    one = Recommender.open
    with pytest.raises(BadData, match="was built with the image encoder"):
        one(own).similar("space-0")
    reencode(own)
    np.testing.assert_allclose(one(own).vectors(["space-0"])[0] @ one(own).vectors(["space-0"])[0], 1.0, atol=1e-4)
    assert one(own).similar("space-0").items[0].item_id.startswith("space")


def test_nothing_is_begun_while_another_builds(built: Path) -> None:
    name_others(built)
    with Workspace.open(built).store.lease(COMPACTOR), pytest.raises(BadData, match="by another process"):
        reencode(built)


def test_without_any_liking_no_model_is_trained(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise BadData("the log holds no liking")

    monkeypatch.setattr(flow, "train_within", refused)
    name_others(trained)
    assert any("no model was trained, answers are untrained" in note for note in reencode(trained).notes)
    assert Recommender.open(trained).recommend("user-0").model == "index 2, untrained"


CALLS: list[Callable[[Path], object]] = [
    lambda folder: Recommender.build(folder, items=toy.items(), reencode=True),
    lambda folder: Recommender.build(folder, reencode=True, bundle="clip"),
    lambda folder: Recommender.build(folder, reencode=True, prune=True),
]


@pytest.mark.parametrize("call", CALLS)
def test_it_takes_nothing_else(built: Path, call: Callable[[Path], object]) -> None:
    with pytest.raises(WrongCall, match="--reencode reads contents from the store"):
        call(built)


def test_calls_that_lack_something(built: Path, tmp_path: Path, cli: Cli) -> None:
    with pytest.raises(WrongCall, match="items is missing"):
        Recommender.build(built)
    assert cli("build", built).code == 2
    assert "--reencode" in cli("build", built, "--reencode", "--prune").err
    assert cli("build", tmp_path / "nothing", "--reencode").code == 2
    shutil.rmtree(built / "index")
    with pytest.raises(BadData, match="has no index: run `plait build` with the items' table"):
        reencode(built)

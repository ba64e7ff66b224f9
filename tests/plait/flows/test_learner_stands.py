"""Where a learner stands: which training it belongs to, which events it has read, and what an item keeps."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embedders.items import Item, Strand
from plait import snapshot
from plait.flows import learner as learning
from plait.flows.learner import Learner
from plait.live import Live
from plait.model_files import read_models, write_models
from plait.own_vectors import vector_hash
from plait.recommender import Recommender
from plait.records import Event
from plait.store import StoredItem
from plait.workspace import Workspace
from tests.plait import toy
from tests.plait.flows.streams import liking, record, rounds


def train_again(folder: Path, *, width: int | None = None) -> None:
    """Publish the first models as a training up to now would, with `width` factors where that is given."""
    workspace = Workspace.open(folder)
    found = snapshot.read(workspace.models_folder, 1)
    models = read_models(found.path)
    if width is not None:
        items = replace(models.ranker.items, factors=models.ranker.items.factors[:, :width])
        models = replace(models, ranker=replace(models.ranker, items=items, gram=models.ranker.gram[:width, :width]))

    def write(new: Path) -> None:
        write_models(new, models)

    snapshot.publish(
        workspace.models_folder, write, sequence=workspace.store.sequence(), encoders=found.encoders,
        details=found.details,
    )  # fmt: skip


def learner_of(folder: Path) -> Learner:
    return Learner(Live(Workspace.open(folder)))


def set_every(folder: Path, events: int) -> None:
    """Let a round read so many events."""
    path = folder / "plait.toml"
    text = path.read_text(encoding="utf-8").replace("[learning]", f"[learning]\nevery = {events}\n#", 1)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("width", [None, 3])
def test_what_was_learnt_on_another_training_of_the_same_number_is_not_taken_up(own: Path, width: int | None) -> None:
    train_again(own)
    record(own, liking(range(40)))
    list(rounds(own))
    assert "model 2, online" in Recommender.open(own).recommend("user-1").model
    # As an erasure that could not read it does, or a backup that was made while another one answered.
    snapshot.point(own / "models", 1)
    snapshot.remove(own / "models", 2)
    assert Recommender.open(own).recommend("user-1").model == "index 1, model 1"
    train_again(own, width=width)
    assert Recommender.open(own).recommend("user-1").model == "index 1, model 2"
    record(own, liking(range(40, 80)))
    assert sum(each.events for each in rounds(own)) == 480
    assert "model 2, online" in Recommender.open(own).recommend("user-1").model


def test_what_an_earlier_version_wrote_is_learnt_anew(own: Path) -> None:
    record(own, liking(range(40)))
    list(rounds(own))
    found = snapshot.current(own / "online")
    assert found is not None
    manifest = found.path / snapshot.MANIFEST
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"trained":', '"other":'), encoding="utf-8")
    assert Recommender.open(own).recommend("user-1").model == "index 1, model 1"
    assert sum(each.events for each in rounds(own)) == 480


def test_what_was_learnt_before_a_login_is_not_learnt_again(own: Path) -> None:
    recommender, learner = Recommender.open(own), learner_of(own)
    record(own, liking(range(40)))
    assert sum(each.events for each in iter(learner.round, None)) == 480
    for turn in range(20):
        recommender.merge_user(f"new-{turn}", f"known-{turn}")
    assert learner.round() is None
    assert list(rounds(own)) == []
    record(own, liking(range(40, 41)))
    assert [each.events for each in iter(learner.round, None)] == [12]


def test_what_was_not_learnt_before_a_login_is_learnt_after_it(own: Path) -> None:
    set_every(own, 240)
    recommender, learner = Recommender.open(own), learner_of(own)
    record(own, liking(range(40)))
    first = learner.round()
    assert first is not None
    assert first.events == 240
    # Of the first all is read, of the last nothing.
    for turn in (*range(10), *range(30, 40)):
        recommender.merge_user(f"new-{turn}", f"known-{turn}")
    assert [each.events for each in iter(learner.round, None)] == [240]
    assert list(rounds(own)) == []


def test_what_may_have_been_learnt_from_does_not_judge_as_another_users(own: Path) -> None:
    recommender = Recommender.open(own)
    record(own, liking(range(40)))
    list(rounds(own))
    for turn in range(20):
        recommender.merge_user(f"new-{turn}", f"known-{turn}")
    record(own, liking(range(40, 41)))
    learner = learner_of(own)
    assert learner.round() is not None
    assert learner._stands is not None
    users = {user for _, names in learner._stands.memory._held for user, _ in names}
    assert {user.partition("-")[0] for user in users} == {"new"}
    assert len(users) > 5


def put(workspace: Workspace, item_id: str, vector: np.ndarray) -> None:
    """Give an item another content."""
    row = np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
    workspace.cache.put(workspace.encoder(Strand.TEXT).fingerprint, {vector_hash(row): row})
    with workspace.store.write() as change:
        change.upsert_items([StoredItem(Item(item_id), {Strand.TEXT: vector_hash(row)})])


def test_an_item_whose_content_changes_keeps_what_it_has_learnt(own: Path) -> None:
    workspace, learner = Workspace.open(own), learner_of(own)
    record(own, liking(range(40)))
    list(iter(learner.round, None))

    def learnt() -> np.ndarray:
        moment = Live(Workspace.open(own)).refresh()
        return np.asarray(moment.items.online[moment.index.rows(["space-0"])[0]])

    before = learnt()
    assert np.abs(before).max() > 0.01
    put(workspace, "space-0", toy.vectors()[20])
    put(workspace, "space-0", toy.vectors()[13] + 0.1)
    # Whatever the next round learns, or does not, of the item is little beside it.
    record(own, [Event("new-0", "cooking-5", toy.START + 2e6, "view", event_id="next")])
    assert learner.round() is not None
    np.testing.assert_allclose(learnt(), before, atol=0.2 * float(np.abs(before).max()))


def test_what_waits_for_judges_is_bounded(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "WAITING", 3)
    set_every(own, 12)
    record(own, liking(range(10)))
    learner = learner_of(own)
    done = list(iter(learner.round, None))
    assert [each.learnt for each in done] == [0] * 10
    assert learner._stands is not None
    # Each round is a group; of ten the last three wait.
    assert len(learner._stands.pending) == 3
    record(own, liking(range(10, 60)))
    first = next(each for each in iter(learner.round, None) if each.learnt)
    # Those that wait, and those of the round.
    assert first.learnt <= 4 * 12


def test_a_round_learns_all_of_what_it_reads(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "WAITING", 3)
    path = own / "plait.toml"
    text = path.read_text(encoding="utf-8")
    settings = "[learning]\nevery = 200\nguard = false\nper_item = 1.0\n#"
    path.write_text(text.replace("[learning]", settings, 1), encoding="utf-8")
    record(own, liking(range(200)))
    done = learner_of(own).round()
    assert done is not None
    assert done.learnt > 3 * 32


def test_a_learner_that_begins_reads_as_many_events_whatever_lies_between(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "REMEMBERED", 300)
    record(own, liking(range(40)))
    told = liking(range(40, 70))
    shown = [[replace(event, event="impression", event_id=f"{event.event_id}-{n}") for n in range(5)] for event in told]
    record(own, [one for event, mine in zip(told, shown, strict=True) for one in (*mine, event)])
    list(rounds(own))
    record(own, liking(range(70, 71)))
    learner = learner_of(own)
    done = learner.round()
    assert done is not None
    assert done.learnt > 0
    assert learner._stands is not None
    # Of 300 events some fifty are held out, half of which are of users who are known by then.
    assert learner._stands.memory.count >= 25

"""Onboard: questions by the log, by content where it says nothing, among what is asked for."""

import json
from pathlib import Path

import numpy as np
import pytest

from plait.errors import WrongCall
from plait.recommender import Recommender
from tests.copying import copied
from tests.plait import toy
from tests.plait.conftest import Cli

READERS = 40


def two_camps() -> list[dict[str, object]]:
    """Return events of readers who all know bread, and of whom half like the sea and half like space."""
    rng, rows = np.random.default_rng(4), []
    for number in range(READERS):
        liked, other = ("sailing", "space") if number % 2 else ("space", "sailing")
        chosen = [(f"{liked}-{item}", "like") for item in rng.permutation(6)[:4].tolist()]
        chosen += [(f"{other}-{item}", "dislike") for item in rng.permutation(6)[:2].tolist()]
        for place, (item_id, event) in enumerate([("cooking-0", "like"), *chosen]):
            time = toy.START + 100 * number + place
            rows.append({"user_id": f"reader-{number}", "item_id": item_id, "event": event, "timestamp": time})
    return rows


@pytest.fixture(scope="module")
def camps(own_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with two camps of readers. Read only."""
    workspace = tmp_path_factory.mktemp("camps") / "workspace"
    copied(own_once, workspace)
    Recommender.open(workspace).record(two_camps())
    return workspace


def test_questions_are_what_parts_the_readers(camps: Path) -> None:
    ranking = Recommender.open(camps).onboard()
    asked = [item.item_id for item in ranking.items]
    assert len(set(asked)) == 5
    assert {item_id.split("-")[0] for item_id in asked} == {"sailing", "space"}
    assert [item.rank for item in ranking.items] == [1, 2, 3, 4, 5]
    assert 0 < sum(item.score for item in ranking.items) < 1
    assert ranking.items[0].score > 0
    assert all(item.score == pytest.approx(sum(item.parts.values())) for item in ranking.items)
    assert all(item.title for item in ranking.items)
    assert not ranking.notes


def test_the_same_workspace_asks_the_same(camps: Path) -> None:
    first, second = (Recommender.open(camps).onboard(limit=24) for _ in range(2))
    assert first == second


def test_a_deeper_ranking_begins_with_the_shallow_one(camps: Path) -> None:
    recommender = Recommender.open(camps)
    whole = [item.item_id for item in recommender.onboard(limit=24).items]
    assert len(set(whole)) == 24
    assert [item.item_id for item in recommender.onboard(limit=3).items] == whole[:3]
    shown = recommender.onboard(limit=4, offset=5).items
    assert [item.item_id for item in shown] == whole[5:9]
    assert [item.rank for item in shown] == [6, 7, 8, 9]


def test_only_what_passes_is_asked(camps: Path) -> None:
    recommender = Recommender.open(camps)
    mine = recommender.onboard(where="categories = 'space'", limit=24).items
    assert {item.item_id for item in mine} == {f"space-{number}" for number in range(6)}
    few = recommender.onboard(candidates=["space-1", "sailing-2", "nowhere"]).items
    assert {item.item_id for item in few} == {"space-1", "sailing-2"}
    assert recommender.onboard(where="year > 3000").items == ()
    with pytest.raises(WrongCall, match="limit 0"):
        recommender.onboard(limit=0)


def test_without_a_log_the_questions_spread_over_the_catalogue(own_once: Path) -> None:
    ranking = Recommender.open(own_once).onboard(limit=4)
    assert {item.item_id.split("-")[0] for item in ranking.items} == set(toy.FAMILIES)
    assert len(ranking.notes) == 1
    assert "12 users" in ranking.notes[0]
    assert [item.score for item in ranking.items] == [0.0] * 4


def test_a_removed_item_is_not_asked(camps: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    copied(camps, workspace)
    recommender = Recommender.open(workspace)
    asked = [item.item_id for item in recommender.onboard(limit=2).items]
    recommender.remove_items(asked[:1])
    again = [item.item_id for item in recommender.onboard(limit=24).items]
    assert asked[0] not in again
    assert len(again) == 23


def test_the_command(cli: Cli, camps: Path, tmp_path: Path) -> None:
    outcome = cli("onboard", camps, "--limit", 3, "--json")
    assert outcome.code == 0
    answer = json.loads(outcome.out)
    assert set(answer) == {"items", "model", "notes"}
    assert [item["rank"] for item in answer["items"]] == [1, 2, 3]
    assert set(answer["items"][0]["parts"]) == {"gain"}
    assert "gain" in cli("onboard", camps).out
    chosen = tmp_path / "ids.txt"
    chosen.write_text("space-1\n", encoding="utf-8")
    one = json.loads(cli("onboard", camps, "--candidates", chosen, "--json").out)
    assert [item["item_id"] for item in one["items"]] == ["space-1"]
    for wrong in (["--limit", "0"], ["--where", "((("], ["--nonsense"]):
        refused = cli("onboard", camps, *wrong)
        assert refused.code == 2
        assert refused.out == ""
        assert refused.err.count("\n") == 1

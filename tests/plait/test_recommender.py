"""The Python face as design.md shows it: tables of every kind, rankings, batches, and what is exported."""

import inspect
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import plait
from plait import RankedItem, Ranking, Reason, Recommender
from plait.counts import EventTally, ItemTally
from plait.errors import BadData, WrongCall
from plait.selection import Selection, SelectionOptions
from plait.store import Store
from tests.plait import toy


def test_what_is_exported() -> None:
    assert plait.__all__ == sorted(plait.__all__)
    assert {name for name in plait.__all__ if not hasattr(plait, name)} == set()
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = plait.Nothing


TABLES: dict[str, Callable[[list[dict[str, str]]], object]] = {
    "list": lambda rows: rows,
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "arrow": pa.Table.from_pylist,
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_of_every_kind(tmp_path: Path, toy_files: Path, kind: str) -> None:
    table = TABLES[kind]
    recommender = Recommender.build(
        tmp_path / "workspace", items=table(toy.items()), interactions=table(toy.interactions()),
        users=table([{"user_id": user, "age": "30"} for user in toy.USERS]),
        relations=table([{"user_id": "user-0", "other_id": "user-4", "weight": "1"}]),
        vectors={"text": toy_files / "vectors.npy"},
    )  # fmt: skip
    assert recommender.user_ids() == sorted(toy.USERS)
    event = {"user_id": "user-0", "item_id": "space-0", "timestamp": "1700000000", "event": "like"}
    assert recommender.record(table([event])) == EventTally(accepted=1)
    assert recommender.update_items(table([{"item_id": "space-0", "year": "2020"}])).items == ItemTally(updated=1)
    pair = {"user_id": "user-0", "item_id": "space-0"}
    assert len(recommender.score(table([pair])).pairs) == 1


def test_a_ranking_is_what_the_design_says(own_once: Path) -> None:
    ranking = Recommender.open(str(own_once)).recommend("user-7", limit=10)
    assert isinstance(ranking, Ranking)
    assert (ranking.model, ranking.notes, ranking.user_id) == ("index 1, model 1", (), "user-7")
    assert len(ranking.items) == 10
    for place, item in enumerate(ranking.items, start=1):
        assert isinstance(item, RankedItem)
        assert item.rank == place
        assert item.title in {row["title"] for row in toy.items()}
        assert all(isinstance(reason, Reason) for reason in item.because)
        assert all(type(value) is float for value in (item.score, *item.parts.values()))
    answer = ranking.to_json()
    assert set(answer) == {"user_id", "items", "model", "notes"}
    assert set(answer["items"][0]) == {"rank", "item_id", "score", "title", "parts", "because"}


def test_batch_forms_take_and_give_lists(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    assert [r.user_id for r in recommender.recommend(["user-1", "user-0"])] == ["user-1", "user-0"]
    assert [r.query_id for r in recommender.similar(["space-1", "space-0"])] == ["space-1", "space-0"]
    assert recommender.similar([]) == []
    assert recommender.recommend(["user-1"])[0] == recommender.recommend("user-1")


@pytest.mark.parametrize("options", [{"limit": 0}, {"limit": -1}, {"offset": -1}])
def test_wrong_selections(own_once: Path, options: SelectionOptions) -> None:
    with pytest.raises(WrongCall, match="expected a number from"):
        Recommender.open(own_once).recommend("user-0", **options)


def test_rankings_share_their_options() -> None:
    assert inspect.signature(Selection).parameters.keys() == {"limit", "offset", "where", "candidates", "language"}


def test_vectors(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    vectors = recommender.vectors(["space-0", "cooking-0", "space-0"])
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, 8)
    np.testing.assert_array_equal(vectors[0], vectors[2])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert recommender.vectors([]).shape == (0, 8)
    with pytest.raises(WrongCall, match="'nowhere' is not in the catalogue"):
        recommender.vectors(["space-0", "nowhere"])


def test_titles(own_once: Path) -> None:
    assert Recommender.open(own_once).titles(["space-2", "nowhere"]) == {"space-2": "Orbit"}


def test_training_says_what_was_learnt_from_what(own: Path) -> None:
    recommender = Recommender.open(own)
    said: list[str] = []
    report = recommender.train(budget="30s", seed=3, progress=said.append)
    assert {name: report[name] for name in ("model", "users", "items", "events", "left_out", "index")} == {
        "model": 2, "users": 12, "items": 24, "events": 60, "left_out": 0, "index": "index 1, model 1",
    }  # fmt: skip
    assert said
    assert recommender.recommend("user-0").model == "index 1, model 2"


def test_a_table_of_no_kind(own_once: Path) -> None:
    with pytest.raises(WrongCall, match="expected a path, a list of dicts or a data frame"):
        Recommender.open(own_once).score(7)


def test_there_is_nothing_to_open(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match="is not a workspace"):
        Recommender.open(tmp_path)


def test_reading_writes_nothing(own: Path) -> None:
    recommender = Recommender.open(own)
    store = Store.open(own / "store.db")
    before = store.sequence(), store.counts()
    recommender.recommend(["user-0", "user-1", "stranger"])
    recommender.similar("space-0")
    recommender.profile("user-0")
    recommender.score([{"user_id": "user-0", "item_id": "space-0"}])
    assert (store.sequence(), store.counts()) == before
    assert before[1]["exposures"] == 0


def test_it_keeps_its_workspace(own: Path, tmp_path: Path) -> None:
    recommender = Recommender.open(own)
    assert [model["current"] for model in recommender.models()] == [True]
    assert recommender.promote(1)["model"] == 1
    with pytest.raises(BadData, match="no model to go back to"):
        recommender.rollback()
    before = recommender.recommend("user-1")
    made = recommender.backup(tmp_path / "backup.tar")
    assert made["bytes"] == (tmp_path / "backup.tar").stat().st_size
    assert len(recommender.user_data("user-0")["events"]) == 5
    assert recommender.erase("user-0")["removed"]["events"] == 5
    assert not recommender.user_data("user-0")["events"]
    after = recommender.recommend("user-1")
    assert [(item.item_id, item.score) for item in after.items] == [(item.item_id, item.score) for item in before.items]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda r: r.recommend("user-0", max_pr={"categories": 1}), "max_pr is no option"),
        (lambda r: r.search("stars", diversity=0.2), "diversity is no option"),
        (lambda r: r.recommend_group(["user-0"], log_exposure=True), "log_exposure is no option"),
        (lambda r: r.rank_values("user-0", "year", pins={"space-0": 1}), "pins is no option"),
        (lambda r: r.recommend("user-0", exclude="space-1"), "exclude is the text 'space-1'"),
        (lambda r: r.recommend_group("user-0"), "user_ids is the text 'user-0'"),
        (lambda r: r.recommend_basket("space-0"), "item_ids is the text 'space-0'"),
        (lambda r: r.recommend("user-0", pins=[("space-0", 1)]), "expected places by item"),
        (lambda r: r.recommend("user-0", at="soon"), "at 'soon': expected Unix seconds"),
        (lambda r: r.recommend_group(["user-0"], language="en"), "no sentences are made for groups"),
    ],
)  # fmt: skip
def test_what_would_be_lost_is_refused(own_once: Path, call: Callable[[Recommender], object], said: str) -> None:
    with pytest.raises(WrongCall, match=said):
        call(Recommender.open(own_once))

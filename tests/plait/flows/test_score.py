"""Score: what recommend says of a pair, and how well ratings are predicted."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from plait.errors import BadData, WrongCall
from plait.flows import score as score_module
from plait.flows.build import build
from plait.flows.score import ScoredPair, Scores, write_scores
from plait.recommender import Recommender
from tests.plait import toy

PAIRS = [{"user_id": user, "item_id": row["item_id"]} for user in (*toy.USERS, "stranger") for row in toy.items()]


def test_a_pair_scores_as_recommend_says(own_once: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score_module, "USERS_AT_ONCE", 5)
    recommender = Recommender.open(own_once)
    shuffled = [PAIRS[place] for place in np.random.default_rng(0).permutation(len(PAIRS))]
    scores = recommender.score(shuffled)
    assert [(pair.user_id, pair.item_id) for pair in scores.pairs] == [(p["user_id"], p["item_id"]) for p in shuffled]
    expected = {
        (ranking.user_id, item.item_id): item.score
        for ranking in recommender.recommend([*toy.USERS, "stranger"], limit=24, include_seen=True)
        for item in ranking.items
    }
    for pair in scores.pairs:
        assert pair.score == pytest.approx(expected[pair.user_id, pair.item_id], abs=1e-4)
    assert (scores.rmse, scores.mae) == (None, None)


def test_the_same_pair_twice(own_once: Path) -> None:
    scores = Recommender.open(own_once).score([PAIRS[0], PAIRS[30], PAIRS[0]])
    assert scores.pairs[0] == scores.pairs[2]


def test_an_unknown_item_is_a_bad_row(own_once: Path) -> None:
    pairs = [PAIRS[0], {"user_id": "user-0", "item_id": "nowhere"}]
    with pytest.raises(BadData, match="'nowhere' is not in the catalogue; nothing was scored"):
        Recommender.open(own_once).score(pairs)
    scores = Recommender.open(own_once).score(pairs, on_error="skip")
    assert [pair.item_id for pair in scores.pairs] == [PAIRS[0]["item_id"]]
    assert "nowhere" in scores.notes[0]
    many = Recommender.open(own_once).score([pairs[0]] + [pairs[1]] * 25, on_error="skip")
    assert len(many.notes) == 21
    assert many.notes[-1] == "and 5 more rows left out"


def test_no_pairs(own_once: Path) -> None:
    scores = Recommender.open(own_once).score([PAIRS[0]][:0] or [{"user_id": "", "item_id": ""}], on_error="skip")
    assert scores.pairs == ()


def test_ratings_are_predicted(tmp_path: Path, toy_files: Path) -> None:
    ratings = [
        {"user_id": row["user_id"], "item_id": row["item_id"], "timestamp": row["timestamp"],
         "rating": "5" if row["event"] == "like" else "1"}
        for row in toy.interactions()
    ]  # fmt: skip
    build(tmp_path / "workspace", items=toy.items(), interactions=ratings, vectors={"text": toy_files / "vectors.npy"})
    recommender = Recommender.open(tmp_path / "workspace")
    untrained = recommender.score([ratings[0]])
    assert untrained.rmse is None
    assert "no rating model" in untrained.notes[0]
    recommender.train(budget="1m")
    scores = recommender.score([*ratings, PAIRS[20]])
    assert scores.rmse is not None
    assert scores.mae is not None
    # Better than saying the mean of ratings of which four in five are 5 and one is 1.
    assert scores.rmse < 1.6
    assert scores.mae <= scores.rmse
    answer = scores.to_json()
    assert (answer["rmse"], answer["mae"]) == (scores.rmse, scores.mae)
    assert answer["pairs"][0] == {
        "user_id": ratings[0]["user_id"], "item_id": ratings[0]["item_id"], "score": scores.pairs[0].score,
    }  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_scores_as_a_file(tmp_path: Path, ending: str) -> None:
    import pyarrow.parquet as pq

    path = tmp_path / f"scores.{ending}"
    pairs = (ScoredPair("007", "NA", None, 0.25), ScoredPair("ü,\n", "1e5", 4.0, 0.75))
    write_scores(path, Scores(pairs))
    if ending == "csv":
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [(row["user_id"], row["item_id"], float(row["score"])) for row in csv.DictReader(stream)]
    elif ending == "jsonl":
        rows = [tuple(json.loads(line).values()) for line in path.read_text(encoding="utf-8").splitlines()]
    else:
        rows = [tuple(row.values()) for row in pq.read_table(path).to_pylist()]
    assert rows == [("007", "NA", 0.25), ("ü,\n", "1e5", 0.75)]


def test_another_ending(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match=r"\.parquet, \.csv, \.jsonl"):
        write_scores(tmp_path / "scores.txt", Scores(()))
    with pytest.raises(WrongCall, match="nowhere is not a folder"):
        write_scores(tmp_path / "nowhere" / "scores.csv", Scores(()))

"""Search and similar: parts that sum to the score, batches that are their members, weights that count."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from plait.errors import WrongCall
from plait.flows.build import build
from plait.flows.search import Query
from plait.ranking import Ranking
from plait.recommender import Recommender
from plait.selection import Selection
from tests.plait import toy
from tests.plait.flows.asking import shrink_candidate_search

QUERIES = ["bread and cake", "a storm at sea", "stars", "flowers in the garden"]


@pytest.fixture(scope="module")
def two_strands(tmp_path_factory: pytest.TempPathFactory, toy_files: Path) -> Path:
    """A workspace with own vectors for texts of all items, and for pictures of half of them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("strands")
    pictures = np.random.default_rng(1).normal(size=(24, 6)).astype(np.float32)
    ids = [row["item_id"] for row in toy.items()]
    table = pa.table({"item_id": ids[::2], "vector": pictures[::2].tolist()})
    pq.write_table(table, folder / "pictures.parquet")
    vectors = {"text": toy_files / "vectors.npy", "image": folder / "pictures.parquet"}
    build(folder / "workspace", items=toy.items(), vectors=vectors)
    return folder / "workspace"


def check_sums(ranking: Ranking, strands: set[str]) -> None:
    assert ranking.items
    for item in ranking.items:
        assert set(item.parts) == strands
        assert item.score == pytest.approx(sum(item.parts.values()), abs=1e-4)


def test_parts_of_search_sum_to_the_score(built_once: Path) -> None:
    for ranking in Recommender.open(built_once).search(QUERIES, limit=24):
        check_sums(ranking, {"text", "lexical"})


def test_parts_of_similar_sum_to_the_score(two_strands: Path) -> None:
    recommender = Recommender.open(two_strands)
    ids = [row["item_id"] for row in toy.items()]
    weights: list[Mapping[str, float] | None] = [None, {"text": 1, "image": 0.25}]
    for given in weights:
        for ranking in recommender.similar(ids, limit=24, weights=given):
            check_sums(ranking, {"text", "image"})


def test_weights_choose_the_strand(two_strands: Path) -> None:
    recommender = Recommender.open(two_strands)
    text = recommender.similar("space-0", limit=5, weights={"text": 1, "image": 0})
    assert all(item.parts["image"] == 0 for item in text.items)
    assert {item.item_id.split("-")[0] for item in text.items} == {"space"}
    both = recommender.similar("space-0", limit=23, weights={"text": 1, "image": 1})
    assert any(item.parts["image"] != 0 for item in both.items)


@pytest.mark.parametrize("weights", [{"smell": 1.0}, {"text": float("nan")}, {"text": -1.0}])
def test_wrong_weights(two_strands: Path, weights: dict[str, float]) -> None:
    with pytest.raises(WrongCall, match="weights"):
        Recommender.open(two_strands).similar("space-0", weights=weights)


def test_search_batches_are_their_members(built_once: Path) -> None:
    recommender = Recommender.open(built_once)
    for words, ranking in zip(QUERIES, recommender.search(QUERIES, limit=6), strict=True):
        alone = recommender.search(words, limit=6)
        assert [item.item_id for item in ranking.items] == [item.item_id for item in alone.items]
        assert [item.score for item in ranking.items] == pytest.approx([i.score for i in alone.items], abs=1e-4)


def test_similar_batches_are_their_members(two_strands: Path) -> None:
    recommender = Recommender.open(two_strands)
    ids = [row["item_id"] for row in toy.items()]
    for item_id, ranking in zip(ids, recommender.similar(ids, limit=6), strict=True):
        alone = recommender.similar(item_id, limit=6)
        assert [item.item_id for item in ranking.items] == [item.item_id for item in alone.items]
        assert [item.score for item in ranking.items] == pytest.approx([i.score for i in alone.items], abs=1e-5)


def test_words_find_their_family(built_once: Path) -> None:
    recommender = Recommender.open(built_once)
    for words, family in zip(QUERIES, toy.FAMILIES, strict=True):
        ranking = recommender.search(words, limit=1)
        assert {item.item_id.split("-")[0] for item in ranking.items} == {family}
        assert [item.title for item in ranking.items] == [
            toy.FAMILIES[family][int(item.item_id.split("-")[1])] for item in ranking.items
        ]


def test_an_item_is_not_similar_to_itself(two_strands: Path) -> None:
    recommender = Recommender.open(two_strands)
    for row in toy.items():
        answer = recommender.similar(row["item_id"], limit=50)
        assert len(answer.items) == 23
        assert row["item_id"] not in {item.item_id for item in answer.items}


def test_unknown_items(two_strands: Path) -> None:
    with pytest.raises(WrongCall, match="'nowhere' is not in the catalogue"):
        Recommender.open(two_strands).similar(["space-0", "nowhere"])


@pytest.mark.parametrize("text", [None, "", "  \n "])
def test_an_empty_query(built_once: Path, text: str | None) -> None:
    with pytest.raises(WrongCall, match="empty"):
        Recommender.open(built_once).search(text)


def test_a_strand_no_item_has_still_answers_in_full(built_once: Path, tmp_path: Path) -> None:
    from PIL import Image

    picture = tmp_path / "red.png"
    Image.new("RGB", (64, 64), "red").save(picture)
    queries = [Query("a", image=str(picture)), Query("b", text="bread", image=str(picture))]
    answers = Recommender.open(built_once).search_queries(queries, Selection(24))
    assert [ranking.query_id for ranking in answers] == ["a", "b"]
    assert [len(ranking.items) for ranking in answers] == [24, 24]
    for ranking in answers:
        check_sums(ranking, {"text", "lexical"})
    assert answers[1].items[0].item_id.startswith("cooking")


@pytest.mark.parametrize("narrow", [False, True])
def test_items_without_what_is_asked_come_last(
    two_strands: Path, narrow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if narrow:
        shrink_candidate_search(monkeypatch)
    ids = [row["item_id"] for row in toy.items()]
    pictured = set(ids[::2])
    answer = Recommender.open(two_strands).similar("cooking-0", limit=23, weights={"image": 1})
    order = [item.item_id in pictured for item in answer.items]
    scores = [item.score for item in answer.items]
    assert order == sorted(order, reverse=True)
    assert any(order)
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < 0 or narrow
    assert answer.notes == ()
    check_sums(answer, {"text", "image"})


def test_an_answer_to_nothing_says_so(two_strands: Path) -> None:
    recommender = Recommender.open(two_strands)
    for weights in ({"audio": 1.0}, {"text": 0.0}):
        answer = recommender.similar("cooking-0", limit=5, weights=weights)
        assert [item.score for item in answer.items] == [0.0] * 5
        assert "order says nothing" in answer.notes[0]
    assert recommender.similar("cooking-0", limit=5).notes == ()


def test_words_are_something_to_compare_with(built_once: Path) -> None:
    answer = Recommender.open(built_once).search("Bread", limit=3, weights={"audio": 1.0, "lexical": 1.0})
    assert answer.items[0].item_id == "cooking-0"
    assert answer.items[0].score > 0
    assert answer.notes == ()

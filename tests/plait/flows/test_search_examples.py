"""Search by examples and for somebody: against the formula, parts that sum, and examples left out."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from embedders.items import Strand
from index.vector_index import Rows, Vectors
from plait.errors import WrongCall
from plait.flows.build import build
from plait.flows.nearest import nearest_items
from plait.flows.personal import WEIGHT
from plait.flows.recommend import askers, user_side
from plait.flows.search import Query
from plait.live import Live
from plait.ranking import Ranking
from plait.recommender import Recommender
from plait.selection import Selection
from plait.workspace import Workspace
from tests.plait import toy

IDS = [row["item_id"] for row in toy.items()]


def check_sums(ranking: Ranking) -> None:
    assert ranking.items
    for item in ranking.items:
        assert item.score == pytest.approx(sum(item.parts.values()), abs=1e-6)


def test_examples_are_the_mean_of_what_is_liked_less_that_of_what_is_not(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    like, unlike = ["space-0", "sailing-1"], ["space-3", "space-4", "sailing-0"]
    wanted = recommender.vectors(like).mean(axis=0) - recommender.vectors(unlike).mean(axis=0)
    ranking = recommender.search(like=like, unlike=unlike, limit=50)
    check_sums(ranking)
    others = [item_id for item_id in IDS if item_id not in {*like, *unlike}]
    cosines = recommender.vectors(others) @ wanted
    order = [others[place] for place in np.argsort(-cosines, kind="stable")]
    assert [item.item_id for item in ranking.items] == order


def test_one_example_is_similar(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    similar = recommender.similar("space-0", limit=50).items
    found = recommender.search(like=["space-0"], limit=50).items
    assert [item.item_id for item in found] == [item.item_id for item in similar]
    assert [item.score for item in found] == pytest.approx([item.score for item in similar], abs=1e-6)


def test_unlike_alone_turns_similar_around(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    similar = [item.item_id for item in recommender.similar("space-0", limit=50).items]
    assert [i.item_id for i in recommender.search(unlike=["space-0"], limit=50).items] == similar[::-1]


def test_words_and_examples_together(built_once: Path) -> None:
    recommender = Recommender.open(built_once)
    alone = recommender.search("a storm at sea", limit=24)
    both = recommender.search("a storm at sea", like=["gardening-0"], limit=24)
    check_sums(both)
    assert "gardening-0" not in [item.item_id for item in both.items]
    place = {item.item_id: item.rank for item in alone.items}
    lifted = [place[item.item_id] - item.rank for item in both.items if item.item_id.startswith("gardening")]
    assert np.mean(lifted) > 0
    assert both.items[0].item_id.startswith("sailing")
    two = recommender.search_queries(
        [Query("a", "a storm at sea", like=("gardening-0",)), Query("b", "a storm at sea")], Selection(24)
    )
    for found, expected in zip(two, (both, alone), strict=True):
        assert [item.item_id for item in found.items] == [item.item_id for item in expected.items]
        assert [item.score for item in found.items] == pytest.approx([i.score for i in expected.items], abs=1e-4)


def test_a_user_adds_the_score_of_the_ranker(own_once: Path) -> None:
    live, recommender = Live(Workspace.open(own_once)), Recommender.open(own_once)
    moment = live.refresh()
    rows = moment.index.rows(IDS)
    side = user_side(moment, askers(live, ["user-1"]))
    logits = moment.models.ranker.score(side, moment.items, rows[None], moment.index.vectors(rows)[None]).logits[0]
    plain = {i.item_id: i.score for i in recommender.search(like=["space-0"], limit=50).items}
    found = recommender.search(like=["space-0"], user="user-1", limit=50)
    check_sums(found)
    for item in found.items:
        logit = float(logits[IDS.index(item.item_id)])
        assert item.parts["user"] == pytest.approx(WEIGHT * logit, abs=1e-5)
        assert item.score == pytest.approx(plain[item.item_id] + WEIGHT * logit, abs=1e-5)
    assert found.notes == ()
    scores = [item.score for item in found.items]
    assert scores == sorted(scores, reverse=True)


def test_a_query_without_a_user_is_for_all(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    queries = [Query("", like=("space-0",), user_id="user-1"), Query("", like=("space-0",))]
    for_one, for_all = recommender.search_queries(queries, Selection(50))
    assert for_one.items == recommender.search(like=["space-0"], user="user-1", limit=50).items
    assert {item.parts["user"] for item in for_all.items} == {0.0}
    plain = recommender.search(like=["space-0"], limit=50).items
    assert [item.item_id for item in for_all.items] == [item.item_id for item in plain]


@pytest.fixture
def two_strands(toy_files: Path, tmp_path: Path) -> Path:
    """Build a workspace with own vectors for texts of all items, and for pictures of every other one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pictures = np.random.default_rng(1).normal(size=(12, 6)).astype(np.float32)
    table = pa.table({"item_id": IDS[::2], "vector": pictures.tolist()})
    pq.write_table(table, tmp_path / "pictures.parquet")
    vectors = {"text": toy_files / "vectors.npy", "image": tmp_path / "pictures.parquet"}
    build(tmp_path / "workspace", items=toy.items(), interactions=toy.interactions(), vectors=vectors)
    return tmp_path / "workspace"


def test_no_taste_lifts_what_cannot_be_compared(two_strands: Path) -> None:
    found = Recommender.open(two_strands).search(like=[IDS[0]], user="user-1", weights={"image": 1}, limit=50)
    check_sums(found)
    assert {item.item_id for item in found.items[:11]} == set(IDS[2::2])
    least = found.items[10]
    for item in found.items[11:]:
        assert item.score == min(0.0, least.score)
    assert any(item.parts["user"] for item in found.items[:11])


class Flat:
    """A part that is the same for all items, larger than any other."""

    name = "flat"

    def of(self, place: int, rows: Rows, vectors: Vectors) -> NDArray[np.float64]:
        return np.full(len(rows), 100.0)


def test_what_is_added_lifts_nothing_that_cannot_be_compared(two_strands: Path) -> None:
    moment = Live(Workspace.open(two_strands)).refresh()
    query = moment.fusion.as_query(moment.index.vectors(moment.index.rows(IDS[:1])), weights={Strand.IMAGE: 1})
    items = nearest_items(moment, query, Selection(50), added=Flat())[0]
    assert {item.item_id for item in items[:12]} == set(IDS[::2])
    assert all(item.parts["flat"] == 100 for item in items[:12])
    assert any(item.score < 100 for item in items[:12])
    assert {item.score for item in items[12:]} == {0.0}


def test_an_unknown_user_is_no_error(own_once: Path) -> None:
    found = Recommender.open(own_once).search(like=["space-0"], user="stranger")
    assert found.notes == ("user 'stranger' has no events: what is popular counts in place of their taste",)
    assert len(found.items) == 10


def test_wrong_examples(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    with pytest.raises(WrongCall, match="item 'nowhere' is not in the catalogue"):
        recommender.search(like=["space-0", "nowhere"])
    with pytest.raises(WrongCall, match="'space-0' is both to be like and unlike"):
        recommender.search(like=["space-0"], unlike=["space-0"])
    with pytest.raises(WrongCall, match="is empty"):
        recommender.search(user="user-0")

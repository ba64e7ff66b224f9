"""MovieLens-100k, where it is at hand: the figures of the known peers."""

import csv
from pathlib import Path

import pytest

from plait.evaluation.measure import measure
from plait.evaluation.peers.bpr import Bpr
from plait.evaluation.peers.ease import Ease
from plait.evaluation.peers.ials import Ials
from plait.evaluation.peers.item_knn import ItemKnn
from plait.evaluation.peers.peer import Peer, Settings
from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.peers.recency_ease import RecencyEase
from plait.evaluation.peers.recent_popularity import RecentPopularity
from plait.evaluation.peers.svd import Svd
from plait.evaluation.results import Results
from plait.evaluation.runner import evaluate
from plait.evaluation.splitters import last_liked
from plait.history import Log
from tests.plait.evaluation.logs import Event, log_of

DATA = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "movies"


@pytest.fixture(scope="module")
def movies() -> Log:
    if not (DATA / "interactions.csv").is_file():
        pytest.skip("shared/data/movies is absent")
    with (DATA / "items.csv").open(encoding="utf-8", newline="") as stream:
        item_ids = [row["item_id"] for row in csv.DictReader(stream)]
    with (DATA / "interactions.csv").open(encoding="utf-8", newline="") as stream:
        # Ratings of 4 and 5 are likings, as in plait's defaults.
        events: list[Event] = [
            (row["user_id"], row["item_id"], float(row["timestamp"]), float(row["rating"]) - 3.5)
            for row in csv.DictReader(stream)
        ]
    return log_of(events, item_ids=item_ids)


@pytest.fixture(scope="module")
def judged(movies: Log) -> Results:
    return evaluate(movies, "last-liked", [Popularity()], seeds=5, cuts=(10,))


def test_popularity_is_where_it_was_measured_before(judged: Results) -> None:
    figure = judged.models["popularity"]["ndcg@10"]
    assert figure["mean"] == pytest.approx(0.052, abs=0.003)
    assert figure["low"] < 0.052 < figure["high"]
    assert judged.users >= 940


def test_popularity_finds_head_items_only(judged: Results) -> None:
    assert judged.buckets["target head"]["popularity"]["hit@10"]["mean"] > 0.2
    assert judged.buckets["target tail"]["popularity"]["hit@10"]["mean"] < 0.02


def test_item_knn_is_no_weaker_than_it_was_measured_before(movies: Log) -> None:
    figure = evaluate(movies, "last-liked", [ItemKnn()], seeds=1, cuts=(10,)).models["item-knn"]["ndcg@10"]
    assert figure["mean"] > 0.077


FLOORS: list[tuple[Peer, Settings, float]] = [
    (RecentPopularity(), {"days": 21.0}, 0.045),
    (Ease(), {"ridge": 100.0, "liked": 0}, 0.092),
    (RecencyEase(), {"ridge": 1000.0, "memory": 5.0, "reach": 20.0}, 0.13),
    (Ials(), {"factors": 32, "regularization": 10.0, "liked": 0}, 0.09),
    (Bpr(), {"factors": 16, "pull": 0.03, "liked": 0}, 0.08),
    (Svd(), {"rank": 32, "liked": 0}, 0.09),
]
"""Settings that were chosen on validation, and what no working version falls below on a salt that is not reported."""


@pytest.mark.parametrize(("peer", "settings", "floor"), FLOORS, ids=lambda value: getattr(value, "name", ""))
def test_no_peer_is_weaker_than_the_literature(movies: Log, peer: Peer, settings: Settings, floor: float) -> None:
    split = last_liked(movies, 7)
    found = measure(peer.fit(split, settings, seed=7), split, (10,)).values["ndcg@10"]
    assert float(found.mean()) > floor


def test_ties_make_the_salts_differ(movies: Log) -> None:
    first, second = (last_liked(movies, salt) for salt in (0, 1))
    assert first.fingerprint != second.fingerprint
    both = set(first.users.tolist()) & set(second.users.tolist())
    targets = [dict(zip(split.users.tolist(), split.targets.tolist(), strict=True)) for split in (first, second)]
    assert sum(targets[0][user] != targets[1][user] for user in both) > len(both) / 5

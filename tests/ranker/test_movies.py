"""MovieLens-100k: the last liking of each user is found more often than by popularity."""

import csv
from pathlib import Path

import numpy as np
import pytest

from ranker.fit import fit_ranker, hold_out
from ranker.interactions import Interactions
from ranker.item_features import ItemFeatures
from ranker.metrics import Values, ndcg

MOVIES = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "movies"
pytestmark = [
    pytest.mark.system,  # a minute, and several on a busy machine
    pytest.mark.skipif(not MOVIES.exists(), reason="shared/data/movies is not here"),
]


def read(name: str) -> list[dict[str, str]]:
    with (MOVIES / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def movies() -> tuple[Interactions, ItemFeatures]:
    items = read("items.csv")
    rows = {row["item_id"]: place for place, row in enumerate(items)}
    events = sorted(read("interactions.csv"), key=lambda row: (float(row["timestamp"]), hash_of(row)))
    users: dict[str, int] = {}
    interactions = Interactions(
        np.asarray([users.setdefault(row["user_id"], len(users)) for row in events]),
        np.asarray([rows[row["item_id"]] for row in events]),
        np.asarray([float(row["timestamp"]) for row in events]),
        np.asarray([(float(row["rating"]) - 3) / 2 for row in events], dtype=np.float32),
        len(users), len(items),
    )  # fmt: skip
    genres = sorted({genre for row in items for genre in row["categories"].split("|")})
    told = np.asarray([[genre in row["categories"].split("|") for genre in genres] for row in items], np.float32)
    return interactions, ItemFeatures({}, told)


def hash_of(row: dict[str, str]) -> int:
    """Return what orders equal times: never the row of the file, nor the ids as they are."""
    return int(row["user_id"]) * 2_654_435_761 + int(row["item_id"]) * 40_503 & 0xFFFF


def test_last_likings_are_found(movies: tuple[Interactions, ItemFeatures]) -> None:
    interactions, features = movies
    held = hold_out(interactions, 0)
    vectors = np.zeros((interactions.item_count, 4), dtype=np.float32)
    ranker = fit_ranker(held.before, vectors, features).ranker
    gains: dict[str, list[Values]] = {"ranker": [], "popularity": []}
    for start in range(0, len(held.targets), 128):
        chunk = np.arange(start, min(start + 128, len(held.targets)))
        histories = held.histories.take(chunk)
        users = ranker.user_side(histories, ranker.items, lambda rows: vectors[rows])
        candidates = np.tile(np.arange(interactions.item_count), (len(chunk), 1))
        logits = ranker.score(users, ranker.items, candidates, vectors[None]).logits
        for name, scores in (("ranker", logits), ("popularity", ranker.items.popularity + np.zeros_like(logits))):
            scores[histories.users, histories.items] = -np.inf
            order = np.argsort(-scores, axis=1, kind="stable")[:, :10]
            hits = order == held.targets[chunk, None]
            gains[name].append(ndcg(hits, np.ones(len(chunk), np.int64), 10))
    mean = {name: float(np.concatenate(values).mean()) for name, values in gains.items()}
    assert mean["ranker"] > 0.12
    assert mean["ranker"] > 2 * mean["popularity"]

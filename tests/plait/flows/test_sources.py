"""Sources of candidates against what each must say, found the slow way; masks, nobody, and the union."""

from dataclasses import replace

import numpy as np
import pytest

from index.exact import ExactIndex
from index.vector_index import Hits, Mask, Vectors
from plait.flows.sources import INTERESTS, SOURCES, Catalogue
from ranker.interactions import Floats
from ranker.rank import Ranker
from ranker.sides import UserSide
from tests.plait.flows.small_ranker import small_ranker
from tests.ranker.logs import history

WANTED = 5
ITEMS = 30


@pytest.fixture(scope="module")
def learnt() -> tuple[Ranker, Floats]:
    return small_ranker(ITEMS)


def catalogue_of(ranker: Ranker, vectors: Floats) -> Catalogue:
    index = ExactIndex(vectors)

    def nearest(queries: Vectors, limit: int, allowed: Mask | None) -> Hits:
        return index.search(queries, limit, allowed=allowed)

    popular = np.argsort(-ranker.items.popularity, kind="stable")
    factors = ExactIndex(ranker.items.factors)
    return Catalogue(nearest, factors, ranker.items, ranker.item_weights, popular, np.arange(ITEMS)[-4:])


def user_of(ranker: Ranker, vectors: Floats, *entries: tuple[int, float]) -> UserSide:
    return ranker.user_side(history(*entries), ranker.items, lambda rows: vectors[rows])


def best(scores: Floats, allowed: Mask | None) -> list[int]:
    kept = scores if allowed is None else np.where(allowed, scores, -np.inf)
    return [row for row in np.argsort(-kept, kind="stable")[:WANTED].tolist() if np.isfinite(kept[row])]


@pytest.mark.parametrize("allowed", [None, np.arange(ITEMS) % 3 != 0])
def test_each_source_against_its_scores(learnt: tuple[Ranker, Floats], allowed: Mask | None) -> None:
    ranker, vectors = learnt
    users = user_of(ranker, vectors, (0, 1.0), (4, 1.0), (7, 1.0))
    given = {name: source(catalogue_of(ranker, vectors), users, WANTED, allowed)[0] for name, source in SOURCES.items()}
    found = {name: [row for row in rows.tolist() if row >= 0] for name, rows in given.items()}
    assert found["profile"] == best(vectors @ users.profiles.vectors[0], allowed)
    assert found["cf"] == best(ranker.items.factors @ users.factors[0], allowed)
    assert found["popular"] == best(ranker.items.popularity, allowed)
    everything = np.where(ranker.items.places >= 0, ranker.items.places, -1)[None]
    together = ranker.item_weights.score(users.places, users.strengths, everything)[0]
    spoken_for = together > 0 if allowed is None else (together > 0) & allowed
    assert found["followers"] == best(together, spoken_for)
    assert found["newest"] == [row for row in range(ITEMS - 4, ITEMS) if allowed is None or allowed[row]]
    for rows in found.values():
        assert allowed is None or allowed[rows].all()


def test_interests_take_turns(learnt: tuple[Ranker, Floats]) -> None:
    """Of likings that lie apart each one's own nearest item, which is itself, is among the first."""
    ranker, vectors = learnt
    users = user_of(ranker, vectors, (0, 1.0), (11, 1.0), (22, 1.0))
    found = SOURCES["interests"](catalogue_of(ranker, vectors), users, 6, None)[0]
    assert sorted(found[:INTERESTS].tolist()) == [0, 11, 22]


def test_who_has_no_history_gets_what_is_the_same_for_all(learnt: tuple[Ranker, Floats]) -> None:
    ranker, vectors = learnt
    users = user_of(ranker, vectors)
    for name, source in SOURCES.items():
        rows = source(catalogue_of(ranker, vectors), users, WANTED, None)
        assert (rows >= 0).any() == (name in {"popular", "newest"})


@pytest.mark.parametrize("allowed", [None, np.arange(ITEMS) % 2 == 0])
def test_items_that_have_begun_come_by_what_is_told_of_them(
    learnt: tuple[Ranker, Floats], allowed: Mask | None
) -> None:
    ranker, vectors = learnt
    rng = np.random.default_rng(0)
    users = user_of(ranker, vectors, (0, 1.0), (4, 1.0))
    users = replace(users, cold=rng.normal(size=(1, 4)).astype(np.float32))
    items = replace(ranker.items, cold=rng.normal(size=(ITEMS, 4)).astype(np.float32))
    begun = np.asarray([21, 3, 8, 14, 5, 26, 12])
    catalogue = replace(catalogue_of(ranker, vectors), items=items, begun=begun)
    there = np.isin(np.arange(ITEMS), begun) & (True if allowed is None else allowed)
    assert SOURCES["begun"](catalogue, users, WANTED, allowed)[0].tolist() == best(items.cold @ users.cold[0], there)
    nobody = replace(catalogue, begun=begun[:0])
    assert SOURCES["begun"](nobody, users, WANTED, allowed).shape == (1, 0)

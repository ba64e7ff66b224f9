"""All per-user measures of lists together: names, cuts, and NaN where a fact is lacking."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plait.evaluation.beyond_accuracy import PER_USER, beyond_accuracy
from plait.evaluation.item_facts import ItemFacts, item_facts
from plait.evaluation.list_calibration import miscalibration
from plait.evaluation.list_popularity import novelty, serendipity
from plait.evaluation.list_variety import content_diversity
from plait.evaluation.observations import Observations, Values
from plait.evaluation.salted import salted
from ranker.interactions import Interactions

USERS, ITEMS = 6, 10
RNG = np.random.default_rng(0)
TRAIN = Interactions(
    np.repeat(np.arange(USERS), 3), RNG.integers(0, ITEMS, 3 * USERS), np.zeros(3 * USERS),
    np.ones(3 * USERS, dtype=np.float32), USERS, ITEMS,
)  # fmt: skip
TIES = salted(0, map(str, range(ITEMS)))
VECTORS = RNG.normal(size=(ITEMS, 4)).astype(np.float32)
CATEGORIES = [("a",) if row % 2 else ("b", "c") for row in range(ITEMS)]
SLATES = np.stack([RNG.permutation(ITEMS) for _ in range(USERS)])
HITS = RNG.random((USERS, ITEMS)) < 0.3
RELEVANT = HITS.sum(axis=1)
MET = RNG.random((USERS, ITEMS)) < 0.3
FULL = item_facts(TRAIN, TIES, vectors=VECTORS, categories=CATEGORIES)


def judged(facts: ItemFacts, slates: NDArray[np.int64] = SLATES, cuts: tuple[int, ...] = (3, 5)) -> Values:
    return beyond_accuracy(slates, HITS, RELEVANT, MET, facts, cuts)


def test_each_is_measured_at_each_cut_on_the_head_of_the_list() -> None:
    found = judged(FULL)
    assert set(found) == {f"{name}@{cut}" for name in PER_USER for cut in (3, 5)}
    assert all(column.shape == (USERS,) for column in found.values())
    np.testing.assert_array_equal(found["novelty@3"], novelty(SLATES[:, :3], FULL.met_by, FULL.user_count))
    np.testing.assert_array_equal(found["content_diversity@5"], content_diversity(SLATES[:, :5], VECTORS))
    assert FULL.categories is not None
    np.testing.assert_array_equal(found["miscalibration@5"], miscalibration(SLATES[:, :5], MET, FULL.categories))


def test_what_popularity_would_have_shown_at_a_cut_is_as_long_as_the_list() -> None:
    order = FULL.by_popularity.tolist()
    guesses = [[item for item in order if not own[item]][:3] for own in MET.tolist()]
    expected = serendipity(SLATES[:, :3], HITS[:, :3], RELEVANT, np.asarray(guesses))
    np.testing.assert_array_equal(judged(FULL)["serendipity@3"], expected)


def test_a_popular_list_is_no_serendipity() -> None:
    no = np.zeros((1, ITEMS), dtype=np.bool_)
    found = beyond_accuracy(FULL.by_popularity[None, :5], ~no, np.asarray([ITEMS]), no, FULL, (5,))
    assert found["serendipity@5"].tolist() == [0.0]


def test_nan_where_the_catalogue_has_no_vectors_or_categories() -> None:
    found = judged(item_facts(TRAIN, TIES))
    for name, column in found.items():
        lacking = name.split("@")[0] in {"content_diversity", "category_diversity", "miscalibration"}
        assert np.isnan(column).all() == lacking, name


def test_cuts_beyond_the_list_judge_what_is_there() -> None:
    short = judged(FULL, SLATES[:, :5], (5, 50))
    for name in set(PER_USER) - {"serendipity"}:
        np.testing.assert_array_equal(short[f"{name}@50"], short[f"{name}@5"])
    # Serendipity is divided by the cut, and popularity's longer list guesses more.
    assert (np.nan_to_num(short["serendipity@50"]) <= np.nan_to_num(short["serendipity@5"])).all()


def test_users_are_judged_alone_and_may_come_in_parts() -> None:
    whole = judged(FULL)
    for row in range(USERS):
        one = slice(row, row + 1)
        alone = beyond_accuracy(SLATES[one], HITS[one], RELEVANT[one], MET[one], FULL, (3, 5))
        for name, column in alone.items():
            np.testing.assert_allclose(column, whole[name][one], atol=1e-12)
    assert Observations(np.arange(USERS), whole).by_user().keys() == whole.keys()


def test_hits_must_cover_the_list() -> None:
    with pytest.raises(ValueError, match="hits has 2 ranks"):
        beyond_accuracy(SLATES, HITS[:, :2], RELEVANT, MET, FULL, (3,))

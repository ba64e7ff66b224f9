"""Cold items: tastes against a slow singular value decomposition, strangers, permutations, and what is planted."""

import numpy as np
import pytest

from ranker import cold_items
from ranker.cold_items import ColdItems, contacts, fit_cold_items
from ranker.directions import PRIOR_EVENTS
from ranker.interactions import Floats, Interactions
from ranker.item_features import ItemFeatures
from tests.ranker.logs import checkerboard, history, log, parity_features, random_log

USERS, ITEMS = 60, 40


def planted(*, new: int = 10) -> tuple[Interactions, ItemFeatures]:
    """Return likings by parity of all but the last `new` items, and features that tell the parity."""
    return replace_items(checkerboard(USERS, ITEMS - new)), parity_features(ITEMS)


def replace_items(met: Interactions) -> Interactions:
    return Interactions(met.users, met.items, met.times, met.weights, met.user_count, ITEMS)


def slow_scores(met: Interactions, told: Floats, rows: list[int]) -> Floats:
    """Return (users, rows) by a full decomposition along one direction, up to a factor."""
    said = np.zeros((met.user_count, met.item_count))
    for user, item, weight in zip(met.users.tolist(), met.items.tolist(), met.weights.tolist(), strict=True):
        said[user, item] = max(said[user, item], 1.0 + weight)
    events = (said > 0).sum(axis=0)[rows]
    centred = (said - said.mean(axis=0))[:, rows] / np.sqrt(PRIOR_EVENTS + events)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    lengths = centred @ directions[0] * np.sign(directions[0] @ told[:, 0])
    calmed = lengths / np.sqrt(np.median(np.abs(lengths)) ** 2 + lengths**2)
    return np.asarray(np.outer(calmed, told[:, 0]), dtype=np.float32)


def test_new_items_suit_those_whose_taste_their_content_shows() -> None:
    met, features = planted()
    cold = fit_cold_items(met, features).cold
    new = features.take(np.arange(ITEMS - 10, ITEMS))
    scores = cold.users(met.histories()) @ cold.items(new).T
    suited = np.arange(USERS)[:, None] % 2 == np.arange(ITEMS - 10, ITEMS)[None, :] % 2
    assert scores[suited].min() > scores[~suited].max()


def test_tastes_are_those_of_a_full_decomposition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cold_items, "TASTES", 1)
    met, features = planted()
    fit = fit_cold_items(met, features)
    found = fit.cold.users(met.histories())[:, :-1] @ fit.left_out[:, :-1].T
    expected = slow_scores(met, fit.left_out, fit.rows.tolist())
    assert found / found.std() == pytest.approx(expected / expected.std(), abs=1e-3)


def test_scores_as_if_new_deviate_by_one() -> None:
    interactions = random_log(50, 40, 900)
    fit = fit_cold_items(interactions, parity_features(40))
    met = contacts(interactions.users, interactions.items, interactions.weights, (50, 40))[:, fit.rows]
    assert fit.scores(met, fit.left_out[:, :-1]).std() == pytest.approx(1.0, rel=1e-3)


def test_who_did_little_is_quiet_and_who_did_much_no_louder() -> None:
    met, features = planted()
    cold = fit_cold_items(met, features).cold
    lengths = [
        float(np.linalg.norm(cold.users(history(*[(item, 1.0) for item in range(0, count, 2)]))[0, :-1]))
        for count in (2, 8, 30)
    ]
    assert lengths == sorted(lengths)
    assert lengths[-1] <= cold.volume


def test_items_taken_for_new_score_alike_in_the_mean_of_every_user() -> None:
    """Otherwise the audience of one item would be those who score high for any."""
    met = random_log(60, 24, 700)
    features = parity_features(24)
    learnt = fit_cold_items(met, features)
    users, items = learnt.cold.users(met.histories()), learnt.cold.items(features)[learnt.rows]
    scores = users[:, :-1] @ items[:, :-1].T
    assert scores.std() > 0.05
    assert np.abs(scores.mean(axis=1)).max() < 0.1 * scores.std()
    assert np.abs(learnt.left_out[:, :-1].mean(axis=0)).max() < 0.1 * np.abs(learnt.left_out[:, :-1]).max()


def test_popularity_is_told_by_content() -> None:
    """Even items are liked by all, odd ones by one user: content tells which are which."""
    events = [(user, item, 0.0, 1.0) for item in range(30) for user in range(40) if item % 2 == 0 or user == item]
    features = parity_features(ITEMS)
    cold = fit_cold_items(log(*events, users=40, items=ITEMS), features).cold
    likings = cold.items(features.take(np.arange(30, ITEMS)))[:, -1]
    assert likings[::2].min() > likings[1::2].max() + 1.0
    assert likings[::2] == pytest.approx(np.log1p(40), abs=0.7)


def test_a_stranger_is_told_popularity_alone() -> None:
    met, features = planted()
    cold = fit_cold_items(met, features).cold
    for nothing in (history(), history((-1, 1.0)), history((0, -1.0))):
        taste = cold.users(nothing)[0]
        assert not taste[:-1].any()
        assert taste[-1] == pytest.approx(cold.share)


def test_nothing_is_learnt_from_items_that_nobody_met() -> None:
    met, features = planted()
    fit = fit_cold_items(met, features)
    assert fit.rows.tolist() == list(range(ITEMS - 10))
    assert not fit.cold.loadings[ITEMS - 10 :].any()
    assert np.array_equal(fit.as_if_new(features)[fit.rows], fit.left_out)
    new = features.take(np.arange(ITEMS - 10, ITEMS))
    assert fit.as_if_new(features)[ITEMS - 10 :] == pytest.approx(fit.cold.items(new), abs=1e-4)


def test_rows_of_users_and_items_change_nothing() -> None:
    met, features = planted()
    rng = np.random.default_rng(5)
    users, items, events = (rng.permutation(count) for count in (USERS, ITEMS, len(met)))
    moved = Interactions(
        users[met.users][events], items[met.items][events], met.times[events], met.weights[events], USERS, ITEMS
    )
    first, second = (
        fit_cold_items(*each).cold for each in ((met, features), (moved, features.take(np.argsort(items))))
    )
    scores = first.users(met.histories()) @ first.items(features).T
    again = second.users(moved.histories()) @ second.items(features.take(np.argsort(items))).T
    assert first.share == second.share
    assert again[users][:, items] == pytest.approx(scores, abs=2e-2)


def test_contacts_keep_the_most_of_each_pair() -> None:
    users, items = np.asarray([0, 0, 0, 1, 1, 1]), np.asarray([1, 1, 0, -1, 2, 2])
    weights = np.asarray([0.0, 1.0, -1.0, 1.0, -0.5, -2.0], dtype=np.float32)
    found = contacts(users, items, weights, (2, 3))
    assert found.toarray().tolist() == [[0, 2, 0], [0, 0, 0.5]]


@pytest.mark.parametrize("events", [[(0, 0, 0.0, 1.0)], [(0, 0, 0.0, -1.0), (0, 1, 0.0, 1.0)], [(0, 3, 0.0, 0.0)] * 3])
def test_the_least_log_is_learnt_from(events: list[tuple[int, int, float, float]]) -> None:
    met, features = log(*events, users=1, items=5), parity_features(5)
    cold = fit_cold_items(met, features).cold
    assert np.isfinite(cold.items(features)).all()
    assert np.isfinite(cold.users(met.histories())).all()


def test_no_contact_is_an_error() -> None:
    with pytest.raises(ValueError, match="no event"):
        fit_cold_items(log(users=2, items=3), parity_features(3))


def test_round_trip_through_arrays() -> None:
    met, features = planted()
    cold = fit_cold_items(met, features).cold
    again = ColdItems.from_arrays({name: values.copy() for name, values in cold.to_arrays().items()})
    assert np.array_equal(again.items(features), cold.items(features))
    assert np.array_equal(again.users(met.histories()), cold.users(met.histories()))
    assert (again.volume, again.share) == (cold.volume, cold.share)
    assert again.to_arrays().keys() == cold.to_arrays().keys()
    for name, values in cold.to_arrays().items():
        assert again.to_arrays()[name].dtype == values.dtype, name
        assert np.array_equal(again.to_arrays()[name], values), name


def test_round_trip_of_several_strands_and_columns() -> None:
    """More columns than ten, whose order must not be that of their names; a strand named as another begins."""
    rng = np.random.default_rng(0)
    strands = {name: rng.normal(size=(ITEMS, width)).astype(np.float32) for name, width in (("text", 4), ("text.b", 3))}
    attributes = rng.random((ITEMS, 24)).astype(np.float32)
    features = ItemFeatures(strands, attributes, tuple(f"column {place // 2}" for place in range(24)))
    cold = fit_cold_items(planted()[0], features).cold
    again = ColdItems.from_arrays(cold.to_arrays())
    assert again.inputs.centres.keys() == cold.inputs.centres.keys()
    assert np.array_equal(again.items(features), cold.items(features))


@pytest.mark.parametrize("name", ["balance", "loadings", "numbers"])
def test_a_missing_array_is_an_error(name: str) -> None:
    arrays = fit_cold_items(*planted()).cold.to_arrays()
    del arrays[name]
    with pytest.raises(KeyError, match=name):
        ColdItems.from_arrays(arrays)

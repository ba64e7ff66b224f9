"""Observations: the mean of each user over the salts."""

import numpy as np

from plait.evaluation.observations import Observations


def test_a_user_is_averaged_over_the_salts() -> None:
    first = Observations(np.asarray([3, 1]), {"x": np.asarray([1.0, 0.0]), "y": np.asarray([np.nan, 2.0])})
    second = Observations(np.asarray([1, 2]), {"x": np.asarray([0.5, 4.0]), "y": np.asarray([np.nan, np.nan])})
    values = Observations.joined([first, second]).by_user()
    assert values["x"].tolist() == [0.25, 4.0, 1.0]
    assert values["y"][0] == 2.0
    assert np.isnan(values["y"][1:]).all()


def test_beside_a_loop() -> None:
    rng = np.random.default_rng(0)
    users, column = rng.integers(0, 20, 200), rng.normal(size=200)
    column[rng.random(200) < 0.2] = np.nan
    found = Observations(users, {"x": column}).by_user()["x"]
    for value, user in zip(found, np.unique(users), strict=True):
        np.testing.assert_allclose(value, np.nanmean(column[users == user]))


def test_some_are_chosen() -> None:
    observed = Observations(np.asarray([0, 1, 0]), {"x": np.asarray([1.0, 2.0, 3.0])})
    chosen = observed.where(np.asarray([True, True, False]))
    assert chosen.users.tolist() == [0, 1]
    assert chosen.by_user()["x"].tolist() == [1.0, 2.0]

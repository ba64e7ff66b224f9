"""Worth by hand, on planted shares, and what it does to a ranking."""

import numpy as np
import pytest

from ranker.worth import STRONGEST, Deeds, expected_worth, prior_strength, share, worth_part


def deeds(**given: list[float]) -> Deeds:
    nothing = np.zeros(len(next(iter(given.values()))))
    return Deeds(**{name: np.asarray(given.get(name, nothing)) for name in ("people", "clickers", "buyers", "minutes")})


def test_shares_are_drawn_towards_the_average() -> None:
    people, of = np.array([100.0, 2.0, 0.0]), np.array([50.0, 0.0, 0.0])
    strength = prior_strength(of, people)
    mean = 50 / 102
    assert share(of, people) == pytest.approx([(50 + strength * mean) / (100 + strength),
                                               strength * mean / (2 + strength), mean])  # fmt: skip


def test_the_prior_is_as_strong_as_the_shares_are_alike() -> None:
    rng = np.random.default_rng(3)
    people = np.full(4_000, 30.0)
    for strength in (4.0, 40.0):
        shares = rng.beta(0.2 * strength, 0.8 * strength, len(people))
        of = rng.binomial(30, shares).astype(np.float64)
        assert prior_strength(of, people) == pytest.approx(strength, rel=0.15)
        # The posterior mean is nearer to the truth than the raw share.
        assert ((share(of, people) - shares) ** 2).mean() < 0.95 * ((of / people - shares) ** 2).mean()
    assert prior_strength(people * 0.2, people) == STRONGEST


def test_expected_worth_by_hand() -> None:
    # All alike, so that nothing is drawn anywhere.
    alike = deeds(people=[10, 10, 10], clickers=[5, 5, 5], buyers=[2, 2, 2], minutes=[20, 20, 20])
    prices = np.array([10.0, 30.0, np.nan])
    found = expected_worth(alike, prices, click=1, dwell=0.1, purchase=5, value=2)
    assert found == pytest.approx([0.5 + 0.2 + 0.2 * (5 + 2 * price) for price in (10, 30, 20)])


def test_the_part_multiplies_the_odds() -> None:
    assert worth_part(np.array([1.0, 2.0, 3.0]), 1.0) == pytest.approx(np.log([0.5, 1.0, 1.5]))
    assert worth_part(np.array([1.0, 2.0, 3.0]), 0.5) == pytest.approx(0.5 * np.log([0.5, 1.0, 1.5]))
    assert worth_part(np.array([0.0, 1e9, 1.0]), 1.0).tolist() == pytest.approx([-3, np.log(3), -3])


def test_nothing_known_says_nothing() -> None:
    nobody = deeds(people=[0, 0, 0])
    worth = expected_worth(nobody, np.full(3, np.nan), click=1, dwell=1, purchase=1, value=1)
    assert worth_part(worth, 1.0).tolist() == [0, 0, 0]
    assert worth_part(np.zeros(0), 1.0).shape == (0,)

"""Off-policy estimates beside a simulation whose right answer is known, and by hand."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from index.vector_index import Rows
from plait.evaluation.off_policy import click_rates, effective_places
from ranker.exploration import even_chances, explore

Values = NDArray[np.float64]
SHARE, ITEMS = 0.4, 4
RANKED_RATE = 0.4
NEW_RATES = np.asarray([0.05, 0.1, 0.2, 0.6])
"""How often a user of the simulation clicks the ranked item, and each new one."""


@dataclass(frozen=True)
class Log:
    """What a simulated service wrote down."""

    users: Rows
    chosen: Rows
    clicked: Values
    propensities: Values


def simulated(seed: int, users: int = 300, slates: int = 10) -> Log:
    """Show every user so many slates with one slot each, and let users differ in how much they click at all."""
    rng = np.random.default_rng(seed)
    owners = np.repeat(np.arange(users), slates)
    known = np.ones((len(owners), ITEMS), dtype=bool)
    shown = explore(even_chances(known, 1), rng.random(known.shape), known, SHARE, rng.random((len(owners), 1)))
    chosen = shown.chosen[:, 0]
    rates = np.where(chosen >= 0, NEW_RATES[np.maximum(chosen, 0)], RANKED_RATE)
    eager = rng.choice([0.5, 1.5], size=users)[owners]
    clicked = (rng.random(len(owners)) < rates * eager).astype(np.float64)
    return Log(owners, chosen, clicked, shown.propensities[:, 0])


TARGETS: dict[str, tuple[Callable[[Rows], Values], float]] = {
    "ranked": (lambda chosen: (chosen == -1).astype(np.float64), RANKED_RATE),
    "the best new item": (lambda chosen: (chosen == 3).astype(np.float64), 0.6),
    "new items alike": (lambda chosen: (chosen >= 0) / ITEMS, float(NEW_RATES.mean())),
}


@pytest.mark.parametrize("target", list(TARGETS))
def test_a_simulation_whose_answer_is_known(target: str) -> None:
    wanted_of, truth = TARGETS[target]
    found: dict[str, list[float]] = {"ips": [], "snips": [], "logged": []}
    held = dict.fromkeys(found, 0)
    runs = 40
    for seed in range(runs):
        log = simulated(seed)
        told = click_rates(log.users, log.clicked, log.propensities, wanted_of(log.chosen))
        for name, interval in told.items():
            found[name].append(interval["mean"])
            held[name] += interval["low"] <= truth <= interval["high"]
    for name in ("ips", "snips"):
        error = np.std(found[name]) / np.sqrt(runs)
        assert abs(np.mean(found[name]) - truth) < 4 * error
        assert held[name] >= 0.85 * runs
    # The clicks as they were are those of the policy that logged, and of no other.
    assert held["logged"] < 0.2 * runs


def test_the_policy_that_logged_is_estimated_as_it_was() -> None:
    log = simulated(1)
    told = click_rates(log.users, log.clicked, log.propensities, log.propensities)
    assert told["ips"] == told["snips"] == told["logged"]
    assert told["logged"]["mean"] == pytest.approx(log.clicked.mean())
    assert effective_places(log.propensities, log.propensities) == pytest.approx(len(log.users))


def test_by_hand() -> None:
    users = np.asarray([0, 0, 1])
    told = click_rates(users, np.asarray([1.0, 0.0, 1.0]), np.asarray([0.5, 0.25, 1.0]), np.asarray([1.0, 0.0, 1.0]))
    assert told["ips"]["mean"] == pytest.approx((2 + 0 + 1) / 3)
    assert told["snips"]["mean"] == pytest.approx(1.0)
    assert told["logged"]["mean"] == pytest.approx(2 / 3)
    assert effective_places(np.asarray([0.5, 0.25, 1.0]), np.asarray([1.0, 0.0, 1.0])) == pytest.approx(9 / 5)


def test_nothing_shown_and_wrong_propensities() -> None:
    nothing = np.empty(0)
    told = click_rates(nothing.astype(np.int64), nothing, nothing, nothing)
    assert all(np.isnan(value) for interval in told.values() for value in interval.values())
    for wrong in (0.0, -0.5, 1.5, np.nan):
        with pytest.raises(ValueError, match="outside of 0..1"):
            click_rates(np.asarray([0]), np.ones(1), np.asarray([wrong]), np.ones(1))


def test_what_the_other_policy_never_shows_says_nothing_of_it() -> None:
    told = click_rates(np.asarray([0, 1]), np.ones(2), np.ones(2), np.zeros(2))
    assert np.isnan(told["snips"]["mean"])
    assert told["ips"]["mean"] == 0.0

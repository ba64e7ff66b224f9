"""The combination: parts that help are found, those that do not are let go, and the bias is right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker import combination
from ranker.combination import EARLY, LONG_HISTORY, PARTS, UNLEARNT, Choices, Combination, context, fit_combination
from ranker.interactions import Rows

ITEMS, CONTENT, COLD = (PARTS.index(name) for name in ("items", "content", "cold"))


def choices(
    told: dict[int, float],
    *,
    users: int = 400,
    shown: int = 60,
    lengths: Rows | None = None,
    outside: float = 1.0,
    seed: int = 0,
) -> Choices:
    """Return choices drawn from softmax(sum of told[part] * part), the chosen one moved to the front."""
    rng = np.random.default_rng(seed)
    parts = rng.normal(size=(users, shown, len(PARTS))).astype(np.float32)
    logits = np.zeros((users, shown)) + sum(weight * parts[:, :, part] for part, weight in told.items())
    chosen = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    rows = np.arange(users)
    parts[rows, 0], parts[rows, chosen] = parts[rows, chosen], parts[rows, 0].copy()
    return Choices(parts, np.full(users, 1_000) if lengths is None else lengths, outside)


def test_context_runs_from_short_to_long() -> None:
    found = context(np.asarray([0, 5, int(LONG_HISTORY), 10_000]))
    assert found[0] == 0
    assert 0 < found[1] < 1
    assert found[2:] == pytest.approx([1.0, 1.0])


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_parts_and_bias_sum_to_the_logit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weighing = Combination(rng.random(len(PARTS)), rng.random(len(PARTS)), float(rng.normal()))
    parts, lengths = rng.normal(size=(3, 4, len(PARTS))).astype(np.float32), rng.integers(0, 99, 3)
    applied = weighing.apply(parts, lengths)
    assert applied.shape == (3, 4, len(PARTS) + 1)
    for user in range(3):
        share = min(np.log1p(lengths[user]) / np.log1p(LONG_HISTORY), 1.0)
        weights = (1 - share) * weighing.short + share * weighing.long
        assert applied[user].sum(axis=1) == pytest.approx(parts[user] @ weights + weighing.bias, abs=1e-5)


def test_planted_weights_come_back() -> None:
    learnt = fit_combination([choices({ITEMS: 2.0, CONTENT: 1.0}, users=1_500)])
    assert learnt.long[ITEMS] == pytest.approx(2.0, rel=0.25)
    assert learnt.long[CONTENT] == pytest.approx(1.0, rel=0.35)
    others = np.delete(learnt.long, [ITEMS, CONTENT])
    assert (others < 0.3).all()


def test_a_part_that_misleads_gets_nothing() -> None:
    learnt = fit_combination([choices({ITEMS: 2.0, CONTENT: -1.0}, users=1_000)])
    assert learnt.long[CONTENT] == 0
    assert (learnt.short >= 0).all()


def test_the_new_items_part_is_weighed_by_the_new_items_group() -> None:
    as_they_are = choices({ITEMS: 2.0})
    as_they_are.parts[:, :, COLD] = 0.0
    new = choices({COLD: 1.5}, seed=1)
    new.parts[:, :, ITEMS] = 0.0
    learnt = fit_combination([as_they_are, new])
    assert learnt.long[COLD] > 0.5


def test_weights_follow_the_length_of_history() -> None:
    users = 1_000
    lengths = np.where(np.arange(users) < users // 2, 0, 1_000)
    short, long = choices({CONTENT: 2.0}, users=users // 2), choices({ITEMS: 2.0}, users=users // 2, seed=1)
    learnt = fit_combination([Choices(np.concatenate([short.parts, long.parts]), lengths, 1.0)])
    assert learnt.short[CONTENT] > 2 * learnt.short[ITEMS]
    assert learnt.long[ITEMS] > 2 * learnt.long[CONTENT]


@pytest.mark.parametrize("outside", [1.0, 40.0])
def test_one_choice_a_user_is_expected(outside: float) -> None:
    group = choices({ITEMS: 2.0}, outside=outside)
    learnt = fit_combination([group])
    scores = 1 / (1 + np.exp(-learnt.apply(group.parts, group.lengths).sum(axis=2)))
    expected = scores[:, 0] + outside * scores[:, 1:].sum(axis=1)
    assert expected.mean() == pytest.approx(1.0, abs=1e-3)


def test_the_slope_of_the_loss() -> None:
    group = choices({ITEMS: 1.0}, users=20, shown=5, lengths=np.arange(20))
    scaled = [(group.parts, context(group.lengths))]
    theta = np.random.default_rng(0).random(2 * len(PARTS))
    _, slope = combination._loss(theta, scaled)
    for place in range(len(theta)):
        step = np.zeros(len(theta))
        step[place] = 1e-4
        above, below = (combination._loss(theta + sign * step, scaled)[0] for sign in (1, -1))
        assert slope[place] == pytest.approx((above - below) / 2e-4, abs=1e-3)


def test_parts_that_say_nothing() -> None:
    group = choices({})
    group.parts[:] = 0.0
    learnt = fit_combination([group])
    assert np.isfinite(learnt.short).all()
    assert np.isfinite(learnt.bias)


def test_before_training_nothing_is_heard_of_collaboration() -> None:
    cf = PARTS.index("cf")
    assert UNLEARNT.long[cf] == UNLEARNT.long[ITEMS] == 0 < EARLY.long[cf]


def test_a_part_left_out_weighs_nothing_and_the_others_take_over() -> None:
    group = choices({ITEMS: 1.0, CONTENT: 1.0})
    whole, without = fit_combination([group]), fit_combination([group], without=["items"])
    assert whole.long[ITEMS] > 0.5
    assert without.long[ITEMS] == without.short[ITEMS] == 0.0
    assert without.long[CONTENT] > 0.4
    # The bias is that of the weights that are left: one chosen item a user is expected still.
    odds = 1.0 / (1.0 + np.exp(-without.apply(group.parts, group.lengths).sum(axis=2)))
    assert odds.sum(axis=1).mean() == pytest.approx(1.0, abs=0.05)


def test_silenced_weights() -> None:
    silent = combination.silenced(EARLY, ["content", "cf"])
    assert silent.long[CONTENT] == silent.short[CONTENT] == silent.long[PARTS.index("cf")] == 0.0
    assert silent.long[ITEMS] == EARLY.long[ITEMS]
    assert silent.bias == EARLY.bias

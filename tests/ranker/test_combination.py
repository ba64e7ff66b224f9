"""The combination: parts that help are found, those that do not are let go, slopes and the bias are right."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker import combination
from ranker.combination import (
    EARLY,
    KNOTS,
    PARTS,
    TOLD_BY_HISTORY,
    UNLEARNT,
    Choices,
    Combination,
    Observed,
    context,
    fit_combination,
)  # fmt: skip
from ranker.interactions import Rows

CF, ITEMS, TASTE, CONTENT, COLD = (PARTS.index(name) for name in ("cf", "items", "taste", "content", "cold"))
TOLD = [PARTS.index(name) for name in TOLD_BY_HISTORY]


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
    return Choices(parts, np.full(users, 1_000) if lengths is None else lengths, rows, outside)


def observed(likings: Choices, *, new_users: Choices | None = None, new_items: Choices | None = None) -> Observed:
    """Return the groups, empty where there is none."""
    nothing = choices({}, users=0)
    return Observed(likings, new_users or nothing, new_items or nothing)


def test_context_by_hand() -> None:
    assert context(np.asarray(KNOTS)) == pytest.approx(np.eye(len(KNOTS)))
    assert context(np.asarray([10_000])).tolist() == [[0.0, 0.0, 0.0, 0.0, 1.0]]
    share = (np.log1p(5) - np.log1p(3)) / (np.log1p(10) - np.log1p(3))
    assert context(np.asarray([5]))[0] == pytest.approx([0.0, 1 - share, share, 0.0, 0.0])


@given(st.lists(st.integers(0, 100_000), max_size=20))
@settings(max_examples=40, deadline=None)
def test_rows_of_the_context_sum_to_one(lengths: list[int]) -> None:
    found = context(np.asarray(lengths, dtype=np.int64))
    assert found.shape == (len(lengths), len(KNOTS))
    assert (found >= 0).all()
    assert found.sum(axis=1) == pytest.approx(np.ones(len(lengths)))
    assert ((found > 0).sum(axis=1) <= 2).all()


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_parts_and_bias_sum_to_the_logit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weighing = Combination(rng.random((len(KNOTS), len(PARTS))), float(rng.normal()))
    parts, lengths = rng.normal(size=(3, 4, len(PARTS))).astype(np.float32), rng.integers(0, 99, 3)
    applied = weighing.apply(parts, lengths)
    assert applied.shape == (3, 4, len(PARTS) + 1)
    for user in range(3):
        weights = [np.interp(np.log1p(lengths[user]), np.log1p(KNOTS), column) for column in weighing.knots.T]
        assert applied[user].sum(axis=1) == pytest.approx(parts[user] @ weights + weighing.bias, abs=1e-5)


def test_planted_weights_come_back() -> None:
    learnt = fit_combination(observed(choices({ITEMS: 2.0, CONTENT: 1.0}, users=1_500)))
    last = learnt.knots[-1]
    assert last[ITEMS] == pytest.approx(2.0, rel=0.25)
    assert last[CONTENT] == pytest.approx(1.0, rel=0.35)
    assert (np.delete(last, [ITEMS, CONTENT]) < 0.3).all()


def test_a_part_that_misleads_gets_nothing() -> None:
    learnt = fit_combination(observed(choices({ITEMS: 2.0, CONTENT: -1.0}, users=1_000)))
    assert learnt.knots[-1, CONTENT] == 0
    assert (learnt.knots >= 0).all()


def test_the_new_items_part_is_weighed_by_the_new_items_group() -> None:
    as_they_are = choices({ITEMS: 2.0})
    as_they_are.parts[:, :, COLD] = 0.0
    new = choices({COLD: 1.5}, seed=1)
    new.parts[:, :, ITEMS] = 0.0
    learnt = fit_combination(observed(as_they_are, new_items=new))
    assert learnt.knots[-1, COLD] > 0.5


def test_weights_follow_the_length_of_history() -> None:
    likings = choices({ITEMS: 2.0}, users=500)
    strangers = choices({TASTE: 2.0}, users=500, lengths=np.zeros(500, np.int64), seed=1)
    learnt = fit_combination(observed(likings, new_users=strangers)).knots
    assert learnt[0, TASTE] > 2 * learnt[0, ITEMS]
    assert learnt[-1, ITEMS] > 2 * learnt[-1, TASTE]


@pytest.mark.parametrize("outside", [1.0, 40.0])
def test_one_choice_a_user_is_expected(outside: float) -> None:
    group = choices({ITEMS: 2.0}, outside=outside)
    learnt = fit_combination(observed(group))
    scores = 1 / (1 + np.exp(-learnt.apply(group.parts, group.lengths).sum(axis=2)))
    expected = scores[:, 0] + outside * scores[:, 1:].sum(axis=1)
    assert expected.mean() == pytest.approx(1.0, abs=1e-3)


def test_the_slope_of_the_loss() -> None:
    group = choices({ITEMS: 1.0}, users=20, shown=5, lengths=np.arange(0, 60, 3))
    scaled = [(group.parts, context(group.lengths))] * 2
    theta = np.random.default_rng(0).random(len(KNOTS) * len(PARTS))
    _, slope = combination._loss(theta, scaled)
    for place in range(len(theta)):
        step = np.zeros(len(theta))
        step[place] = 1e-2
        above, below = (combination._loss(theta + sign * step, scaled)[0] for sign in (1, -1))
        assert slope[place] == pytest.approx((above - below) / 2e-2, abs=2e-5)


def test_the_slope_of_the_gain() -> None:
    groups = [choices({ITEMS: 1.0}, users=20, shown=5, lengths=np.arange(0, 60, 3), seed=seed) for seed in (0, 1)]
    apart = [(group.parts[:, 1:] - group.parts[:, :1], context(group.lengths), 3.0) for group in groups]
    theta = np.random.default_rng(0).random(len(KNOTS) * len(PARTS))
    _, slope = combination._gain_lost(theta, apart)
    for place in range(len(theta)):
        step = np.zeros(len(theta))
        step[place] = 1e-2
        above, below = (combination._gain_lost(theta + sign * step, apart)[0] for sign in (1, -1))
        assert slope[place] == pytest.approx((above - below) / 2e-2, abs=2e-5)


def test_the_lost_gain_against_a_loop() -> None:
    group = choices({ITEMS: 1.0}, users=6, shown=4, lengths=np.asarray([0, 3, 5, 10, 30, 90]))
    shares, knots = context(group.lengths), np.random.default_rng(1).random((len(KNOTS), len(PARTS)))
    found, _ = combination._gain_lost(knots.ravel(), [(group.parts[:, 1:] - group.parts[:, :1], shares, 7.0)])
    gains = []
    for user in range(6):
        logits = group.parts[user] @ (shares[user] @ knots)
        rank = 1 + 7.0 * sum(1 / (1 + np.exp(logits[0] - other)) for other in logits[1:])
        gains.append(1 / np.log2(1 + rank))
    penalty = combination.RANK_RIDGE * (knots**2).sum()
    penalty += combination.RANK_SMOOTHNESS * sum(((knots[k + 1] - knots[k]) ** 2).sum() for k in range(len(KNOTS) - 1))
    assert found == pytest.approx(penalty - np.mean(gains), abs=1e-6)


def test_gains_by_hand() -> None:
    logits = np.asarray([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 1.0, 2.0], [1.0, 1.0, 0.0]])
    assert combination._gain(logits, 1.0) == pytest.approx([1.0, 1 / np.log2(3), 0.5, 1 / np.log2(2.5)])
    assert combination._gain(logits, 9.0) == pytest.approx([1.0, 1 / np.log2(11), 0.0, 1 / np.log2(6.5)])


class TestPlainest:
    """With few events what a history tells is let go, unless it ranks better for sure."""

    def fitted(self) -> combination.Weights:
        fitted = np.zeros((len(KNOTS), len(PARTS)))
        fitted[:, ITEMS], fitted[:, TASTE] = 1.0, 0.1
        return fitted

    def test_what_ranks_better_stays(self) -> None:
        group = choices({ITEMS: 2.0}, lengths=np.zeros(400, np.int64))
        assert np.array_equal(combination._plainest(self.fitted(), 0, observed(group)), self.fitted())

    def test_what_ranks_worse_goes_at_this_knot_alone(self) -> None:
        group = choices({TASTE: 2.0}, lengths=np.zeros(400, np.int64))
        plain = combination._plainest(self.fitted(), 0, observed(group))
        assert not plain[0, TOLD].any()
        assert plain[0, TASTE] == 0.1
        assert np.array_equal(plain[1:], self.fitted()[1:])

    def test_nobody_of_such_a_length_is_no_proof(self) -> None:
        plain = combination._plainest(self.fitted(), 0, observed(choices({ITEMS: 2.0})))
        assert not plain[0, TOLD].any()

    def test_one_user_who_chose_often_is_no_proof(self) -> None:
        group = choices({ITEMS: 2.0}, lengths=np.zeros(400, np.int64))
        alone = replace(group, owners=np.zeros(400, np.int64))
        assert not combination._plainest(self.fitted(), 0, observed(alone))[0, TOLD].any()


def test_long_histories_need_no_proof() -> None:
    group = choices({ITEMS: 2.0})
    alone = replace(group, owners=np.zeros(400, np.int64))
    learnt = fit_combination(observed(alone)).knots
    assert learnt[-1, ITEMS] > 0
    assert not learnt[:-1, TOLD].any()


def test_parts_that_say_nothing() -> None:
    group = choices({})
    group.parts[:] = 0.0
    learnt = fit_combination(observed(group))
    assert np.isfinite(learnt.knots).all()
    assert np.isfinite(learnt.bias)


def test_before_training_nothing_is_heard_of_collaboration() -> None:
    assert not UNLEARNT.knots[:, [CF, ITEMS]].any()
    assert (EARLY.knots[:, [CF, ITEMS]] > 0).all()
    popularity = UNLEARNT.knots[:, PARTS.index("popularity")]
    assert popularity[[0, -1]] == pytest.approx([0.5, 0.2])
    assert (np.diff(popularity) < 0).all()


def test_a_part_left_out_weighs_nothing_and_the_others_take_over() -> None:
    group = choices({ITEMS: 1.0, CONTENT: 1.0})
    whole, without = fit_combination(observed(group)), fit_combination(observed(group), without=["items"])
    assert whole.knots[-1, ITEMS] > 0.5
    assert not without.knots[:, ITEMS].any()
    assert without.knots[-1, CONTENT] > 0.4
    # The bias is that of the weights that are left: one chosen item a user is expected still.
    odds = 1.0 / (1.0 + np.exp(-without.apply(group.parts, group.lengths).sum(axis=2)))
    assert odds.sum(axis=1).mean() == pytest.approx(1.0, abs=0.05)


def test_silenced_weights() -> None:
    silent = combination.silenced(EARLY, ["content", "cf"])
    assert not silent.knots[:, [CONTENT, CF]].any()
    assert np.array_equal(silent.knots[:, ITEMS], EARLY.knots[:, ITEMS])
    assert silent.bias == EARLY.bias

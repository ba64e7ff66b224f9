"""Together: against members read one by one, by hand, and additive whatever the strategy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ranker.rank import Scored
from ranker.together import Strategy, opinions, together

PARTS = arrays.arrays(
    np.float64, arrays.array_shapes(min_dims=3, max_dims=3, max_side=5), elements=st.floats(-9, 9, width=32)
)


def chosen(logits: list[float], strategy: Strategy) -> float:
    """Return what a group thinks of an item with its members' logits."""
    if strategy is Strategy.AVERAGE:
        return sum(logits) / len(logits)
    return min(logits) if strategy is Strategy.LEAST_MISERY else max(logits)


@given(PARTS, st.sampled_from(list(Strategy)))
def test_a_group_is_what_its_members_say_item_by_item(parts: np.ndarray, strategy: Strategy) -> None:
    scored = Scored(parts, parts.sum(axis=2))
    group = together(scored, strategy)
    assert group.parts.shape == (1, *parts.shape[1:])
    for item in range(parts.shape[1]):
        logits = scored.logits[:, item].tolist()
        assert group.logits[0, item] == pytest.approx(chosen(logits, strategy), abs=1e-6)
        assert group.parts[0, item].sum() == pytest.approx(group.logits[0, item], abs=1e-6)
        if strategy is not Strategy.AVERAGE:
            speaker = logits.index(chosen(logits, strategy))
            np.testing.assert_array_equal(group.parts[0, item], parts[speaker, item])
            assert opinions(scored.logits, strategy)[:, item].tolist() == [
                float(m == speaker) for m in range(len(parts))
            ]


@pytest.mark.parametrize(
    ("strategy", "parts"),
    [("average", [[1.0, 1.0], [3.0, -2.0]]), ("least-misery", [[0.0, 1.0], [6.0, -6.0]]),
     ("most-pleasure", [[2.0, 1.0], [0.0, 2.0]])],
)  # fmt: skip
def test_by_hand(strategy: str, parts: list[list[float]]) -> None:
    members = np.asarray([[[2.0, 1.0], [0.0, 2.0]], [[0.0, 1.0], [6.0, -6.0]]])
    group = together(Scored(members, members.sum(axis=2)), Strategy(strategy))
    assert group.parts.tolist() == [parts]


@given(PARTS, st.sampled_from(list(Strategy)))
def test_one_member_is_the_group(parts: np.ndarray, strategy: Strategy) -> None:
    group = together(Scored(parts[:1], parts[:1].sum(axis=2)), strategy)
    np.testing.assert_array_equal(group.parts, parts[:1])

"""Gaps between groups of users: by hand, beside a loop, and which groups count."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.evaluation.group_gaps import group_gaps, group_names

observed_of = st.lists(st.tuples(st.sampled_from(["", "a", "b", "c"]), st.sampled_from([0.0, 0.5, 1.0, np.nan])))


def test_by_hand() -> None:
    values = {"x": np.asarray([1.0, 0.0, 0.25, 0.25, np.nan, 9.0, 9.0]), "y": np.full(7, np.nan)}
    found = group_gaps(values, ["f", "f", "m", "m", "m", "", "d"], least=2)
    assert found["x"]["mean"] == 0.25
    assert found["x"]["low"] <= 0.25 <= found["x"]["high"]
    assert np.isnan(found["y"]["mean"])


def test_a_small_group_is_not_compared() -> None:
    values = {"x": np.asarray([1.0, 1.0, 0.0])}
    assert np.isnan(group_gaps(values, ["f", "f", "m"], least=2)["x"]["mean"])
    assert group_gaps(values, ["f", "f", "m"], least=1)["x"]["mean"] == 1.0
    assert np.isnan(group_gaps({"x": np.empty(0)}, [])["x"]["mean"])
    assert np.isnan(group_gaps(values, ["", "", ""])["x"]["mean"])


@given(observed_of, st.integers(1, 3))
@settings(deadline=None)
def test_beside_a_loop(observed: list[tuple[str, float]], least: int) -> None:
    def gap(observations: list[tuple[str, float]]) -> float:
        column = np.asarray([value for _, value in observations], dtype=np.float64)
        return group_gaps({"x": column}, [group for group, _ in observations], least=least)["x"]["mean"]

    means = []
    for name in "abc":
        own = [value for group, value in observed if group == name and not np.isnan(value)]
        if len(own) >= least:
            means.append(sum(own) / len(own))
    expected = max(means) - min(means) if len(means) > 1 else np.nan
    np.testing.assert_allclose(gap(observed), expected, atol=1e-12)
    np.testing.assert_allclose(gap(observed[::-1]), expected, atol=1e-12)


def test_alike_groups_have_no_gap_beyond_chance_and_unlike_ones_do() -> None:
    rng = np.random.default_rng(0)
    groups = ["f", "m"] * 200
    alike = rng.random(400)
    apart = alike + np.where(np.asarray(groups) == "f", 0.3, 0.0)
    found = group_gaps({"alike": alike, "apart": apart}, groups)
    assert found["alike"]["mean"] < 0.08
    assert found["apart"]["low"] > 0.2
    assert found["apart"]["low"] < found["apart"]["mean"] < found["apart"]["high"] < 0.45


def test_attributes_become_groups() -> None:
    assert group_names(["f", None, "m", ("a", "b")]) == ["f", "", "m", ""]
    assert group_names([float(age) for age in range(8)]) == [f"band {band}" for band in (1, 1, 2, 2, 3, 3, 4, 4)]
    assert group_names([30.0, None, 30.0]) == ["band 2", "", "band 2"]
    assert group_names([]) == []

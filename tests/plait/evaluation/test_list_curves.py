"""Curves of diverse lists: beside the measures of plain lists, a slow greedy choice, and by hand."""

from dataclasses import replace

import numpy as np
import pytest

from plait.evaluation.item_facts import ItemFacts
from plait.evaluation.known import Known
from plait.evaluation.list_curves import STRENGTHS, curve_of, observe_curve
from plait.evaluation.lists import observe_lists
from plait.evaluation.measure import Outcome, observe, rank
from plait.evaluation.observations import Observations
from plait.evaluation.protocols import splitter
from plait.evaluation.report import render
from plait.evaluation.runner import Plan, judge
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked
from tests.plait.evaluation.logs import checkerboard
from tests.plait.evaluation.models import Oracle, Shy

CUT = 3
CATEGORIES = [("even",) if item % 2 == 0 else ("odd", "low" if item < 8 else "high") for item in range(16)]


@pytest.fixture(scope="module")
def split() -> Split:
    return last_liked(checkerboard(users=40), 0)


@pytest.fixture(scope="module")
def outcome(split: Split) -> Outcome:
    """Return a ranking by random scores, of which every item is kept."""
    scores = np.random.default_rng(3).normal(size=(len(split), len(split.item_ids))).astype(np.float32)
    return rank(lambda rows: scores[rows], split, depth=len(split.item_ids))


def known(split: Split) -> ItemFacts:
    vectors = np.random.default_rng(4).normal(size=(len(split.item_ids), 5)).astype(np.float32)
    return Known(vectors, CATEGORIES).facts(split)


def test_the_plain_list_is_the_one_that_is_judged_everywhere(split: Split, outcome: Outcome) -> None:
    plain = observe_curve(outcome, split, known(split), CUT)["plain"].values
    expected = {**observe(outcome, split, (CUT,)).values, **observe_lists(outcome, split, known(split), (CUT,))}
    for name in ("ndcg@3", "content_diversity@3", "category_diversity@3", "miscalibration@3"):
        np.testing.assert_allclose(plain[name], expected[name], atol=1e-12)


def test_every_method_has_a_point_at_every_strength(split: Split, outcome: Outcome) -> None:
    facts = known(split)
    every = [f"{method} {strength}" for method in ("mmr", "dpp", "calibrated") for strength in STRENGTHS]
    assert list(observe_curve(outcome, split, facts, CUT)) == ["plain", *every]
    without = observe_curve(outcome, split, replace(facts, categories=None), CUT)
    assert list(without) == ["plain", *every[: 2 * len(STRENGTHS)]]
    assert "category_coverage@3" not in without["plain"].values
    assert list(observe_curve(outcome, split, replace(facts, vectors=None, categories=None), CUT)) == ["plain"]


def test_mmr_is_what_a_loop_over_all_items_chooses(split: Split, outcome: Outcome) -> None:
    facts, strength = known(split), 0.7
    assert facts.vectors is not None
    unit = facts.vectors / np.linalg.norm(facts.vectors, axis=1, keepdims=True)
    found = observe_curve(outcome, split, facts, CUT)[f"mmr {strength}"].values
    for case, (rows, scores) in enumerate(zip(outcome.top, outcome.scores, strict=True)):
        worth = {int(row): float(score) for row, score in zip(rows, scores, strict=True) if row >= 0}
        least, most = min(worth.values()), max(worth.values())
        shown: list[int] = []
        while len(shown) < CUT:
            shown.append(
                max(
                    (row for row in worth if row not in shown),
                    key=lambda row: (
                        (1 - strength) * (worth[row] - least) / (most - least)
                        - strength * max((float(unit[row] @ unit[other]) for other in shown), default=0.0)
                    ),
                )
            )
        target = int(split.targets[case])
        gain = 1 / np.log2(shown.index(target) + 2) if target in shown else 0.0
        assert found["ndcg@3"][case] == pytest.approx(gain)
        assert found["category_coverage@3"][case] == len({name for row in shown for name in CATEGORIES[row]}) / 4


def test_more_strength_makes_lists_more_diverse(split: Split, outcome: Outcome) -> None:
    found = observe_curve(outcome, split, known(split), CUT)
    for method, measure, sign in (
        ("mmr", "content_diversity", 1),
        ("dpp", "content_diversity", 1),
        ("calibrated", "miscalibration", -1),
    ):
        means = [
            sign * np.nanmean(found[point].values[f"{measure}@3"])
            for point in ("plain", f"{method} 0.3", f"{method} 0.9")
        ]
        assert means == sorted(means)
        assert means[0] < means[-1]


def test_differences_are_those_of_the_same_users() -> None:
    users = np.asarray([5, 7, 7])
    parts = {
        "plain": [Observations(users, {"ndcg@3": np.asarray([0.0, 1.0, 0.5])})],
        "mmr 0.5": [Observations(users, {"ndcg@3": np.asarray([1.0, 0.5, 0.0])})],
    }
    curve = curve_of(parts)
    assert curve["plain"]["ndcg@3"]["mean"] == pytest.approx((0.0 + 0.75) / 2)
    assert curve["plain"]["ndcg@3 less plain"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert curve["mmr 0.5"]["ndcg@3 less plain"]["mean"] == pytest.approx((1.0 - 0.5) / 2)
    assert curve["mmr 0.5"]["ndcg@3 less plain"]["low"] == pytest.approx(-0.5)


def test_a_model_that_says_nothing_shows_what_chance_does(split: Split) -> None:
    shy = rank(lambda rows: np.full((len(rows), len(split.item_ids)), np.nan, np.float32), split, depth=16)
    found = observe_curve(shy, split, known(split), CUT)
    assert not found["mmr 0.5"].values["ndcg@3"].any()
    assert np.isnan(found["plain"].values["category_coverage@3"]).all()


def test_an_evaluation_has_curves_where_they_are_asked_for() -> None:
    log = checkerboard(users=30)
    split_by = splitter("last-liked")
    results = {
        curves: judge(
            lambda salt: split_by(log, salt), "last-liked", [Oracle(log), Shy("plait without content")],
            Plan(
                2, (CUT,), known=Known(None, CATEGORIES), curves=curves,
                ablation_of={"plait without content": "oracle"},
            ),
        )
        for curves in (False, True)
    }  # fmt: skip
    assert "curves" not in results[False].to_json()
    assert results[True].models == results[False].models
    told = results[True].to_json()["curves"]
    assert list(told) == ["oracle"]
    assert told["oracle"]["plain"]["ndcg@3"]["mean"] == 1.0
    page = render(results[True])
    assert "Diverse lists of oracle" in page
    assert "ndcg@3 against category_diversity@3 by method" in page
    assert "Diverse lists" not in render(results[False])

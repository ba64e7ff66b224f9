"""The search for leaks finds a planted cheater and clears the honest."""

import math
from collections.abc import Callable

import pytest

from embedders.items import Strand
from plait.evaluation.cross_modal import Hiding, judge_cross_modal
from plait.evaluation.disguise import DISGUISES, Disguise
from plait.evaluation.leaks import Check, check_leaks
from plait.evaluation.peers.item_knn import ItemKnn
from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.results import Results
from plait.evaluation.runner import evaluate
from plait.history import Log
from tests.plait.evaluation.catalogues import turned
from tests.plait.evaluation.logs import checkerboard, log_of
from tests.plait.evaluation.models import Cheater


def _numbered_as_read() -> Log:
    """Return a log whose users walk along the items, which are numbered as they first come."""
    rows = [(f"u{user}", f"i{user * 3 + step}", float(step), 1.0) for user in range(60) for step in range(7)]
    return log_of(rows)


def _checks(log: Log, *peers: "Cheater | Popularity | ItemKnn") -> list[Check]:
    def judge(disguise: Disguise) -> Results:
        return evaluate(disguise.log(log), "last-liked", peers, seeds=2, cuts=(10,))

    return check_leaks(judge)


def test_a_model_that_reads_rows_is_found() -> None:
    checks = {check.disguise: check for check in _checks(_numbered_as_read(), Cheater())}
    assert list(checks) == [disguise.name for disguise in DISGUISES]
    assert checks["shuffled rows"].moved
    assert checks["all of these"].moved
    assert not checks["hashed ids"].moved
    assert not checks["hashed ties"].moved
    assert checks["shuffled rows"].plain["mean"] > 2 * checks["shuffled rows"].disguised["mean"]


def test_honest_models_are_cleared() -> None:
    checks = _checks(checkerboard(users=60), Popularity(), ItemKnn())
    assert len(checks) == 2 * len(DISGUISES)
    assert not any(check.moved for check in checks if check.model == "item-knn")
    assert not any(check.moved for check in checks if check.disguise == "shuffled rows")


def test_a_catalogue_is_checked_as_well() -> None:
    # Groups, so that the same items are hidden whatever they are called.
    catalogue = turned(noise=4.0, groups=[f"fold{row % 4}" for row in range(60)])

    def judge(disguise: Disguise) -> Results:
        return judge_cross_modal(
            disguise.catalogue(catalogue), (Strand.TEXT, Strand.IMAGE), Hiding(3, (5,)), bridges={}
        )

    told: list[str] = []
    checks = check_leaks(judge, metrics=("recall@5", "whole/recall@5"), progress=told.append)
    assert not any(check.moved for check in checks)
    assert told[0].startswith("shuffled rows: plait recall@5 0.")
    assert len(told) == len(checks) == 2 * len(DISGUISES)


def test_what_never_varies_has_not_moved_by_a_rounding() -> None:
    third = {"mean": 1 / 3, "low": 0.33333333333333337, "high": 0.33333333333333337}
    assert not Check("x", "m", "ndcg@10", third, third).moved


@pytest.mark.parametrize(("mean", "moved"), [(0.1, False), (0.2, False), (0.15, False), (0.0999, True), (0.21, True)])
def test_moved_is_outside_the_plain_interval(mean: float, moved: bool) -> None:
    plain = {"mean": 0.15, "low": 0.1, "high": 0.2}
    assert Check("x", "m", "ndcg@10", plain, {"mean": mean, "low": mean, "high": mean}).moved is moved


def test_an_exact_figure_may_not_move_at_all() -> None:
    plain = {"mean": 0.15, "low": 0.1, "high": 0.2}
    near = {"mean": 0.15 + 1e-8, "low": 0.1, "high": 0.2}
    assert Check("x", "m", "ndcg@10", plain, near, exact=True).moved
    assert not Check("x", "m", "ndcg@10", plain, near).moved
    assert not Check("x", "m", "ndcg@10", plain, {**plain, "mean": 0.15 + 1e-12}, exact=True).moved


def test_what_can_never_be_said_has_not_moved() -> None:
    nothing = {"mean": math.nan, "low": math.nan, "high": math.nan}
    known = {"mean": 0.15, "low": 0.1, "high": 0.2}
    assert not Check("x", "m", "ndcg@10", nothing, nothing).moved
    assert Check("x", "m", "ndcg@10", known, nothing).moved
    assert Check("x", "m", "ndcg@10", nothing, known).moved


def _results(mean: float, width: float) -> Results:
    figure = {"mean": mean, "low": mean - width, "high": mean + width}
    return Results("last-liked", 1, 9, {"popularity": {"ndcg@10": figure}})


def test_other_salts_widen_the_bounds_where_chance_is_drawn_again() -> None:
    def judge(disguise: Disguise) -> Results:
        return _results(0.1 if disguise.name in ("plain", "shuffled rows") else 0.2, 0.02)

    def moved(other: Callable[[], Results] | None = None) -> list[bool]:
        return [check.moved for check in check_leaks(judge, unmoved=["popularity"], with_other_salts=other)]

    assert moved() == [False, True, True, True]
    assert moved(lambda: _results(0.19, 0.02)) == [False, False, False, False]
    assert moved(lambda: _results(0.15, 0.02)) == [False, True, True, True]


def test_popularity_may_not_move_where_rows_are_shuffled() -> None:
    def judge(disguise: Disguise) -> Results:
        return _results(0.1 if disguise.name == "plain" else 0.1001, 0.02)

    checks = check_leaks(judge, unmoved=["popularity"], with_other_salts=lambda: _results(0.1, 0.02))
    assert [check.moved for check in checks] == [True, False, False, False]
    assert "MOVED beyond the same figure" in str(checks[0])
    assert not any(check.moved for check in check_leaks(judge))


def test_a_metric_that_is_not_measured_is_named() -> None:
    def judge(disguise: Disguise) -> Results:
        return evaluate(disguise.log(checkerboard()), "last-liked", [Popularity()], seeds=1, cuts=(5,))

    with pytest.raises(ValueError, match="metrics holds ndcg@10, not measured for popularity; known are ndcg@5"):
        check_leaks(judge)

"""Findings: ratings over all of them, gaps of groups, and ablations that are nobody's rival."""

from dataclasses import replace

import numpy as np
import pytest

from plait.evaluation.findings import Findings
from plait.evaluation.known import Known
from plait.evaluation.measure import Outcome
from plait.evaluation.runs import Run
from plait.evaluation.spent import Spent
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked
from tests.plait.evaluation.logs import checkerboard

SPENT = Spent(1.0, 2.0)


@pytest.fixture
def split() -> Split:
    plain = last_liked(checkerboard(users=60), 0)
    return replace(plain, ratings=np.asarray(np.arange(len(plain.targets)) % 5 + 1, dtype=np.float32))


def outcome(split: Split, places: "np.ndarray[tuple[int], np.dtype[np.int64]]", rating: float = np.nan) -> Run:
    """Return a run in which target i stands behind `places[i]` items, and every rating is predicted alike."""
    top = np.full((len(split), 3), -1, dtype=np.int64)
    return Run(
        Outcome(
            places,
            top,
            np.full(top.shape, np.nan, np.float32),
            np.full(len(split.targets), rating, dtype=np.float32),
            np.empty(0, np.float32),
        ),
        SPENT,
    )


def findings(*names: str, known: Known | None = None) -> Findings:
    of = {"less": "whole"} if "less" in names else {}
    return Findings((3,), known or Known(), of, seeds=dict.fromkeys(names, 1))


def test_errors_of_ratings_are_over_all_ratings(split: Split) -> None:
    first = np.zeros(len(split), dtype=np.int64)
    found = findings("rater", "silent")
    found.add("rater", split, outcome(split, first, 3.0))
    found.add("silent", split, outcome(split, first))
    models = found.results("last-liked", 1).models
    errors = 3.0 - split.ratings
    assert models["rater"]["rmse"]["mean"] == pytest.approx(float(np.sqrt(np.mean(errors**2))))
    assert models["rater"]["mae"]["mean"] == pytest.approx(float(np.abs(errors).mean()))
    assert np.isnan(models["silent"]["rmse"]["mean"])


def test_a_gap_is_that_of_the_groups_served_best_and_worst(split: Split) -> None:
    places = np.where(np.arange(len(split)) % 2 == 0, 0, 9)
    groups = ["" for _ in split.user_ids]
    for case, user in enumerate(split.users.tolist()):
        groups[user] = "served" if case % 2 == 0 else "missed"
    found = findings("one", known=Known(groups={"kind": groups}))
    found.add("one", split, outcome(split, places))
    assert found.results("last-liked", 1).models["one"]["ndcg@3 gap by kind"]["mean"] == pytest.approx(1.0)


def test_ablations_are_compared_with_what_they_are_less_than(split: Split) -> None:
    good, bad, best = (np.full(len(split), place, dtype=np.int64) for place in (1, 2, 0))
    given = {"whole": outcome(split, good), "other": outcome(split, bad), "less": outcome(split, best)}
    found = findings(*given)
    for name, each in given.items():
        found.add(name, split, each)
    results = found.results("last-liked", 1)
    assert set(results.models) == {"whole", "other"}
    assert list(results.ablations) == ["whole", "less"]
    assert set(results.differences) == {"whole - other", "other - whole", "less - whole"}
    assert results.differences["less - whole"]["ndcg@3"]["low"] > 0
    assert all("less" not in models for models in results.buckets.values())


def test_targets_are_parted_by_the_strands_they_have(split: Split) -> None:
    having = np.arange(len(split.item_ids)) % 2 == 0
    places = np.where(having[split.targets], 0, 9)
    found = findings("one", known=Known(strands={"image": having, "audio": np.zeros_like(having)}))
    found.add("one", split, outcome(split, places))
    buckets = found.results("last-liked", 1).buckets
    assert buckets["target with image"]["one"]["ndcg@3"]["mean"] == pytest.approx(1.0)
    assert buckets["target without image"]["one"]["ndcg@3"]["mean"] == pytest.approx(0.0)
    assert "target with audio" not in buckets

"""Measure: cases with several targets beside a slow sort, restricted pools, and errors of ratings."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.errors import BadData
from plait.evaluation.buckets import target_buckets
from plait.evaluation.cold_splitters import cold_items
from plait.evaluation.measure import measure, observe, predicted, rank, scorer
from plait.evaluation.protocols import SPLITTERS
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked
from ranker.interactions import Floats, Histories, Rows
from tests.plait.evaluation import logs
from tests.plait.evaluation.logs import Event, checkerboard, log_of


@dataclass(frozen=True)
class Noisy:
    """Scores by the first entry of a history, with many ties and some that cannot be said."""

    item_count: int

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items)."""
        first = np.asarray([history.sum() for history in np.split(histories.items, histories.offsets[1:-1])])
        scores = ((first[:, None] * 7 + np.arange(self.item_count) * 3) % 5).astype(np.float32)
        return np.where(scores == 4.0, np.float32(np.nan), scores)


@dataclass(frozen=True)
class Rater(Noisy):
    """Also says 3 for every rating, and nothing of item 0."""

    def ratings(self, histories: Histories, items: Rows) -> Floats:
        """Return (m,)."""
        assert len(histories) == len(items)
        return np.where(items == 0, np.nan, 3.0).astype(np.float32)


def _pairs_won(found: list[bool]) -> float:
    """Return the share of pairs of a target and another item in which the target comes first."""
    pairs = [(a, b) for a, hit in enumerate(found) for b, other in enumerate(found) if hit and not other]
    return sum(a < b for a, b in pairs) / len(pairs) if pairs else math.nan


def _slow(split: Split, case: int, wanted: set[int], others: set[int]) -> tuple[list[int], dict[str, float]]:
    """Return the ranking of a case and its metrics at 3, item by item; `others` are no items of the ranking."""
    scores = Noisy(len(split.item_ids)).scores(split.histories.take(np.asarray([case])))[0]
    seen = set(split.seen.items[split.seen.offsets[case] : split.seen.offsets[case + 1]].tolist())
    rows = [row for row in split.pool.tolist() if row not in seen and row not in others]
    rows.sort(key=lambda row: (-(-math.inf if math.isnan(scores[row]) else scores[row]), int(split.ties[row])))
    found = [row in wanted for row in rows]
    ideal = sum(1 / math.log2(place + 2) for place in range(min(len(wanted), 3)))
    gain = sum(1 / math.log2(place + 2) for place, hit in enumerate(found[:3]) if hit)
    values = {
        "ndcg@3": gain / ideal, "recall@3": sum(found[:3]) / len(wanted), "precision@3": sum(found[:3]) / 3,
        "hit@3": float(any(found[:3])), "mrr": 1 / (found.index(True) + 1),
        "auc": _pairs_won(found),
    }  # fmt: skip
    return rows, values


def _splits(protocol: str, rows: list[Event]) -> list[Split]:
    try:
        return list(SPLITTERS[protocol](log_of(rows, item_ids=logs.ITEMS), 1))
    except BadData:
        return []


@pytest.mark.parametrize("protocol", SPLITTERS)
@given(rows=logs.events)
def test_beside_the_slow_sort(protocol: str, rows: list[Event]) -> None:
    for split in _splits(protocol, rows):
        fitted = Noisy(len(split.item_ids))
        outcome = rank(scorer(fitted, split), split, depth=3)
        values = measure(fitted, split, (3,)).values
        for case in range(len(split)):
            wanted = set(split.targets[split.target_offsets[case] : split.target_offsets[case + 1]].tolist())
            ranking, expected = _slow(split, case, wanted, set())
            assert outcome.top[case].tolist() == (ranking + [-1] * 3)[: outcome.top.shape[1]]
            assert {name: values[name][case] for name in expected} == pytest.approx(expected, nan_ok=True)


@given(rows=logs.events, kept=st.sets(st.integers(0, 7), min_size=1))
def test_some_targets_beside_the_slow_sort(rows: list[Event], kept: set[int]) -> None:
    for split in _splits("global-time", rows):
        chosen = np.isin(split.targets, list(kept))
        outcome = rank(scorer(Noisy(len(split.item_ids)), split), split)
        observed = observe(outcome, split, (3,), chosen=chosen)
        assert observed.users.tolist() == split.users.tolist()
        for case in range(len(split)):
            mine = set(split.targets[split.target_offsets[case] : split.target_offsets[case + 1]].tolist())
            if not mine & kept:
                assert np.isnan(observed.values["ndcg@3"][case])
                continue
            _, expected = _slow(split, case, mine & kept, mine - kept)
            assert {name: observed.values[name][case] for name in expected} == pytest.approx(expected, nan_ok=True)


def test_only_the_hidden_are_ranked() -> None:
    split = cold_items(checkerboard(), 0)
    outcome = rank(scorer(Noisy(16), split), split, depth=10)
    assert outcome.top.shape == (len(split), 3)
    assert set(outcome.top.ravel().tolist()) == set(split.pool.tolist())
    assert (outcome.places < 3).all()


def test_pieces_are_measured_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    (split,) = SPLITTERS["cold-items"](checkerboard(users=40), 0)
    whole = rank(scorer(Noisy(16), split), split, depth=2)
    monkeypatch.setattr("plait.evaluation.measure.USERS_AT_ONCE", 3)
    monkeypatch.setattr("plait.evaluation.ranking.TARGETS_AT_ONCE", 2)
    pieces = rank(scorer(Noisy(16), split), split, depth=2)
    np.testing.assert_array_equal(pieces.places, whole.places)
    np.testing.assert_array_equal(pieces.top, whole.top)
    for name, column in observe(whole, split, (3,)).values.items():
        np.testing.assert_array_equal(observe(pieces, split, (3,)).values[name], column)


def test_a_model_without_ratings_predicts_none() -> None:
    split = last_liked(checkerboard(), 0)
    assert np.isnan(predicted(Noisy(16), split)).all()


def test_nobody_is_measured_without_an_error() -> None:
    split = last_liked(checkerboard(), 0).without_targets()
    observed = measure(Noisy(16), split, (3,))
    assert len(observed.users) == 0
    assert observed.values["ndcg@3"].shape == (0,)


@given(rows=logs.events)
def test_every_target_is_in_one_bucket(rows: list[Event]) -> None:
    for split in _splits("global-time", rows):
        assert (np.sum(list(target_buckets(split).values()), axis=0) == 1).all()


def test_without_targets_leaves_nothing_to_be_read() -> None:
    (split,) = SPLITTERS["cold-items"](checkerboard(), 0)
    blind = split.without_targets()
    for name in ("users", "targets", "ratings"):
        assert getattr(blind, name).shape == (0,)
    assert (len(blind), len(blind.histories), len(blind.seen.items), blind.groups) == (0, 0, 0, {})
    assert blind.learnt is split.learnt
    np.testing.assert_array_equal(blind.pool, split.pool)

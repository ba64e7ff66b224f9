"""Every measure by hand, and against a slow loop on random rankings."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.metrics import all_metrics, average_precision, f1, hit, ndcg, precision, recall, reciprocal_rank

HITS = np.asarray([[0, 1, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]], dtype=np.bool_)
RELEVANT = np.asarray([3, 2, 4, 0])


def test_ndcg_by_hand() -> None:
    gained = 1 / math.log2(3) + 1 / math.log2(5)
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg(HITS, RELEVANT, 4)[:3] == pytest.approx([gained / ideal, 0.0, 1.0])


def test_at_cuts_by_hand() -> None:
    assert hit(HITS, RELEVANT, 1)[:3].tolist() == [0.0, 0.0, 1.0]
    assert hit(HITS, RELEVANT, 2)[:3].tolist() == [1.0, 0.0, 1.0]
    assert recall(HITS, RELEVANT, 2)[:3] == pytest.approx([1 / 3, 0.0, 0.5])
    assert precision(HITS, RELEVANT, 2)[:3] == pytest.approx([0.5, 0.0, 1.0])
    assert f1(HITS, RELEVANT, 2)[:3] == pytest.approx([0.4, 0.0, 2 / 3])
    assert average_precision(HITS, RELEVANT, 4)[:3] == pytest.approx([(1 / 2 + 2 / 4) / 3, 0.0, 1.0])
    assert reciprocal_rank(HITS, RELEVANT)[:3] == pytest.approx([0.5, 0.0, 1.0])


def test_precision_of_a_list_that_is_too_short() -> None:
    assert precision(HITS[:1, :2], RELEVANT[:1], 10) == pytest.approx([0.1])


def test_nothing_can_be_said_of_a_user_without_a_relevant_item() -> None:
    for name, values in all_metrics(HITS, RELEVANT, (1, 10)).items():
        assert np.isnan(values[3]), name
        assert not np.isnan(values[:3]).any(), name


def test_names() -> None:
    assert set(all_metrics(HITS, RELEVANT, (8, 10))) == {
        f"{name}@{cut}" for name in ("ndcg", "hit", "recall", "precision", "f1", "map") for cut in (8, 10)
    } | {"mrr"}


def test_several_relevant_items_by_hand() -> None:
    # Five are relevant, three are ranked, at 1, 3 and 6; the cut of 4 holds two of them.
    row = np.asarray([[True, False, True, False, False, True]])
    relevant = np.asarray([5])
    ideal = 1 + 1 / math.log2(3) + 1 / 2 + 1 / math.log2(5)
    found = all_metrics(row, relevant, (4,))
    assert found["ndcg@4"][0] == pytest.approx((1 + 1 / 2) / ideal)
    assert found["hit@4"][0] == 1.0
    assert found["recall@4"][0] == pytest.approx(2 / 5)
    assert found["precision@4"][0] == pytest.approx(2 / 4)
    assert found["f1@4"][0] == pytest.approx(2 * 2 / (4 + 5))
    assert found["map@4"][0] == pytest.approx((1 + 2 / 3) / 4)
    assert found["mrr"][0] == 1.0


def test_a_cut_beyond_the_list_changes_only_what_divides_by_it() -> None:
    row, relevant = np.asarray([[False, True, True]]), np.asarray([2])
    whole, beyond = all_metrics(row, relevant, (3,)), all_metrics(row, relevant, (50,))
    for name in ("ndcg", "hit", "recall", "map"):
        assert beyond[f"{name}@50"][0] == pytest.approx(whole[f"{name}@3"][0]), name
    assert beyond["precision@50"][0] == pytest.approx(2 / 50)
    assert beyond["f1@50"][0] == pytest.approx(2 * 2 / (50 + 2))


def test_an_empty_list_finds_nothing() -> None:
    for name, values in all_metrics(np.zeros((2, 0), dtype=np.bool_), np.asarray([3, 0]), (1, 10)).items():
        assert values[0] == 0.0, name
        assert np.isnan(values[1]), name


@pytest.mark.parametrize(("relevant", "cuts", "said"), [([1], (10,), "relevant"), ([2], (10, 0), "cuts holds 0")])
def test_what_cannot_be_is_an_error(relevant: list[int], cuts: tuple[int, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        all_metrics(np.asarray([[True, True]]), np.asarray(relevant), cuts)


def slow(row: list[bool], relevant: int, cut: int) -> dict[str, float]:
    gained = found = precisions = 0.0
    first = 0
    for rank, is_hit in enumerate(row, start=1):
        if is_hit and not first:
            first = rank
        if is_hit and rank <= cut:
            found += 1
            gained += 1 / math.log2(rank + 1)
            precisions += found / rank
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(relevant, cut) + 1))
    p, r = found / cut, found / relevant
    return {
        "ndcg": gained / ideal, "hit": float(found > 0), "recall": r, "precision": p,
        "f1": 2 * p * r / (p + r) if found else 0.0, "map": precisions / min(relevant, cut),
        "mrr": 1 / first if first else 0.0,
    }  # fmt: skip


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(0, 5), st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_against_a_loop(row: list[bool], unranked: int, cut: int) -> None:
    relevant = sum(row) + unranked
    found = all_metrics(np.asarray([row]), np.asarray([relevant]), (cut,))
    if relevant:
        for name, value in slow(row, relevant, cut).items():
            assert found[name if name == "mrr" else f"{name}@{cut}"][0] == pytest.approx(value), name


@given(st.lists(st.booleans(), min_size=2, max_size=20).filter(any), st.integers(1, 20))
@settings(max_examples=100, deadline=None)
def test_moving_a_hit_forward_never_hurts(row: list[bool], cut: int) -> None:
    later = max(place for place, is_hit in enumerate(row) if is_hit)
    if later and not row[later - 1]:
        better = row.copy()
        better[later - 1], better[later] = True, False
        relevant = np.asarray([sum(row)])
        before = all_metrics(np.asarray([row]), relevant, (cut,))
        after = all_metrics(np.asarray([better]), relevant, (cut,))
        for name in before:
            assert after[name][0] >= before[name][0] - 1e-12
            assert 0 <= after[name][0] <= 1 + 1e-12

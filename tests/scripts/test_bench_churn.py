"""The bench of churn sees what is wrong, and nothing that is not."""

import numpy as np
import pytest

from index import LiveIndex
from scripts.bench_churn import SHARES, churned, compared
from scripts.bench_index import clustered_vectors


@pytest.fixture(scope="module")
def live() -> LiveIndex:
    vectors = clustered_vectors(1_200, np.random.default_rng(0))
    return churned(vectors[:1_000], vectors[1_000:], np.random.default_rng(1), seed=0)


def test_a_tenth_goes_a_tenth_changes_and_a_tenth_comes(live: LiveIndex) -> None:
    assert len(live) == 1_000
    assert (live.delta_count, live.tombstone_count) == (200, 200)


@pytest.mark.parametrize("share", SHARES)
def test_a_small_index_is_exact(live: LiveIndex, share: float) -> None:
    queries = clustered_vectors(20, np.random.default_rng(2))
    told = compared(live, queries, share, np.random.default_rng(3))
    assert (told["recall"], told["other"], told["wrong"]) == (1.0, 0, 0)


def test_what_is_missed_and_what_should_not_come_are_seen(live: LiveIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    queries, honest = clustered_vectors(20, np.random.default_rng(2)), LiveIndex.search
    even = np.arange(live.row_count) % 2 == 0
    monkeypatch.setattr(
        LiveIndex, "search", lambda self, asked, limit, allowed: honest(self, asked, limit, allowed=even)
    )
    told = compared(live, queries, 0.5, np.random.default_rng(3))
    assert told["recall"] < 0.9
    assert told["other"] == 20
    assert told["wrong"] > 0

"""The bench of contexts: what it counts, by hand."""

from scripts.bench_contexts import reciprocal_ranks


def test_reciprocal_ranks_by_hand() -> None:
    assert reciprocal_ranks([["a", "b"], ["b", "a"], ["c"]], ["a", "a", "a"]).tolist() == [1.0, 0.5, 0.0]

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedders.fused_query import SAME, Channel, FusedQuery

SPANS = ((0, 3), (4, 6), (6, 8))
DIMENSION = 9


def a_query(count: int, *, seed: int, channels: int = 4, sought: bool = False) -> FusedQuery:
    """Return queries by random channels; where the thing itself is `sought`, some of them ask for it."""
    draw = np.random.default_rng(seed)
    made = tuple(
        Channel(
            int(draw.integers(3)),
            draw.normal(size=(count, DIMENSION)).astype(np.float32),
            float(draw.normal()),
            draw.choice([0.0, 0.5, 2.0], size=count).astype(np.float32),
            3.0 if sought and draw.random() < 0.5 else None,
        )
        for _ in range(channels)
    )
    return FusedQuery(count, DIMENSION, made, SPANS)


def some_items(count: int, width: int, *, seed: int) -> np.ndarray:
    """Return (count, width, DIMENSION) items of unit strands, each strand missing in a third of them."""
    draw = np.random.default_rng(seed)
    items = draw.normal(size=(count, width, DIMENSION)).astype(np.float32)
    for start, stop in SPANS:
        items[:, :, start:stop] /= np.linalg.norm(items[:, :, start:stop], axis=2, keepdims=True)
        items[:, :, start:stop] *= draw.random((count, width, 1)) > 1 / 3
    return items


def with_the_same(query: FusedQuery, items: np.ndarray, *, seed: int) -> np.ndarray:
    """Return the items, half of which hold the very content that one of the channels asks for, or nearly so."""
    draw, made = np.random.default_rng(seed), items.copy()
    for q, c in np.ndindex(*items.shape[:2]):
        channel = query.channels[int(draw.integers(len(query.channels)))]
        start, stop = SPANS[channel.part]
        if draw.random() < 0.5:
            wanted = channel.rows[q, start:stop] + draw.choice([0.0, 0.002]) * draw.normal(size=stop - start)
            made[q, c, start:stop] = wanted / np.linalg.norm(wanted)
    return made


def slow_cosine(query: FusedQuery, channel: Channel, q: int, item: np.ndarray) -> float:
    """Return how near an item's content is to that which a channel asks for."""
    start, stop = query.spans[channel.part]
    wanted = channel.rows[q, start:stop]
    if channel.same is None or not channel.weights[q]:
        return 0.0
    return min(1.0, float(wanted @ item[start:stop] / np.linalg.norm(wanted)))


def slow(query: FusedQuery, items: np.ndarray) -> np.ndarray:
    """Return the parts, computed one query, one item, one channel at a time."""
    parts = np.zeros((*items.shape[:2], len(query.spans)))
    for q in range(items.shape[0]):
        for c in range(items.shape[1]):
            weights = 0.0
            near = [slow_cosine(query, channel, q, items[q, c]) for channel in query.channels]
            for channel, cosine in zip(query.channels, near, strict=True):
                start, stop = query.spans[channel.part]
                if not np.any(items[q, c, start:stop]) or (channel.same is None and max(near) >= SAME):
                    continue
                product = sum(float(a) * float(b) for a, b in zip(channel.rows[q], items[q, c], strict=True))
                if channel.same is not None and cosine >= SAME:
                    product = channel.same * cosine
                parts[q, c, channel.part] += float(channel.weights[q]) * (product - channel.offset)
                weights += float(channel.weights[q])
            if weights:
                parts[q, c] /= weights
    return parts


@given(st.integers(0, 200), st.integers(1, 4), st.integers(0, 6))
def test_rescoring_agrees_with_a_loop(seed: int, count: int, width: int) -> None:
    query, items = a_query(count, seed=seed, sought=True), some_items(count, width, seed=seed + 1)
    items = with_the_same(query, items, seed=seed + 2)
    found = query.rescore(items)
    np.testing.assert_allclose(found.parts, slow(query, items), atol=1e-5)
    np.testing.assert_allclose(found.scores, found.parts.sum(axis=2), atol=1e-9)
    assert found.scores.shape == (count, width)


@given(st.integers(0, 200))
def test_the_inner_product_is_the_weighted_sum_up_to_what_is_the_same_for_all(seed: int) -> None:
    query = a_query(2, seed=seed)
    items = np.random.default_rng(seed).normal(size=(2, 5, DIMENSION)).astype(np.float32)
    whole = np.einsum("md,mcd->mc", query.vectors, items)
    weights = np.sum([channel.weights for channel in query.channels], axis=0)
    offset = np.sum([channel.weights * channel.offset for channel in query.channels], axis=0)
    scores = query.rescore(items).scores * weights[:, None] + offset[:, None]
    np.testing.assert_allclose(whole, scores, atol=1e-4)


@given(st.integers(0, 200))
def test_the_queries_by_strand_add_up_to_the_whole(seed: int) -> None:
    query = a_query(3, seed=seed)
    np.testing.assert_allclose(np.sum(query.by_strand(), axis=0), query.vectors, atol=1e-5)
    assert len(query.by_strand()) == len({channel.part for channel in query.channels})


def test_a_part_of_the_queries_scores_as_it_does_in_the_batch() -> None:
    query, items = a_query(5, seed=1), some_items(5, 4, seed=2)
    whole = query.rescore(items).parts
    for place in range(5):
        one = query[place : place + 1]
        assert len(one) == 1
        np.testing.assert_allclose(one.rescore(items[place : place + 1]).parts[0], whole[place], atol=1e-6)
    assert len(query[3:9]) == 2


def test_candidates_may_be_one_set_for_all_queries() -> None:
    query, items = a_query(3, seed=1), some_items(1, 4, seed=2)
    shared = np.broadcast_to(items, (3, 4, DIMENSION))
    np.testing.assert_allclose(query.rescore(shared).scores, query.rescore(shared.copy()).scores)


def test_an_item_without_what_is_asked_scores_nothing() -> None:
    query = FusedQuery(1, 2, (Channel(0, np.ones((1, 2), np.float32), 5.0, np.ones(1, np.float32)),), ((0, 1), (1, 2)))
    found = query.rescore(np.asarray([[[0.0, 1.0], [2.0, 0.0]]], np.float32))
    assert found.scores.tolist() == [[0.0, -3.0]]
    assert found.parts[0, 0].tolist() == [0.0, 0.0]


def test_no_channels_give_zero() -> None:
    query = FusedQuery(2, DIMENSION, (), SPANS)
    assert query.by_strand() == []
    assert not query.vectors.any()
    assert not query.rescore(some_items(2, 3, seed=0)).scores.any()


def test_another_number_of_queries_is_refused() -> None:
    with pytest.raises(ValueError, match="candidates are for 2 queries; expected 3"):
        a_query(3, seed=0).rescore(some_items(2, 4, seed=0))


@given(st.integers(0, 200))
def test_what_cannot_be_compared_stands_below_what_can(seed: int) -> None:
    query, items = a_query(2, seed=seed), some_items(2, 6, seed=seed + 1)
    items[:, ::2, : SPANS[1][0]] = 0.0  # and some items may lack more
    plain = query.rescore(items)
    found = plain.uncompared_last()
    np.testing.assert_allclose(found.parts.sum(axis=2), found.scores, atol=1e-9)
    for scores, before, compared in zip(found.scores, plain.scores, plain.compared, strict=True):
        np.testing.assert_array_equal(scores[compared], before[compared])
        if compared.any():
            assert (scores[~compared] <= scores[compared].min()).all()
            assert (scores[~compared] == min(0.0, before[compared].min())).all()


def test_which_items_can_be_compared_is_said() -> None:
    query = FusedQuery(1, 2, (Channel(0, np.ones((1, 2), np.float32), 5.0, np.ones(1, np.float32)),), ((0, 1), (1, 2)))
    found = query.rescore(np.asarray([[[0.0, 1.0], [2.0, 0.0], [1.0, 0.0]]], np.float32))
    assert found.compared.tolist() == [[False, True, True]]
    assert found.uncompared_last().scores.tolist() == [[-4.0, -3.0, -4.0]]
    assert found.uncompared_last().parts[0].tolist() == [[-4.0, 0.0], [-3.0, 0.0], [-4.0, 0.0]]


@given(st.integers(0, 200))
def test_joined_queries_are_the_weighted_mean_of_both(seed: int) -> None:
    one, other, items = a_query(2, seed=seed), a_query(2, seed=seed + 1), some_items(2, 5, seed=seed + 2)
    both = one.joined(other)
    np.testing.assert_allclose(both.vectors, one.vectors + other.vectors, atol=1e-5)
    found, sums, weights = both.rescore(items), np.zeros((2, 5)), np.zeros((2, 5))
    for query in (one, other):
        for channel in query.channels:
            start, stop = SPANS[channel.part]
            has = items[:, :, start:stop].any(axis=2) * channel.weights[:, None].astype(np.float64)
            sums += has * (np.einsum("mcd,md->mc", items, channel.rows) - channel.offset)
            weights += has
    np.testing.assert_allclose(found.scores, sums / np.where(weights > 0, weights, 1), atol=1e-4)


def test_queries_of_another_number_are_not_joined() -> None:
    with pytest.raises(ValueError, match="other has 2 queries"):
        a_query(3, seed=0).joined(a_query(2, seed=0))

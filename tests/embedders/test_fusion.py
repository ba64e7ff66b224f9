from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedders.blocks import Block, Comparison, Pair
from embedders.encoder import Vectors
from embedders.fit_fusion import fit_fusion
from embedders.fused_query import FusedQuery
from embedders.fusion import Fusion
from embedders.items import Strand
from embedders.spaces import identity, unit
from tests.embedders.planted import plant

TEXT, IMAGE, AUDIO = Strand.TEXT, Strand.IMAGE, Strand.AUDIO
CATALOGUE = plant(120).vectors
FUSION = fit_fusion(CATALOGUE)


def one(query: FusedQuery, items: Vectors, place: int = 0) -> np.ndarray:
    return np.asarray(query[place : place + 1].rescore(items[None]).scores[0])


def bare(strands: tuple[Strand, ...], width: int = 4) -> Fusion:
    """Return a fusion that compares each strand with itself only, nothing calibrated."""
    blocks = tuple(
        Block(strand, False, place * width, (place + 1) * width, False) for place, strand in enumerate(strands)
    )
    pairs = {(strand, strand): Pair((Comparison(place, 1.0, False),)) for place, strand in enumerate(strands)}
    own = {strand: identity(width) for strand in strands}
    return Fusion(blocks, own, {}, {}, np.zeros((0, 0), np.float32), pairs)


def random_units(count: int, seed: int) -> Vectors:
    return unit(np.random.default_rng(seed).normal(size=(count, 4)).astype(np.float32))


@given(st.integers(0, 100), st.tuples(*[st.floats(0.1, 3.0)] * 3))
def test_the_inner_product_is_the_weighted_sum_of_the_strands(seed: int, weights: tuple[float, ...]) -> None:
    fusion = bare(tuple(Strand))
    items = {strand: random_units(6, seed + place) for place, strand in enumerate(Strand)}
    asked = {strand: random_units(2, seed + 9 + place) for place, strand in enumerate(Strand)}
    query = fusion.query(asked, weights=dict(zip(Strand, weights, strict=True)))
    fused = fusion.fuse(items)
    cosines = [asked[strand] @ items[strand].T for strand in Strand]
    expected = np.sum([weight * cosine for weight, cosine in zip(weights, cosines, strict=True)], axis=0)
    np.testing.assert_allclose(query.vectors @ fused.T, expected, atol=1e-5)
    for place in range(2):
        found = query[place : place + 1].rescore(fused[None])
        np.testing.assert_allclose(found.scores[0], expected[place] / sum(weights), atol=1e-5)
        for part, (weight, cosine) in enumerate(zip(weights, cosines, strict=True)):
            np.testing.assert_allclose(found.parts[0, :, part], weight * cosine[place] / sum(weights), atol=1e-5)


def test_an_item_with_one_strand_is_not_drowned() -> None:
    fusion = bare((TEXT, IMAGE))
    fused = fusion.fuse({TEXT: np.eye(4, dtype=np.float32)[[0, 0]], IMAGE: np.eye(4, dtype=np.float32)[[1, 1]]})
    fused[1, 4:] = 0.0
    query = fusion.query({TEXT: np.eye(4, dtype=np.float32)[:1], IMAGE: np.eye(4, dtype=np.float32)[1:2]})
    assert one(query, fused).tolist() == [1.0, 1.0]
    assert (query.vectors @ fused.T)[0].tolist() == [2.0, 1.0]


@pytest.mark.parametrize("strand", list(Strand))
def test_what_is_given_finds_the_item_that_holds_it_before_all_others(strand: Strand) -> None:
    # Every other item may lack strands, so that nothing else draws it down.
    count, draw = 120, np.random.default_rng(3)
    vectors = {each: rows * (draw.random((count, 1)) < 0.6).astype(np.float32) for each, rows in CATALOGUE.items()}
    vectors[strand] = CATALOGUE[strand]
    fused = FUSION.fuse(vectors)
    query = FUSION.query({strand: vectors[strand]})
    scores = query.rescore(np.broadcast_to(fused, (count, *fused.shape))).scores
    assert (scores.argmax(axis=1) == np.arange(count)).all()
    # What an item is like is another question: it is answered by all that the item has.
    alike = FUSION.as_query(fused)
    assert all(channel.same is None for channel in alike.channels)


def test_the_very_thing_is_compared_by_what_was_given_alone() -> None:
    vectors = {strand: rows.copy() for strand, rows in CATALOGUE.items()}
    whole, query = FUSION.fuse(vectors), FUSION.query({IMAGE: vectors[IMAGE][:1], TEXT: vectors[TEXT][1:2]})
    parts = dict(zip(FUSION.strands, query.rescore(whole[None]).parts[0].T, strict=True))
    assert parts[AUDIO][0] == parts[AUDIO][1] == 0.0
    assert parts[IMAGE][0] > parts[IMAGE][2:].max()
    assert parts[TEXT][1] > parts[TEXT][2:].max()
    assert parts[TEXT][0] != 0.0
    assert parts[IMAGE][1] != 0.0
    assert parts[AUDIO][2:].all()


def test_blocks_are_unit_and_a_missing_strand_is_zero() -> None:
    vectors = {strand: rows.copy() for strand, rows in CATALOGUE.items()}
    vectors[IMAGE][3] = 0.0
    fused = FUSION.fuse(vectors)
    for block in FUSION.blocks:
        lengths = np.linalg.norm(fused[:, block.start : block.stop], axis=1)
        missing = np.arange(len(fused)) == 3 if block.strand is IMAGE else np.zeros(len(fused), bool)
        np.testing.assert_allclose(lengths, ~missing, atol=1e-5)
        assert not fused[3, block.start : block.end].any() or block.strand is not IMAGE
    assert fused.dtype == np.float32
    assert fused.shape == (120, FUSION.dimension)


def test_a_strand_that_is_not_given_is_a_missing_one() -> None:
    vectors = {strand: rows * (0.0 if strand is AUDIO else 1.0) for strand, rows in CATALOGUE.items()}
    given_two = {strand: rows for strand, rows in CATALOGUE.items() if strand is not AUDIO}
    np.testing.assert_array_equal(FUSION.fuse(vectors), FUSION.fuse(given_two))


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, 119), min_size=1, max_size=6))
def test_an_item_is_the_same_alone_and_in_the_batch(rows: list[int]) -> None:
    whole = FUSION.fuse(CATALOGUE)
    part = FUSION.fuse({strand: vectors[rows] for strand, vectors in CATALOGUE.items()})
    np.testing.assert_allclose(part, whole[rows], atol=1e-5)


def test_a_query_is_the_same_alone_and_in_the_batch() -> None:
    asked = plant(5, seed=8).vectors
    whole = FUSION.query(asked)
    for place in range(5):
        alone = FUSION.query({strand: rows[place : place + 1] for strand, rows in asked.items()})
        np.testing.assert_allclose(alone.vectors[0], whole.vectors[place], atol=1e-5)


def test_a_text_query_fills_every_block() -> None:
    query = FUSION.query({TEXT: CATALOGUE[TEXT][:1]})
    for block in FUSION.blocks:
        if block.aligned or block.strand is TEXT:
            assert query.vectors[0, block.start : block.stop].any()
    assert len(query.by_strand()) == 3


@pytest.mark.parametrize("asked", list(Strand))
@pytest.mark.parametrize("kept", list(Strand))
def test_every_strand_finds_every_other(asked: Strand, kept: Strand) -> None:
    unseen = plant(40, seed=6)
    items = FUSION.fuse({kept: unseen.vectors[kept]})
    query = FUSION.query({asked: unseen.vectors[asked]})
    best = [int(one(query, items, place).argmax()) for place in range(40)]
    assert np.mean(best == np.arange(40)) > 0.7


@settings(deadline=None, max_examples=30)
@given(
    st.integers(0, 100),
    st.dictionaries(st.sampled_from(list(Strand)), st.sampled_from([0.0, 0.3, 1.0, 2.0])),
    st.sets(st.sampled_from(list(Strand)), min_size=1),
)
def test_parts_sum_to_the_score_and_zero_weights_remove_a_strand(
    seed: int, weights: Mapping[Strand, float], strands: set[Strand]
) -> None:
    asked = {strand: rows for strand, rows in plant(2, seed=seed).vectors.items() if strand in strands}
    items = FUSION.fuse(plant(7, seed=seed + 1).vectors)
    found = FUSION.query(asked, weights=weights).rescore(np.stack([items, items]))
    assert np.isfinite(found.parts).all()
    np.testing.assert_allclose(found.parts.sum(axis=2), found.scores, atol=1e-6)
    for part, strand in enumerate(FUSION.strands):
        if not weights.get(strand, 0.0):
            assert not found.parts[:, :, part].any()


def test_weights_change_the_answer_without_touching_the_items() -> None:
    mixed = {TEXT: CATALOGUE[TEXT][[0, 1]], IMAGE: CATALOGUE[IMAGE][[1, 0]]}
    items = FUSION.fuse(mixed)
    asked = {TEXT: CATALOGUE[TEXT][:1], IMAGE: CATALOGUE[IMAGE][:1]}
    assert one(FUSION.query(asked, weights={TEXT: 1.0}), items).argmax() == 0
    assert one(FUSION.query(asked, weights={IMAGE: 1.0}), items).argmax() == 1


def test_equal_weights_are_a_matter_of_scale() -> None:
    asked = {TEXT: CATALOGUE[TEXT][:1]}
    items = FUSION.fuse(CATALOGUE)
    twice = FUSION.query(asked, weights=dict.fromkeys(Strand, 2.0))
    np.testing.assert_allclose(one(twice, items), one(FUSION.query(asked), items), atol=1e-5)


def test_a_query_with_two_strands_uses_each_in_its_own_space_only() -> None:
    query = FUSION.query({TEXT: CATALOGUE[TEXT][:1], IMAGE: CATALOGUE[IMAGE][:1]})
    alone = FUSION.query({IMAGE: CATALOGUE[IMAGE][:1]})
    part = FUSION.strands.index(IMAGE)
    by_image = [channel for channel in query.channels if channel.part == part]
    assert len(by_image) == 1
    np.testing.assert_allclose(by_image[0].rows, alone.channels[[c.part for c in alone.channels].index(part)].rows)


def test_each_query_of_a_batch_may_be_given_by_other_strands() -> None:
    texts, pictures = CATALOGUE[TEXT][:2].copy(), CATALOGUE[IMAGE][:2].copy()
    texts[1] = 0.0
    pictures[0] = 0.0
    both = FUSION.query({TEXT: texts, IMAGE: pictures})
    items = FUSION.fuse(CATALOGUE)
    np.testing.assert_allclose(one(both, items, 0), one(FUSION.query({TEXT: texts[:1]}), items), atol=1e-5)
    np.testing.assert_allclose(one(both, items, 1), one(FUSION.query({IMAGE: pictures[1:]}), items), atol=1e-5)


def test_an_item_as_the_query_finds_itself_first() -> None:
    items = FUSION.fuse(CATALOGUE)
    query = FUSION.as_query(items)
    assert [int(one(query, items, place).argmax()) for place in range(len(items))] == list(range(len(items)))


def test_a_profile_need_not_be_of_unit_length() -> None:
    items = FUSION.fuse(CATALOGUE)
    np.testing.assert_allclose(FUSION.as_query(3.0 * items[:2]).vectors, FUSION.as_query(items[:2]).vectors, atol=1e-5)


def test_an_item_with_one_strand_finds_items_with_another() -> None:
    unseen = plant(30, seed=4).vectors
    query = FUSION.as_query(FUSION.fuse({IMAGE: unseen[IMAGE]}))
    items = FUSION.fuse({AUDIO: unseen[AUDIO]})
    assert np.mean([int(one(query, items, place).argmax()) == place for place in range(30)]) > 0.7


def test_a_nearer_item_scores_higher() -> None:
    target = CATALOGUE[TEXT][0]
    other = CATALOGUE[TEXT][1]
    steps = unit(np.stack([(1 - step) * target + step * other for step in np.linspace(0.0, 1.0, 9)]).astype(np.float32))
    scores = one(FUSION.query({TEXT: target[None]}), FUSION.fuse({TEXT: steps}))
    assert (np.diff(scores) < 0.0).all()


def test_nothing_asked_is_a_score_of_zero() -> None:
    query = FUSION.query({TEXT: np.zeros((2, CATALOGUE[TEXT].shape[1]), np.float32)})
    assert len(query) == 2
    assert not query.vectors.any()
    assert not one(query, FUSION.fuse(CATALOGUE)).any()
    assert len(FUSION.query({})) == 0


def test_a_strand_the_catalogue_does_not_know_is_counted_but_asks_nothing() -> None:
    fusion = bare((TEXT,))
    query = fusion.query({AUDIO: random_units(3, 0)})
    assert len(query) == 3
    assert not query.vectors.any()
    assert fusion.fuse({AUDIO: random_units(3, 0)}).tolist() == np.zeros((3, 4)).tolist()


@pytest.mark.parametrize("call", ["fuse", "query"])
def test_wrong_shapes_are_named(call: str) -> None:
    with pytest.raises(ValueError, match=r"vectors of text have shape \(2, 5\); expected \(n, 24\)"):
        getattr(FUSION, call)({TEXT: np.zeros((2, 5), np.float32)})
    with pytest.raises(ValueError, match=r"vectors have \[2, 3\] rows"):
        getattr(FUSION, call)({TEXT: CATALOGUE[TEXT][:2], IMAGE: CATALOGUE[IMAGE][:3]})


def test_a_wrong_fused_vector_is_named() -> None:
    with pytest.raises(ValueError, match=r"fused has shape \(1, 3\)"):
        FUSION.as_query(np.zeros((1, 3), np.float32))


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_a_wrong_weight_is_named(weight: float) -> None:
    with pytest.raises(ValueError, match="weights has .* for text; expected a finite number from 0"):
        FUSION.query({TEXT: CATALOGUE[TEXT][:1]}, weights={TEXT: weight})


def test_calibration_is_affine_in_the_cosine() -> None:
    fusion = bare((TEXT,))
    pair = Pair((Comparison(0, 2.0, False),), 0.4, 0.5, 1.0)
    calibrated = replace(fusion, pairs={(TEXT, TEXT): pair})
    items, asked = random_units(5, 1), random_units(1, 2)
    expected = (2.0 * (asked @ items.T)[0] - 0.4) / 0.5
    np.testing.assert_allclose(
        one(calibrated.query({TEXT: asked}), calibrated.fuse({TEXT: items})), expected, atol=1e-5
    )

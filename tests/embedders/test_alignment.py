import numpy as np
import pytest

from embedders.alignment import Alignment, BridgeMap, centred_bridge
from embedders.bridge import Bridge
from embedders.encoder import Vectors
from embedders.fit_alignment import Pairs, References, fit_alignment, fit_text_map, make_pairs
from embedders.items import Strand
from embedders.kernel_ridge import fit_kernel_ridges
from embedders.spaces import Affine, identity, row_hashes, unit
from embedders.text_map import TextMap
from tests.embedders.planted import WIDTHS, plant

TEXT, IMAGE = WIDTHS[Strand.TEXT], WIDTHS[Strand.IMAGE]


def a_bridge() -> Bridge:
    """Return a classifier of pictures whose class weights are the pictures of traits, named by their texts."""
    classes = plant(300, seed=77, noise=0.0)
    bias = np.zeros(300, np.float32)
    return Bridge(classes.vectors[Strand.IMAGE], bias, 25.0, classes.vectors[Strand.TEXT])


def references(texts: Vectors) -> References:
    return References(texts, row_hashes(texts))


def pairs_of(count: int, *, noise: float = 0.05) -> tuple[Pairs, References]:
    vectors = plant(count, noise=noise).vectors
    return make_pairs(
        vectors[Strand.TEXT], vectors[Strand.IMAGE], shared=identity(TEXT), own=identity(IMAGE)
    ), references(vectors[Strand.TEXT])


def test_a_bridge_by_hand() -> None:
    # two classes, logits 10 * (1, 0): the first class has probability 1 / (1 + e^-10)
    bridge = Bridge(np.eye(2, dtype=np.float32), np.zeros(2, np.float32), 10.0, np.eye(2, 3, dtype=np.float32))
    found = bridge(np.asarray([[1.0, 0.0], [0.0, 0.0]], np.float32))
    certain = 1.0 / (1.0 + np.exp(-10.0))
    np.testing.assert_allclose(found, [[certain, 1.0 - certain, 0.0], [0.0, 0.0, 0.0]], rtol=1e-5)


def test_large_logits_do_not_overflow() -> None:
    bridge = Bridge(np.eye(2, dtype=np.float32), np.zeros(2, np.float32), 1e6, np.eye(2, dtype=np.float32))
    np.testing.assert_allclose(bridge(np.asarray([[1.0, 0.0]], np.float32)), [[1.0, 0.0]])


def test_a_bridge_is_centred_on_what_it_says_of_the_catalogue() -> None:
    pictures = plant(50).vectors[Strand.IMAGE]
    bridge = a_bridge()
    centred = centred_bridge(bridge, identity(TEXT), pictures)
    np.testing.assert_allclose(centred.axes.shift, bridge(pictures).mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(centred(pictures), axis=1), 1.0, atol=1e-5)


def test_an_alignment_is_the_weighted_sum_of_its_ways() -> None:
    vectors = plant(40).vectors
    [ridge] = fit_kernel_ridges(vectors[Strand.IMAGE], vectors[Strand.TEXT], steepness=1.0, strengths=[0.1])
    bridge = BridgeMap(a_bridge(), identity(TEXT))
    both = Alignment(TEXT, ridge, bridge, 0.5)
    pictures = plant(5, seed=3).vectors[Strand.IMAGE]
    expected = unit(unit(ridge(pictures)) + 0.5 * unit(bridge(pictures)))
    np.testing.assert_allclose(both.queries(pictures), expected, atol=1e-6)
    np.testing.assert_allclose(Alignment(TEXT, None, bridge, 1.0).items(pictures), bridge(pictures), atol=1e-6)
    np.testing.assert_allclose(Alignment(TEXT, ridge, None, 0.5).queries(pictures), unit(ridge(pictures)), atol=1e-6)


def test_items_are_mapped_by_maps_that_have_not_seen_them() -> None:
    # With noise alone to learn, a map that has seen a pair finds it, one that has not cannot.
    draw = np.random.default_rng(0)
    pictures, texts = (unit(draw.normal(size=(60, 20)).astype(np.float32)) for _ in range(2))
    [ridge] = fit_kernel_ridges(pictures, texts, steepness=2.0, strengths=[0.1])
    alignment = Alignment(20, ridge, None, 0.0)
    seen = np.sum(alignment.queries(pictures) * texts, axis=1).mean()
    unseen = np.sum(alignment.items(pictures) * texts, axis=1).mean()
    assert seen > 0.9
    assert abs(unseen) < 0.1


def test_pairs_are_items_that_have_both_in_an_order_of_content() -> None:
    planted = plant(30)
    texts, pictures = planted.vectors[Strand.TEXT].copy(), planted.vectors[Strand.IMAGE].copy()
    texts[:5] = 0.0
    pictures[25:] = 0.0
    order = np.random.default_rng(1).permutation(30)
    one = make_pairs(texts, pictures, shared=identity(TEXT), own=identity(IMAGE))
    other = make_pairs(texts[order], pictures[order], shared=identity(TEXT), own=identity(IMAGE))
    assert len(one) == 20
    np.testing.assert_array_equal(one.raw, other.raw)
    np.testing.assert_array_equal(one.digests, other.digests)
    assert len(one.first(7)) == 7


def test_the_planted_map_is_found() -> None:
    pairs, asked = pairs_of(200)
    alignment, report = fit_alignment(pairs, bridge=None, references=asked)
    assert alignment is not None
    unseen = plant(50, seed=5).vectors
    cosines = alignment.queries(unseen[Strand.IMAGE]) @ unseen[Strand.TEXT].T
    assert (cosines.argmax(axis=1) == np.arange(50)).mean() > 0.9
    assert report["pairs"] == 200
    assert report["gain"] > 0.8


def test_a_bridge_that_helps_is_used_and_one_that_misleads_is_not() -> None:
    pairs, asked = pairs_of(25, noise=0.3)
    good = BridgeMap(a_bridge(), identity(TEXT))
    right = a_bridge()
    wrong = BridgeMap(Bridge(right.weight, right.bias, right.scale, right.names[::-1].copy()), identity(TEXT))
    assert fit_alignment(pairs, bridge=good, references=asked)[1]["bridge"] > 0.0
    assert fit_alignment(pairs, bridge=wrong, references=asked)[1]["bridge"] == 0.0


@pytest.mark.parametrize("count", [0, 1])
def test_without_pairs_there_is_the_bridge_or_nothing(count: int) -> None:
    pairs, _ = pairs_of(30)
    asked = references(plant(9).vectors[Strand.TEXT])
    assert fit_alignment(pairs.first(count), bridge=None, references=asked)[0] is None
    alignment, _ = fit_alignment(pairs.first(count), bridge=BridgeMap(a_bridge(), identity(TEXT)), references=asked)
    assert alignment is not None
    assert alignment.ridge is None
    assert fit_text_map(pairs.first(count), alignment, references=asked)[0] is None


def test_a_text_map_is_kept_where_it_finds_what_the_alignment_does_not() -> None:
    pairs, asked = pairs_of(150, noise=0.2)
    poor = Alignment(
        TEXT, None, BridgeMap(a_bridge(), Affine(np.zeros(TEXT, np.float32), np.eye(TEXT, dtype=np.float32)[::-1])), 1.0
    )
    text_map, report = fit_text_map(pairs, poor, references=asked)
    assert text_map is not None
    assert report["text_map"] == text_map.weight > 0.0
    unseen = plant(50, seed=5).vectors
    cosines = text_map(unseen[Strand.TEXT]) @ unseen[Strand.IMAGE].T
    assert (cosines.argmax(axis=1) == np.arange(50)).mean() > 0.8
    assert text_map.references.shape == (150, IMAGE)


def test_the_references_of_a_text_map_have_not_seen_their_own_picture() -> None:
    draw = np.random.default_rng(0)
    texts, pictures = (unit(draw.normal(size=(80, width)).astype(np.float32)) for width in (TEXT, IMAGE))
    pairs = make_pairs(texts, pictures, shared=identity(TEXT), own=identity(IMAGE))
    nothing = BridgeMap(Bridge(pictures, np.zeros(80, np.float32), 1.0, texts * 0.0), identity(TEXT))
    text_map, _ = fit_text_map(
        pairs, Alignment(TEXT, None, nothing, 1.0), references=References(pairs.texts, pairs.digests)
    )
    if text_map is None:  # noise may well be of no use
        [ridge] = fit_kernel_ridges(pairs.texts, pairs.own, steepness=1.0, strengths=[0.1])
        text_map = TextMap(ridge, unit(ridge.crossed(pairs.texts)), 1.0)
    assert np.sum(text_map.references * pairs.own, axis=1).mean() < 0.2
    assert np.sum(text_map(pairs.texts) * pairs.own, axis=1).mean() > 0.5

from collections.abc import Callable
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedders import fit_alignment
from embedders.bridge import Bridge
from embedders.encoder import Vectors
from embedders.fit_fusion import OWN_DIMENSION, PIECES, SHARED_DIMENSION, fit_fusion
from embedders.fusion import Fusion
from embedders.items import Strand
from embedders.spaces import unit
from tests.embedders.planted import WIDTHS, plant, rank_of_own

TEXT, IMAGE, AUDIO = Strand.TEXT, Strand.IMAGE, Strand.AUDIO
SUBSETS = [subset for size in (1, 2, 3) for subset in combinations(Strand, size)]


def all_scores(fusion: Fusion, asked: dict[Strand, Vectors], items: Vectors) -> np.ndarray:
    query = fusion.query(asked)
    return query.rescore(np.broadcast_to(items, (len(query), *items.shape))).scores


def a_bridge(classes: int = 300) -> Bridge:
    planted = plant(classes, seed=77, noise=0.0).vectors
    return Bridge(planted[IMAGE], np.zeros(classes, np.float32), 25.0, planted[TEXT])


@pytest.mark.parametrize("wanted", [IMAGE, AUDIO])
def test_items_whose_text_is_hidden_are_found_by_it(wanted: Strand) -> None:
    planted = plant(200, noise=0.1)
    hidden = np.arange(60)
    known = planted.without(TEXT, hidden)
    for strand in {IMAGE, AUDIO} - {wanted}:
        known[strand][hidden] = 0.0
    fusion = fit_fusion(known)
    scores = all_scores(fusion, {TEXT: planted.vectors[TEXT][hidden]}, fusion.fuse(known))
    assert (rank_of_own(scores[:, hidden], hidden) == 1).mean() > 0.8
    # in the whole catalogue, where the other items keep their text and all their strands
    assert (rank_of_own(scores, hidden) <= 3).mean() > 0.8


def test_noise_is_not_mistaken_for_signal() -> None:
    draw = np.random.default_rng(0)
    vectors = {strand: unit(draw.normal(size=(150, width)).astype(np.float32)) for strand, width in WIDTHS.items()}
    hidden = np.arange(50)
    known = {strand: rows.copy() for strand, rows in vectors.items()}
    known[TEXT][hidden] = 0.0
    fusion = fit_fusion(known)
    scores = all_scores(fusion, {TEXT: vectors[TEXT][hidden]}, fusion.fuse(known))
    assert (rank_of_own(scores[:, hidden], hidden) <= 5).mean() < 0.3
    assert fusion.report["image.gain"] < 0.3


def test_a_bridge_finds_without_any_pair() -> None:
    planted = plant(80, seed=5)
    fusion = fit_fusion({IMAGE: planted.vectors[IMAGE]}, bridges={IMAGE: a_bridge()})
    items = fusion.fuse({IMAGE: planted.vectors[IMAGE]})
    ranks = rank_of_own(all_scores(fusion, {TEXT: planted.vectors[TEXT]}, items), np.arange(80))
    assert (ranks <= 5).mean() > 0.6
    assert fusion.strands == (IMAGE,)


def test_a_bridge_of_a_strand_that_no_item_has_is_ignored() -> None:
    texts = {TEXT: plant(20).vectors[TEXT]}
    assert fit_fusion(texts, bridges={IMAGE: a_bridge()}).dimension == WIDTHS[TEXT]


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 1000))
def test_the_order_of_the_items_changes_nothing_beyond_rounding(seed: int) -> None:
    vectors = {strand: rows.copy() for strand, rows in plant(40, noise=0.2).vectors.items()}
    vectors[IMAGE][30:] = 0.0
    vectors[TEXT][:8] = 0.0
    order = np.random.default_rng(seed).permutation(40)
    one = fit_fusion(vectors)
    other = fit_fusion({strand: rows[order] for strand, rows in vectors.items()})
    np.testing.assert_allclose(other.fuse(vectors), one.fuse(vectors), atol=1e-3)
    asked = plant(3, seed=1).vectors
    items = one.fuse(vectors)
    np.testing.assert_allclose(all_scores(other, asked, items), all_scores(one, asked, items), atol=1e-2)
    assert other.report == pytest.approx(one.report, abs=1e-3)


def test_the_order_in_which_strands_are_named_changes_nothing() -> None:
    vectors = plant(30).vectors
    backwards = {strand: vectors[strand] for strand in reversed(Strand)}
    np.testing.assert_array_equal(fit_fusion(backwards).fuse(vectors), fit_fusion(vectors).fuse(vectors))


def test_what_is_missing_does_not_matter() -> None:
    vectors = plant(40).vectors
    padded = {strand: np.concatenate([rows, 0.0 * rows[:5]]) for strand, rows in vectors.items()}
    np.testing.assert_allclose(fit_fusion(padded).fuse(vectors), fit_fusion(vectors).fuse(vectors), atol=1e-5)


@pytest.mark.parametrize("subset", SUBSETS, ids="+".join)
@pytest.mark.parametrize("count", [0, 1, 2, 3, 30])
def test_any_strands_and_any_number_of_items(subset: tuple[Strand, ...], count: int) -> None:
    vectors = plant(count, strands=subset).vectors
    fusion = fit_fusion(vectors)
    fused = fusion.fuse(vectors)
    assert fused.shape == (count, fusion.dimension)
    assert np.isfinite(fused).all()
    assert fusion.strands == (subset if count else ())
    if count:
        assert all(fused[:, block.start : block.stop].any(axis=1).all() for block in fusion.blocks)
        scores = fusion.as_query(fused).rescore(np.broadcast_to(fused, (count, *fused.shape))).scores
        assert np.isfinite(scores).all()
        assert (scores.argmax(axis=1) == np.arange(count)).all()
        asked = all_scores(fusion, {strand: plant(2, seed=9).vectors[strand] for strand in Strand}, fused)
        assert np.isfinite(asked).all()


@pytest.mark.parametrize("count", [1, 6, 40])
def test_constant_vectors_keep_their_strands(count: int) -> None:
    vectors = {strand: np.repeat(rows[:1], count, axis=0) for strand, rows in plant(1).vectors.items()}
    fusion = fit_fusion(vectors)
    fused = fusion.fuse(vectors)
    assert fusion.strands == tuple(Strand)
    assert all(fused[:, block.start : block.stop].any(axis=1).all() for block in fusion.blocks)
    assert np.isfinite(all_scores(fusion, {TEXT: vectors[TEXT][:1]}, fused)).all()


def test_constant_pictures_beside_different_texts() -> None:
    vectors = plant(30).vectors
    vectors[IMAGE] = np.repeat(vectors[IMAGE][:1], 30, axis=0)
    fusion = fit_fusion(vectors)
    scores = all_scores(fusion, {TEXT: vectors[TEXT]}, fusion.fuse(vectors))
    assert (rank_of_own(scores, np.arange(30)) == 1).mean() > 0.9


def test_items_without_a_common_strand_keep_their_own_spaces() -> None:
    vectors = plant(40).vectors
    vectors[TEXT][:20] = 0.0
    vectors[IMAGE][20:] = 0.0
    vectors[AUDIO][:] = 0.0
    fusion = fit_fusion(vectors)
    assert fusion.strands == (TEXT, IMAGE)
    assert not fusion.alignments
    assert fusion.query({TEXT: vectors[TEXT][20:21]}).by_strand()[0].any()
    assert len(fusion.query({TEXT: vectors[TEXT][20:21]}).by_strand()) == 1


@pytest.mark.parametrize("strand", list(Strand))
def test_a_catalogue_of_one_strand_keeps_the_encoders_vectors(strand: Strand) -> None:
    vectors = plant(30, strands=(strand,)).vectors
    fusion = fit_fusion(vectors)
    np.testing.assert_allclose(fusion.fuse(vectors), vectors[strand], atol=1e-6)
    asked = plant(4, seed=1).vectors
    scores = all_scores(fusion, asked, fusion.fuse(vectors))
    np.testing.assert_allclose(scores, asked[strand] @ vectors[strand].T, atol=1e-5)


def test_blocks_are_bounded_where_there_is_more_than_one_strand() -> None:
    draw = np.random.default_rng(0)
    vectors = {strand: unit(draw.normal(size=(260, 300)).astype(np.float32)) for strand in Strand}
    for block in fit_fusion(vectors).blocks:
        wide = block.aligned or block.strand is TEXT
        assert block.stop - block.start == (SHARED_DIMENSION if wide else OWN_DIMENSION)


def test_blocks_lie_side_by_side() -> None:
    blocks = fit_fusion(plant(40).vectors).blocks
    assert blocks[0].start == 0
    assert all(one.end == other.start for one, other in pairwise(blocks))


def test_the_report_says_what_was_chosen() -> None:
    report = fit_fusion(plant(60).vectors, bridges={IMAGE: a_bridge(30)}).report
    assert report["image.pairs"] == 60.0
    for name in ("steepness", "strength", "bridge", "gain", "text_map", "text_weight", "gain_whole"):
        assert np.isfinite(report[f"image.{name}"])
        assert np.isfinite(report[f"audio.{name}"])


def test_unequal_numbers_of_rows_are_named() -> None:
    with pytest.raises(ValueError, match=r"vectors have \[2, 3\] rows; expected one number of rows"):
        fit_fusion({TEXT: np.ones((2, 4), np.float32), IMAGE: np.ones((3, 4), np.float32)})


@pytest.mark.parametrize("piece", PIECES)
def test_a_piece_left_out_is_not_learnt(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_alignment, "HEAD_MARGIN", -1.0)  # so that there is a head to leave out
    vectors = plant(60, noise=0.3).vectors
    whole = fit_fusion(vectors, bridges={IMAGE: a_bridge()})
    fusion = fit_fusion(vectors, bridges={IMAGE: a_bridge()}, without=[piece])
    learnt: dict[str, Callable[[Fusion], bool]] = {
        "ridge": lambda fused: any(one.ridge is not None for one in fused.alignments.values()),
        "head": lambda fused: any(name.endswith(".head") and value for name, value in fused.report.items()),
        "bridge": lambda fused: any(one.bridge is not None for one in fused.alignments.values()),
        "text_map": lambda fused: bool(fused.text_maps),
        "hubness": lambda fused: any(fused.fuse(vectors)[:, block.stop].any() for block in fused.blocks if block.hub),
        "calibration": lambda fused: any(pair.mean for pair in fused.pairs.values()),
    }
    for name, holds in learnt.items():
        assert holds(whole), name
        gone = name == piece or (piece == "ridge" and name == "head")
        assert holds(fusion) != gone or (name == "text_map" and not gone), name
    hidden = np.arange(10)
    scores = all_scores(fusion, {TEXT: vectors[TEXT][hidden]}, fusion.fuse(plant(60, noise=0.3).without(TEXT, hidden)))
    assert np.isfinite(scores).all()


def test_an_unknown_piece_is_refused() -> None:
    with pytest.raises(ValueError, match=r"without holds luck; expected some of ridge, head"):
        fit_fusion(plant(20).vectors, without=["luck"])

"""Kin: what categories teach of contents, and what it does where an item asks for what is like it."""

from dataclasses import replace

import numpy as np
import pytest

from embedders.calibration import KIN_WEIGHT
from embedders.fit_fusion import fit_fusion
from embedders.fusion import Fusion
from embedders.fusion_arrays import from_arrays, to_arrays
from embedders.items import Strand
from embedders.kin import LENGTH, MOST_CATEGORIES, category_targets, fit_kin
from tests.embedders.planted import Planted, plant

TEXT, IMAGE = Strand.TEXT, Strand.IMAGE
COUNT = 120


def catalogue() -> tuple[Planted, list[tuple[str, ...]]]:
    """Return items whose category is the sign of their two first traits, which are a third of what content says."""
    planted = plant(COUNT, noise=0.3, strands=(TEXT, IMAGE))
    signs = (planted.traits[:, :2] > 0).astype(int).tolist()
    return planted, [(f"kind {a}{b}",) for a, b in signs]


def learnt() -> tuple[Fusion, Planted, list[tuple[str, ...]]]:
    planted, categories = catalogue()
    return fit_fusion(planted.vectors, categories=categories), planted, categories


def share_alike(fusion: Fusion, planted: Planted, categories: list[tuple[str, ...]], rows: np.ndarray) -> float:
    """Return how many of the five nearest of each item of `rows`, among these, share its category."""
    fused = fusion.fuse({strand: vectors[rows] for strand, vectors in planted.vectors.items()})
    scores = fusion.as_query(fused).rescore(np.broadcast_to(fused, (len(rows), *fused.shape))).scores
    np.fill_diagonal(scores, -np.inf)
    names = np.asarray([categories[row][0] for row in rows.tolist()])
    return float((names[np.argsort(-scores, axis=1)[:, :5]] == names[:, None]).mean())


def test_targets_by_hand() -> None:
    found = category_targets([("a",), ("a", "b"), ("b",), (), ("b", "only here")])
    # Three of four known items are b, two are a; columns stand by frequency.
    b, a = np.sqrt(3 + 2), np.sqrt(2 + 2)
    expected = [[-0.75 / b, 0.5 / a], [0.25 / b, 0.5 / a], [0.25 / b, -0.5 / a], [0.0, 0.0], [0.25 / b, -0.5 / a]]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_most_frequent_categories_are_learnt() -> None:
    many = [(f"c{place % 70:02}",) for place in range(70 * 2 + 10)]
    found = category_targets(many)
    assert found.shape == (150, MOST_CATEGORIES)
    assert found[0].any()
    assert not found[69].any(), "one of the least frequent, the last by name"


@pytest.mark.parametrize("categories", [[()] * COUNT, [("all",)] * COUNT, [(str(row),) for row in range(COUNT)]])
def test_nothing_is_learnt_where_categories_say_nothing(categories: list[tuple[str, ...]]) -> None:
    vectors = plant(COUNT, strands=(TEXT, IMAGE)).vectors
    assert fit_kin(vectors, categories) == {}
    with_, without = fit_fusion(vectors, categories=categories), fit_fusion(vectors)
    np.testing.assert_array_equal(with_.fuse(vectors), without.fuse(vectors))


def test_items_never_seen_are_found_with_their_kind() -> None:
    planted, categories = catalogue()
    seen, unseen = np.arange(COUNT - 40), np.arange(COUNT - 40, COUNT)
    vectors = {strand: rows[seen] for strand, rows in planted.vectors.items()}
    taught = fit_fusion(vectors, categories=[categories[row] for row in seen.tolist()])
    plain = fit_fusion(vectors)
    assert share_alike(taught, planted, categories, unseen) > share_alike(plain, planted, categories, unseen) + 0.1
    # What was learnt from stands no nearer to its kind than what was not: its own category was not seen.
    known = share_alike(taught, planted, categories, seen[:40])
    assert abs(known - share_alike(taught, planted, categories, unseen)) < 0.15


def test_categories_drawn_at_random_teach_nothing() -> None:
    planted, categories = catalogue()
    drawn = [categories[row] for row in np.random.default_rng(3).permutation(COUNT).tolist()]
    fusion = fit_fusion(planted.vectors, categories=drawn)
    assert share_alike(fusion, planted, drawn, np.arange(COUNT)) < 0.36, "an item's own category would show"


def test_the_score_of_an_item_is_the_mean_of_contents_and_kind() -> None:
    fusion, planted, _ = learnt()
    fused = fusion.fuse(planted.vectors)
    found = fusion.as_query(fused[:3]).rescore(np.broadcast_to(fused, (3, *fused.shape)))
    slow = np.zeros((3, COUNT))
    for strand in (TEXT, IMAGE):
        pair = fusion.alike[strand]
        total = np.zeros((3, COUNT))
        for comparison in pair.comparisons:
            block = fusion.blocks[comparison.place]
            rows = fused[:, block.start : block.stop].astype(np.float64)
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            total += comparison.weight * (rows[:3] @ rows.T)
        slow += pair.weight * (total - pair.mean) / pair.deviation
    slow /= sum(fusion.alike[strand].weight for strand in (TEXT, IMAGE))
    np.testing.assert_allclose(found.scores, slow, atol=1e-5)
    kin = [block for block in fusion.blocks if block.kin]
    assert [block.strand for block in kin] == [TEXT, IMAGE]
    assert KIN_WEIGHT > 0
    for block in kin:
        np.testing.assert_allclose(np.linalg.norm(fused[:, block.start : block.stop], axis=1), LENGTH, atol=1e-6)


def test_words_ask_for_pictures_of_their_kind_too() -> None:
    fusion, planted, _ = learnt()
    fused = fusion.fuse(planted.without(TEXT, np.arange(COUNT)))
    found = fusion.query({TEXT: planted.vectors[TEXT][:3]}).rescore(np.broadcast_to(fused, (3, *fused.shape)))
    pair = fusion.pairs[TEXT, IMAGE]
    asked = {False: fusion.own[TEXT](planted.vectors[TEXT][:3]), True: fusion.kin[TEXT](planted.vectors[TEXT][:3])}
    slow = np.zeros((3, COUNT))
    for comparison in pair.comparisons:
        block = fusion.blocks[comparison.place]
        rows, hubs = fused[:, block.start : block.stop], fused[:, block.stop] if block.hub else 0.0
        words = asked[block.kin]
        if not (block.aligned or block.kin):
            words = fusion.text_maps[IMAGE](words / np.linalg.norm(words, axis=1, keepdims=True))
        norms = np.outer(np.linalg.norm(words, axis=1), np.linalg.norm(rows, axis=1))
        slow += comparison.weight * ((words @ rows.T) / norms - hubs)
    np.testing.assert_allclose(found.scores, (slow - pair.mean) / pair.deviation, atol=1e-4)
    assert [fusion.blocks[one.place].kin for one in pair.comparisons].count(True) == 1


def test_words_among_texts_ask_for_what_they_say() -> None:
    fusion, planted, _ = learnt()
    assert not any(fusion.blocks[one.place].kin for one in fusion.pairs[TEXT, TEXT].comparisons)
    fused = fusion.fuse(planted.vectors)[:5]
    assert not np.allclose(fusion.as_query(fused).vectors, replace(fusion, alike={}).as_query(fused).vectors)


def test_an_item_without_a_strand_has_no_kin_in_it() -> None:
    fusion, planted, _ = learnt()
    fused = fusion.fuse(planted.without(IMAGE, np.arange(4)))
    for block in fusion.blocks:
        assert fused[:4, block.start : block.stop].any() == (block.strand is not IMAGE)


def test_the_order_of_items_changes_nothing() -> None:
    fusion, planted, categories = learnt()
    order = np.random.default_rng(5).permutation(COUNT)
    turned = fit_fusion(
        {strand: rows[order] for strand, rows in planted.vectors.items()},
        categories=[categories[row] for row in order.tolist()],
    )
    np.testing.assert_allclose(turned.fuse(planted.vectors), fusion.fuse(planted.vectors), atol=1e-4)


def test_it_comes_back_from_its_arrays() -> None:
    fusion, planted, _ = learnt()
    back = from_arrays(to_arrays(fusion))
    assert back.alike == fusion.alike
    assert back.blocks == fusion.blocks
    fused = fusion.fuse(planted.vectors)
    np.testing.assert_array_equal(back.fuse(planted.vectors), fused)
    np.testing.assert_array_equal(back.as_query(fused[:3]).vectors, fusion.as_query(fused[:3]).vectors)


def test_left_out_it_is_not_learnt() -> None:
    planted, categories = catalogue()
    fusion = fit_fusion(planted.vectors, categories=categories, without=["kin"])
    assert not fusion.kin
    assert not any(block.kin for block in fusion.blocks)

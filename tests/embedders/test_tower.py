"""Text towers: words find pictures in the pictures' own space, with no pair to learn from."""

from collections.abc import Mapping

import numpy as np
import pytest
from safetensors.numpy import load, save

from embedders.encoder import Vectors
from embedders.fit_fusion import PIECES, fit_fusion
from embedders.fusion import Fusion
from embedders.fusion_arrays import fingerprint, from_arrays, to_arrays
from embedders.items import Strand
from embedders.spaces import unit
from embedders.text_map import TextMap
from embedders.tower import TOWER_DIMENSION, Tower, make_words, tower_bridge
from tests.embedders.planted import TRAITS, WIDTHS, Planted, plant, rank_of_own

TEXT, IMAGE, AUDIO = Strand.TEXT, Strand.IMAGE, Strand.AUDIO
EMPTY = np.zeros((0, 0), np.float32)


def tower_rows(planted: Planted, strand: Strand = IMAGE, *, seed: int = 50, noise: float = 0.3) -> Vectors:
    """Return the texts of planted items as a tower says them: as their pictures lie, but all shifted aside."""
    matrix = np.random.default_rng(WIDTHS[strand]).normal(size=(TRAITS, WIDTHS[strand]))
    draw = np.random.default_rng(seed)
    shift = 4.0 * draw.normal(size=WIDTHS[strand])
    noisy = planted.traits @ matrix + noise * draw.normal(size=(len(planted.traits), WIDTHS[strand])) + shift
    return unit(noisy.astype(np.float32))


def unpaired(planted: Planted, pictured: int) -> tuple[dict[Strand, Vectors], dict[Strand, Tower]]:
    """Return a catalogue whose first `pictured` items have a picture only, the others a text only."""
    vectors = {TEXT: planted.vectors[TEXT].copy(), IMAGE: planted.vectors[IMAGE].copy()}
    texts = tower_rows(planted)
    vectors[TEXT][:pictured] = 0.0
    vectors[IMAGE][pictured:] = 0.0
    texts[:pictured] = 0.0
    return vectors, {IMAGE: Tower(texts, EMPTY, EMPTY)}


def ranks(
    fusion: Fusion, asked: Mapping[Strand, Vectors], towers: Mapping[Strand, Vectors], items: Vectors
) -> np.ndarray:
    query = fusion.query(asked, towers=towers)
    scores = query.rescore(np.broadcast_to(items, (len(query), *items.shape))).scores
    return rank_of_own(scores, np.arange(len(query)))


def test_words_find_pictures_without_any_pair() -> None:
    planted = plant(160, noise=0.3)
    vectors, towers = unpaired(planted, 80)
    fusion = fit_fusion(vectors, towers=towers)
    pictures = fusion.fuse(vectors)[:80]
    asked = {TEXT: planted.vectors[TEXT][:80]}
    exact = ranks(fusion, asked, {IMAGE: tower_rows(planted)[:80]}, pictures)
    assert (exact <= 3).mean() > 0.9
    # What stands in for the tower where its rows are not known: worse, and far from chance.
    without = ranks(fusion, asked, {}, pictures)
    assert (without <= 8).mean() > 0.4
    assert exact.mean() <= without.mean()


def test_a_text_as_an_item_finds_pictures_and_a_picture_texts() -> None:
    planted = plant(160, noise=0.3)
    vectors, towers = unpaired(planted, 80)
    fusion = fit_fusion(vectors, towers=towers)
    as_texts = fusion.fuse({TEXT: planted.vectors[TEXT][:80]})
    pictures = fusion.fuse({IMAGE: planted.vectors[IMAGE][:80]})
    for asked, items in ((as_texts, pictures), (pictures, as_texts)):
        scores = fusion.as_query(asked).rescore(np.broadcast_to(items, (80, *items.shape))).scores
        assert (rank_of_own(scores, np.arange(80)) <= 8).mean() > 0.4


def test_pairs_choose_the_weight_and_are_told() -> None:
    planted = plant(120, noise=0.2)
    texts = tower_rows(planted, noise=0.1)
    fusion = fit_fusion(
        {TEXT: planted.vectors[TEXT], IMAGE: planted.vectors[IMAGE]}, towers={IMAGE: Tower(texts, EMPTY, EMPTY)}
    )
    assert fusion.report["image.text_map"] == fusion.text_maps[IMAGE].weight
    assert fusion.report["image.gain"] > 0.9
    deaf = np.random.default_rng(1).permutation(texts)
    other = fit_fusion(
        {TEXT: planted.vectors[TEXT], IMAGE: planted.vectors[IMAGE]}, towers={IMAGE: Tower(deaf, EMPTY, EMPTY)}
    )
    assert other.text_maps[IMAGE].weight == 0.5, "a tower that says nothing counts least"


def test_a_catalogue_without_texts_is_asked_by_words() -> None:
    planted, words = plant(60, seed=3), plant(90, seed=4)
    tower = Tower(np.zeros((0, WIDTHS[IMAGE]), np.float32), tower_rows(words), words.vectors[TEXT])
    fusion = fit_fusion({IMAGE: planted.vectors[IMAGE]}, towers={IMAGE: tower})
    items = fusion.fuse({IMAGE: planted.vectors[IMAGE]})
    found = ranks(fusion, {TEXT: planted.vectors[TEXT]}, {IMAGE: tower_rows(planted)}, items)
    assert (found <= 6).mean() > 0.6
    # One strand alone keeps the encoder's vectors as they are.
    [own] = [block for block in fusion.blocks if not block.aligned]
    np.testing.assert_allclose(items[:, own.start : own.stop], planted.vectors[IMAGE], atol=1e-6)


def test_the_own_space_is_kept_up_to_its_axes() -> None:
    """Cosines in the block are those of the centred encoder's rows, as no axis is lost where they are few."""
    planted = plant(100)
    fusion = fit_fusion(
        {TEXT: planted.vectors[TEXT], IMAGE: planted.vectors[IMAGE]},
        towers={IMAGE: Tower(tower_rows(planted), EMPTY, EMPTY)},
    )
    own = fusion.own[IMAGE]
    assert own.matrix.shape == (WIDTHS[IMAGE], min(TOWER_DIMENSION, WIDTHS[IMAGE]))
    rows = unit(planted.vectors[IMAGE] - own.shift)
    mapped = unit(own(planted.vectors[IMAGE]))
    np.testing.assert_allclose(mapped @ mapped.T, rows @ rows.T, atol=1e-4)


def test_the_order_of_the_items_changes_nothing_beyond_rounding() -> None:
    planted = plant(50, noise=0.3)
    vectors, towers = unpaired(planted, 20)
    order = np.random.default_rng(2).permutation(50)
    moved = {strand: rows[order] for strand, rows in vectors.items()}
    one = fit_fusion(vectors, towers=towers)
    other = fit_fusion(moved, towers={IMAGE: Tower(towers[IMAGE].texts[order], EMPTY, EMPTY)})
    np.testing.assert_allclose(other.fuse(moved), one.fuse(vectors)[order], atol=1e-4)
    for key, pair in one.pairs.items():
        assert other.pairs[key].mean == pytest.approx(pair.mean, abs=1e-4)


@pytest.mark.parametrize("texts", [0, 1, 2])
def test_hardly_any_text_is_no_obstacle(texts: int) -> None:
    planted = plant(12)
    vectors, towers = unpaired(planted, 12 - texts)
    if not texts:
        del vectors[TEXT]
        words = plant(9, seed=4)
        towers = {IMAGE: Tower(np.zeros((0, WIDTHS[IMAGE]), np.float32), tower_rows(words), words.vectors[TEXT])}
    fusion = fit_fusion(vectors, towers=towers)
    query = fusion.query({TEXT: planted.vectors[TEXT][:2]}, towers={IMAGE: tower_rows(planted)[:2]})
    scores = query.rescore(np.broadcast_to(fusion.fuse(vectors), (2, 12, fusion.dimension))).scores
    assert np.isfinite(scores).all()
    back = from_arrays(load(save(to_arrays(fusion))))
    assert fingerprint(back) == fingerprint(fusion)
    again = back.query({TEXT: planted.vectors[TEXT][:2]}, towers={IMAGE: tower_rows(planted)[:2]})
    np.testing.assert_array_equal(again.vectors, query.vectors)


def test_rows_of_a_tower_that_is_not_there_are_refused() -> None:
    rows = plant(3).vectors[IMAGE]
    with pytest.raises(ValueError, match="whose model has no text tower"):
        TextMap(None, rows, 1.0).by_tower(rows)
    assert not TextMap(None, rows, 1.0)(plant(2).vectors[TEXT]).any()


def test_a_bridge_of_a_tower_beside_its_formula() -> None:
    planted = plant(30)
    texts = tower_rows(planted)
    bridge = tower_bridge(Tower(texts, EMPTY, EMPTY), planted.vectors[TEXT], planted.vectors[IMAGE])
    shift = planted.vectors[IMAGE].sum(axis=0) / 31
    for row in planted.vectors[IMAGE][:3]:
        odds = np.exp(bridge.scale * ((row - shift) @ texts.T))
        expected = (odds / odds.sum()) @ planted.vectors[TEXT]
        np.testing.assert_allclose(bridge(row[None])[0], expected, atol=1e-4)


def test_words_are_read_by_both_encoders() -> None:
    class Reader:
        strand = TEXT
        fingerprint = "reader"

        def __init__(self, dimension: int) -> None:
            self.dimension = dimension

        def encode(self, contents: object) -> Vectors:
            assert contents == ("tea", "cup")
            return np.eye(2, self.dimension, dtype=np.float32)

    tower = make_words(Reader(4), Reader(3), ("tea", "cup"))
    assert (tower.texts.shape, tower.words.shape, tower.word_texts.shape) == ((0, 4), (2, 4), (2, 3))


def test_a_tower_that_was_never_asked_anything_is_passed_over() -> None:
    pictures = plant(9).vectors[IMAGE]
    mute = Tower(np.zeros((9, WIDTHS[IMAGE]), np.float32), np.zeros((0, WIDTHS[IMAGE]), np.float32), EMPTY)
    fusion = fit_fusion({IMAGE: pictures}, towers={IMAGE: mute})
    assert fingerprint(fusion) == fingerprint(fit_fusion({IMAGE: pictures}))


@pytest.mark.parametrize("without", [["text_map"], ["ridge", "bridge"], ["hubness"], list(PIECES)])
def test_pieces_can_be_left_out_beside_a_tower(without: list[str]) -> None:
    planted = plant(40, noise=0.2)
    vectors = {TEXT: planted.vectors[TEXT], IMAGE: planted.vectors[IMAGE]}
    towers = {IMAGE: Tower(tower_rows(planted, noise=0.1), EMPTY, EMPTY)}
    fusion = fit_fusion(vectors, towers=towers, without=without)
    assert (IMAGE in fusion.text_maps) == (without == ["hubness"])
    scores = fusion.query({TEXT: vectors[TEXT][:3]}).rescore(
        np.broadcast_to(fusion.fuse(vectors), (3, 40, fusion.dimension))
    )
    assert np.isfinite(scores.scores).all()

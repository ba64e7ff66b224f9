from dataclasses import replace

import numpy as np
import pytest

from embedders.calibration import OWN_WEIGHT, TEXT_WEIGHTS, calibrate
from embedders.fit_fusion import fit_fusion
from embedders.items import Strand
from embedders.spaces import unit
from tests.embedders.planted import plant, rank_of_own

TEXT, IMAGE, AUDIO = Strand.TEXT, Strand.IMAGE, Strand.AUDIO
VECTORS = plant(150, noise=0.2).vectors
FUSION = fit_fusion(VECTORS)


@pytest.mark.parametrize("asked", list(Strand))
@pytest.mark.parametrize("wanted", list(Strand))
def test_what_is_no_match_has_mean_zero_and_deviation_one_for_every_pair(asked: Strand, wanted: Strand) -> None:
    query = FUSION.query({asked: VECTORS[asked]}, weights={wanted: 1.0})
    items = FUSION.fuse({wanted: VECTORS[wanted]})
    scores = query.rescore(np.broadcast_to(items, (150, *items.shape))).scores
    others = scores[~np.eye(150, dtype=bool)]
    assert abs(others.mean()) < 0.15
    assert 0.8 < others.std() < 1.2


def test_every_pair_of_strands_is_calibrated() -> None:
    assert set(FUSION.pairs) == {(asked, wanted) for asked in Strand for wanted in Strand}


def test_a_strand_compares_with_itself_in_its_own_and_in_the_shared_space() -> None:
    places = {comparison.place for comparison in FUSION.pairs[IMAGE, IMAGE].comparisons}
    assert places == {place for place, block in enumerate(FUSION.blocks) if block.strand is IMAGE}
    assert not any(comparison.hub for comparison in FUSION.pairs[IMAGE, IMAGE].comparisons)


def test_hubness_counts_for_texts_only() -> None:
    for (asked, wanted), pair in FUSION.pairs.items():
        hubs = {comparison.hub for comparison in pair.comparisons}
        assert hubs == {asked is TEXT and wanted is not TEXT}


def test_weights_are_those_of_the_constants_and_candidates() -> None:
    assert FUSION.pairs[TEXT, TEXT].weight == 1.0
    assert FUSION.pairs[IMAGE, IMAGE].weight == OWN_WEIGHT
    assert FUSION.pairs[TEXT, IMAGE].weight in [1.0 / weight for weight in TEXT_WEIGHTS]
    assert FUSION.pairs[TEXT, IMAGE].weight == 1.0 / FUSION.report["image.text_weight"]


def test_calibration_repeats() -> None:
    again = calibrate(replace(FUSION, pairs={}), VECTORS)
    assert again.pairs == FUSION.pairs


def test_a_single_strand_is_left_as_it_is() -> None:
    [pair] = fit_fusion({AUDIO: VECTORS[AUDIO]}).pairs.values()
    assert (pair.mean, pair.deviation, pair.weight) == (0.0, 1.0, 1.0)


def test_a_lone_picture_is_found_among_items_with_misleading_texts() -> None:
    # All texts share a large common part, so text cosines are far higher than those of pictures.
    planted = plant(200, noise=0.1)
    common = 5.0 * np.ones(planted.vectors[TEXT].shape[1], np.float32) / 5.0
    texts = unit(planted.vectors[TEXT] + common)
    known = {TEXT: texts.copy(), IMAGE: planted.vectors[IMAGE]}
    hidden = np.arange(40)
    known[TEXT][hidden] = 0.0
    fusion = fit_fusion(known)
    items = fusion.fuse(known)
    query = fusion.query({TEXT: texts[hidden]})
    scores = query.rescore(np.broadcast_to(items, (40, *items.shape))).scores
    assert (rank_of_own(scores, hidden) <= 5).mean() > 0.8

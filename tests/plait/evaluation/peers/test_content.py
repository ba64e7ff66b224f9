"""Content: scores by hand, unknown items refused."""

import numpy as np
import pytest

from index import IdMap
from plait.evaluation.disguise import Disguise
from plait.evaluation.peers.content import SETTINGS, Content, FittedContent
from plait.evaluation.peers.item_content import aligned
from plait.evaluation.splitters import last_liked
from tests.plait.evaluation.logs import checkerboard
from tests.plait.evaluation.peers.content_items import clouds, disguised
from tests.plait.evaluation.peers.histories import history_of

VECTORS = np.asarray([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], dtype=np.float32)


def test_scores_by_hand() -> None:
    # The newest event, place 0, liked by 0.5; the one before, place 1 of time constant 1, liked by 1 and halved.
    scores = FittedContent(VECTORS, 1.0, 0.0).scores(history_of([0, 1], [1.0, 0.5]))
    np.testing.assert_allclose(scores, [[0.5, 0.5, 0.5 * 0.6 + 0.5 * 0.8]], rtol=1e-6)


@pytest.mark.parametrize(("aversion", "expected"), [(0.0, 1.0), (0.5, 1.0 - 0.5 * 0.8 / 2), (1.0, 1.0 - 0.8 / 2)])
def test_what_was_disliked_counts_against(aversion: float, expected: float) -> None:
    scores = FittedContent(VECTORS, 1.0, aversion).scores(history_of([2, 1], [-1.0, 1.0]))
    assert scores[0, 1] == pytest.approx(expected)


def test_many_users_are_scored_as_each_alone() -> None:
    split = last_liked(checkerboard(users=150), 0)
    fitted = Content(clouds()).fit(split, SETTINGS[0], seed=0)
    whole = fitted.scores(split.histories)
    for row in (0, 63, 64, 149):
        np.testing.assert_allclose(fitted.scores(split.histories.take(np.asarray([row])))[0], whole[row], rtol=1e-5)


def test_items_are_found_by_id_whatever_their_rows() -> None:
    items = disguised(Disguise("rows", shuffles=True)).items
    found = aligned(items, clouds().item_ids)
    np.testing.assert_array_equal(found.vectors, clouds().vectors)
    np.testing.assert_array_equal(found.features.strands["text"], clouds().vectors)


def test_an_unknown_item_is_named() -> None:
    with pytest.raises(ValueError, match="items lack 'other'"):
        aligned(clouds(), IdMap(["item-3", "other"]))

"""What every peer promises, run against each of them."""

import numpy as np
import pytest

from embedders.items import Strand
from index import IdMap
from plait.evaluation.disguise import Disguise
from plait.evaluation.peers.item_knn import ItemKnn
from plait.evaluation.peers.peer import Peer
from plait.evaluation.peers.plait_peer import PlaitPeer
from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.runner import evaluate
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked
from plait.flows.train import TrainingItems
from ranker.cold import ItemFeatures
from ranker.interactions import Histories
from tests.plait.evaluation.logs import checkerboard


def _items(count: int = 16) -> TrainingItems:
    """Return items that lie in two clouds, even ones and odd ones."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(scale=0.3, size=(count, 6)).astype(np.float32)
    vectors[np.arange(count), np.arange(count) % 2] += 1.0
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    features = ItemFeatures({str(Strand.TEXT): vectors}, np.zeros((count, 0), dtype=np.float32))
    return TrainingItems(IdMap([f"item-{row}" for row in range(count)]), vectors, features)


PEERS: list[Peer] = [Popularity(), ItemKnn(), PlaitPeer(_items())]
every_peer = pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)


@pytest.fixture(scope="module")
def split() -> Split:
    return last_liked(checkerboard(), 0)


@every_peer
def test_scores_have_the_shape_of_users_and_items(peer: Peer, split: Split) -> None:
    scores = peer.fit(split).scores(split.histories)
    assert scores.shape == (len(split), len(split.item_ids))
    assert np.issubdtype(scores.dtype, np.floating)
    assert not np.isposinf(scores).any()


@every_peer
def test_a_batch_of_one_is_scored_as_in_the_batch(peer: Peer, split: Split) -> None:
    fitted = peer.fit(split)
    together = fitted.scores(split.histories)
    for row in (0, 7, len(split) - 1):
        alone = fitted.scores(split.histories.take(np.asarray([row])))
        np.testing.assert_allclose(alone[0], together[row], rtol=1e-4, atol=1e-5)


@every_peer
def test_fitting_again_gives_the_same_scores(peer: Peer, split: Split) -> None:
    first, second = (peer.fit(split).scores(split.histories) for _ in range(2))
    np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-6)


@every_peer
def test_scoring_changes_nothing_it_was_given(peer: Peer, split: Split) -> None:
    before = split.fingerprint
    peer.fit(split).scores(split.histories)
    assert split.fingerprint == before


@every_peer
def test_no_histories_have_no_scores(peer: Peer, split: Split) -> None:
    assert peer.fit(split).scores(split.histories.take(np.empty(0, dtype=np.int64))).shape == (0, 16)


@every_peer
def test_an_empty_history_is_no_error(peer: Peer, split: Split) -> None:
    nothing = Histories(
        np.asarray([0, 0]), np.empty(0, np.int64), np.empty(0), np.empty(0, np.float32), np.asarray([0.0])
    )
    assert peer.fit(split).scores(nothing).shape == (1, 16)


@every_peer
def test_what_was_chosen_are_named_numbers(peer: Peer, split: Split) -> None:
    chosen = peer.fit(split).chosen
    assert all(isinstance(name, str) and float(value) == value for name, value in chosen.items())


def test_the_names_are_those_of_the_contract() -> None:
    assert [peer.name for peer in PEERS] == ["popularity", "item-knn", "plait"]


def test_personal_models_read_the_checkerboard() -> None:
    """Even users like even items: of eleven unseen items only three are of the right colour."""
    results = evaluate(checkerboard(), "last-liked", PEERS, seeds=2, cuts=(3,))
    hit = {name: values["hit@3"]["mean"] for name, values in results.models.items()}
    assert hit["item-knn"] > 0.9
    assert hit["plait"] > hit["popularity"]


def test_plait_in_disguise_ranks_as_before(split: Split) -> None:
    peer = PlaitPeer(_items())
    disguise = Disguise("both", shuffles=True, renames=True)
    other = last_liked(disguise.log(checkerboard()), 0)
    disguised = peer.disguised(disguise)
    order = disguise.order(16)
    np.testing.assert_array_equal(disguised.items.vectors, peer.items.vectors[order])
    np.testing.assert_array_equal(disguised.items.features.strands["text"], peer.items.vectors[order])
    assert list(disguised.items.item_ids) == list(other.item_ids)

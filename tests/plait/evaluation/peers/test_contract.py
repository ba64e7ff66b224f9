"""What every peer promises, run against each of them."""

from functools import cache

import numpy as np
import pytest

from index import IdMap
from plait.evaluation.disguise import Disguise
from plait.evaluation.peers.biased_mf import BiasedMf
from plait.evaluation.peers.bpr import Bpr
from plait.evaluation.peers.cf_cnn import CfCnn
from plait.evaluation.peers.cnn_content import CnnContent
from plait.evaluation.peers.content import Content
from plait.evaluation.peers.ease import Ease
from plait.evaluation.peers.ials import Ials
from plait.evaluation.peers.item_knn import ItemKnn
from plait.evaluation.peers.ncf import Ncf
from plait.evaluation.peers.peer import ChoosesInside, Fitted, Peer, SaysChances, Settings
from plait.evaluation.peers.plait_peer import PlaitPeer
from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.peers.recency_ease import RecencyEase
from plait.evaluation.peers.recent_popularity import RecentPopularity
from plait.evaluation.peers.registry import make_peer
from plait.evaluation.peers.sasrec import SasRec
from plait.evaluation.peers.svd import Svd
from plait.evaluation.runner import evaluate
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked
from plait.history import Log
from ranker.interactions import Histories
from tests.plait.evaluation.logs import checkerboard, noisy
from tests.plait.evaluation.peers.content_items import clouds, disguised, texts

CLASSICAL: list[Peer] = [
    Popularity(), RecentPopularity(), ItemKnn(), BiasedMf(), Ease(), RecencyEase(), Ials(), Bpr(), Svd(),
]  # fmt: skip
NEURAL: list[Peer] = [
    SasRec(), Ncf(), Content(clouds()), CnnContent(clouds().item_ids, texts()), CfCnn(clouds()),
]  # fmt: skip
PEERS: list[Peer] = [*CLASSICAL, *NEURAL, PlaitPeer(clouds())]
every_peer = pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)


def peer_named(name: str) -> Peer:
    return next(peer for peer in PEERS if peer.name == name)


@cache
def chosen(name: str) -> Settings:
    """Choosing is what takes time, and comes out the same each time."""
    return peer_named(name).choose(last_liked(last_liked(checkerboard(), 0).learnt, 0), seed=0)


@cache
def fitted(name: str) -> Fitted:
    """Return the peer that learnt from the fixture's split."""
    return peer_named(name).fit(last_liked(checkerboard(), 0), chosen(name), seed=0)


@pytest.fixture(scope="module")
def split() -> Split:
    return last_liked(checkerboard(), 0)


@every_peer
def test_scores_have_the_shape_of_users_and_items(peer: Peer, split: Split) -> None:
    scores = fitted(peer.name).scores(split.histories)
    assert scores.shape == (len(split), len(split.item_ids))
    assert np.issubdtype(scores.dtype, np.floating)
    assert not np.isposinf(scores).any()


@every_peer
def test_a_batch_of_one_is_scored_as_in_the_batch(peer: Peer, split: Split) -> None:
    together = fitted(peer.name).scores(split.histories)
    for row in (0, 7, len(split) - 1):
        alone = fitted(peer.name).scores(split.histories.take(np.asarray([row])))
        np.testing.assert_allclose(alone[0], together[row], rtol=1e-4, atol=1e-5)


@every_peer
def test_fitting_again_gives_the_same_scores(peer: Peer, split: Split) -> None:
    first = fitted(peer.name).scores(split.histories)
    second = peer.fit(split, chosen(peer.name), seed=0).scores(split.histories)
    np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-6)


@every_peer
def test_scoring_changes_nothing_it_was_given(peer: Peer, split: Split) -> None:
    before = split.fingerprint
    peer.fit(split, chosen(peer.name), seed=0).scores(split.histories)
    assert split.fingerprint == before


@every_peer
def test_no_histories_have_no_scores(peer: Peer, split: Split) -> None:
    assert fitted(peer.name).scores(split.histories.take(np.empty(0, dtype=np.int64))).shape == (0, 16)


@every_peer
def test_an_empty_history_is_no_error(peer: Peer, split: Split) -> None:
    nothing = Histories(
        np.asarray([0, 0]), np.empty(0, np.int64), np.empty(0), np.empty(0, np.float32), np.asarray([0.0])
    )
    assert fitted(peer.name).scores(nothing).shape == (1, 16)


@every_peer
def test_who_says_chances_says_them_pair_by_pair(peer: Peer, split: Split) -> None:
    """Chances are those of the scores, as each of these models says them: sigmoid(score)."""
    model = fitted(peer.name)
    assert isinstance(model, SaysChances) is (peer.name in ("plait", "ncf", "cf-cnn"))
    if isinstance(model, SaysChances):
        items = (np.arange(len(split)) * 5) % 16
        chances = model.chances(split.histories, items)
        assert chances.shape == (len(split),)
        assert ((chances >= 0) & (chances <= 1)).all()
        scores = model.scores(split.histories)[np.arange(len(split)), items].astype(np.float64)
        np.testing.assert_allclose(chances, 1 / (1 + np.exp(-scores)), rtol=1e-4, atol=1e-6)
        nobody = split.histories.take(np.empty(0, dtype=np.int64))
        assert model.chances(nobody, np.empty(0, dtype=np.int64)).shape == (0,)


@every_peer
def test_what_was_chosen_inside_are_named_numbers(peer: Peer) -> None:
    model = fitted(peer.name)
    assert isinstance(model, ChoosesInside) is (peer.name == "plait")
    if isinstance(model, ChoosesInside):
        assert set(model.chosen) == {"time_constant", "factors", "regularization", "history"}
        assert all(float(value) == value for value in model.chosen.values())


@every_peer
def test_what_was_chosen_are_named_numbers(peer: Peer) -> None:
    assert all(isinstance(name, str) and float(value) == value for name, value in chosen(peer.name).items())


def test_the_names_are_those_of_the_contract() -> None:
    assert [peer.name for peer in PEERS] == [
        "popularity", "recent-popularity", "item-knn", "biased-mf", "ease", "recency-ease", "ials", "bpr", "svd",
        "sasrec", "ncf", "content", "cnn-content", "cf-cnn", "plait",
    ]  # fmt: skip


@pytest.mark.parametrize("peer", CLASSICAL, ids=lambda peer: peer.name)
def test_scores_move_with_the_rows(peer: Peer) -> None:
    """Which row a user, an item or an event has decides nothing, not even what is drawn from the seed."""
    rng = np.random.default_rng(4)
    log = noisy()
    first = last_liked(log, 0)
    items, users, rows = rng.permutation(16), rng.permutation(20), rng.permutation(len(log.items))
    rows = rows[np.argsort(log.times[rows], kind="stable")]
    moved = Log(
        IdMap([list(log.user_ids)[row] for row in np.argsort(users)]),
        IdMap([list(log.item_ids)[row] for row in np.argsort(items)]),
        users[log.users[rows]], items[log.items[rows]], log.times[rows], log.weights[rows], log.positive[rows],
        log.ratings[rows],
    )  # fmt: skip
    other = last_liked(moved, 0)
    assert other.fingerprint == first.fingerprint
    settings = peer.choose(last_liked(first.learnt, 0), seed=0)
    assert dict(peer.choose(last_liked(other.learnt, 0), seed=0)) == dict(settings)
    one = peer.fit(first, settings, seed=0).scores(first.histories)
    two = peer.fit(other, settings, seed=0).scores(other.histories)
    order = np.argsort(np.asarray(other.user_ids.ids(other.users)))
    own = np.argsort(np.asarray(first.user_ids.ids(first.users)))
    np.testing.assert_allclose(two[order][:, items], one[own], rtol=1e-3, atol=1e-4)


def test_personal_models_read_the_checkerboard() -> None:
    """Even users like even items: of eleven unseen items only three are of the right colour."""
    peers = [*CLASSICAL, PlaitPeer(clouds())]
    results = evaluate(checkerboard(), "last-liked", peers, seeds=2, cuts=(3,))
    hit = {name: values["hit@3"]["mean"] for name, values in results.models.items()}
    assert hit["item-knn"] > 0.9
    assert hit["plait"] > hit["popularity"]
    for name in ("ease", "recency-ease", "ials", "bpr", "svd"):
        assert hit[name] > 0.8, name


@pytest.mark.parametrize("name", ["sasrec", "ncf", "cnn-content", "cf-cnn", "content"])
def test_these_learn_the_checkerboard(name: str, split: Split) -> None:
    scores = fitted(name).scores(split.histories)
    colours = np.asarray([int(item.removeprefix("item-")) % 2 for item in split.item_ids])
    own = colours[split.targets][:, None] == colours[None, :]
    assert np.mean([scores[row][own[row]].mean() > scores[row][~own[row]].mean() for row in range(len(split))]) > 0.9


@pytest.mark.parametrize("name", ["sasrec", "ncf", "cnn-content", "cf-cnn", "content"])
def test_other_rows_give_the_same_scores(name: str, split: Split) -> None:
    """Ids are not renamed here, for a hash of them says where drawing begins."""
    peer = peer_named(name)
    disguise = Disguise("rows", shuffles=True)
    other = last_liked(disguise.log(checkerboard()), 0)
    moved = make_peer(name, disguised(disguise))
    settings = {**chosen(name), **({"epochs": 3} if "epochs" in chosen(name) else {})}
    plain = peer.fit(split, settings, seed=0).scores(split.histories)
    hidden = moved.fit(other, settings, seed=0).scores(other.histories)
    users = other.user_ids.rows(split.user_ids.ids(split.users))
    rows = np.asarray([other.users.tolist().index(user) for user in users.tolist()])
    items = other.item_ids.rows(list(split.item_ids))
    np.testing.assert_allclose(hidden[rows][:, items], plain, rtol=1e-4, atol=1e-5)

"""Plait as it is judged: what is known of a user counts, that of a hidden one too, and no event of theirs does."""

import numpy as np
import pytest

from plait.evaluation.cold_splitters import cold_users
from plait.evaluation.measure import measure, scorer
from plait.evaluation.peers.peer import KnowsUsers
from plait.evaluation.peers.plait_peer import FittedPlait, PlaitPeer
from plait.evaluation.splits import Split
from plait.history import Log
from plait.user_features import KnownUsers
from tests.plait.evaluation.logs import Event, log_of
from tests.plait.evaluation.peers.content_items import clouds

ITEMS = 60


def sided() -> Log:
    """Return a log in which even users like even items alone, after twenty events that all share."""
    rng = np.random.default_rng(3)
    rows: list[Event] = []
    for user in range(60):
        rows += [(f"user-{user}", f"item-{item}", float(item), 0.1) for item in range(20)]
        mine = rng.permutation(np.arange(20 + user % 2, ITEMS, 2))[:8].tolist()
        rows += [(f"user-{user}", f"item-{item}", 100.0 + step, 1.0) for step, item in enumerate(mine)]
    return log_of(rows, item_ids=[f"item-{item}" for item in range(ITEMS)])


@pytest.fixture(scope="module")
def split() -> Split:
    return cold_users(sided(), 0)


@pytest.fixture(scope="module")
def fitted(split: Split) -> FittedPlait:
    """Return Plait that knows of every user on which side they are, and nothing of the hidden ones' events."""
    known = KnownUsers({f"user-{user}": {"side": ("even", "odd")[user % 2]} for user in range(60)})
    return PlaitPeer(clouds(ITEMS), users=known).fit(split.without_targets(), {}, seed=0)


def test_attributes_of_a_stranger_tell_what_no_event_has_told(split: Split, fitted: FittedPlait) -> None:
    nothing = np.flatnonzero(split.groups["known 0"])
    scores = scorer(fitted, split)(nothing)
    odd = np.asarray([int(name.removeprefix("user-")) % 2 for name in split.user_ids.ids(split.users[nothing])])
    later = scores[:, 20:].reshape(len(nothing), -1, 2).mean(axis=1)
    assert set(odd.tolist()) == {0, 1}
    assert (later[np.arange(len(odd)), odd] > later[np.arange(len(odd)), 1 - odd]).all()
    blind = fitted.scores(split.histories.take(nothing))
    assert np.ptp(blind, axis=0).max() < 1e-5


def test_whose_history_it_is_changes_nothing_where_nothing_is_known(split: Split) -> None:
    blind = PlaitPeer(clouds(ITEMS)).fit(split.without_targets(), {}, seed=0)
    rows = np.arange(len(split))
    np.testing.assert_allclose(scorer(blind, split)(rows), blind.scores(split.histories), rtol=1e-5, atol=1e-5)


def test_users_are_taken_in_the_order_given(split: Split, fitted: FittedPlait) -> None:
    assert isinstance(fitted, KnowsUsers)
    rows = np.arange(len(split))[::-1]
    together, turned = scorer(fitted, split)(rows[::-1]), scorer(fitted, split)(rows)
    np.testing.assert_allclose(together, turned[::-1], rtol=1e-4, atol=1e-5)
    one = fitted.of_users(split.users[3:4]).scores(split.histories.take(np.asarray([3])))
    np.testing.assert_allclose(one[0], together[3], rtol=1e-4, atol=1e-5)


def test_knowing_the_side_finds_more(split: Split, fitted: FittedPlait) -> None:
    blind = PlaitPeer(clouds(ITEMS)).fit(split.without_targets(), {}, seed=0)
    nothing = split.groups["known 0"]
    gains = [measure(model, split, (5,)).values["ndcg@5"][nothing].mean() for model in (fitted, blind)]
    assert gains[0] > gains[1] + 0.1

"""New users: parts that are zero where nothing is known and sum to what is expected of somebody."""

import numpy as np
import pytest

from ranker.circles import Relations
from ranker.interactions import Floats
from ranker.new_users import NEW_USER_PARTS, AboutUsers, NewUsers, fit_new_users
from tests.ranker.logs import random_log
from tests.ranker.tastes import SIDES, two_sides

USERS = 80
NOBODY = Relations(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))
ALL = np.arange(2 * SIDES)[None, :]


def sides(count: int) -> Floats:
    return np.asarray(np.eye(2)[np.arange(count) % 2], dtype=np.float32)


def pairs(users: list[int], others: list[int]) -> Relations:
    return Relations(np.asarray(users), np.asarray(others), np.ones(len(users), np.float32))


@pytest.fixture(scope="module")
def learnt() -> NewUsers:
    """Learn from users whose attribute tells the side for the first half, and friends on one's side for the rest."""
    attributes = sides(USERS)
    attributes[USERS // 2 :] = 0.0
    everybody = list(range(USERS))
    return fit_new_users(two_sides(USERS), attributes, pairs(everybody, [(user + 2) % USERS for user in everybody]))


def parts(learnt: NewUsers, attributes: Floats, friends: Relations, items: list[int]) -> dict[str, Floats]:
    """Return the parts of all items for one user who liked some items."""
    said = learnt.parts(
        learnt.start(attributes, friends),
        np.asarray([items], dtype=np.int64),
        np.ones((1, len(items)), np.float32),
        ALL,
    )
    return dict(zip(NEW_USER_PARTS, said[0].T, strict=True))


def test_of_nobody_only_what_all_like_is_expected(learnt: NewUsers) -> None:
    found = parts(learnt, np.zeros((1, 2), np.float32), NOBODY, [])
    np.testing.assert_allclose(found["expected"], learnt.taste.expected, atol=1e-6)
    assert not any(found[name].any() for name in ("demographics", "friends", "taste"))


@pytest.mark.parametrize("known", ["demographics", "friends", "taste"])
def test_each_thing_known_is_a_part_of_its_own(learnt: NewUsers, known: str) -> None:
    attributes = sides(1) if known == "demographics" else np.zeros((1, 2), np.float32)
    friends = pairs([0, 0], [USERS - 2, USERS - 4]) if known == "friends" else NOBODY
    found = parts(learnt, attributes, friends, [0, 1] if known == "taste" else [])
    assert found[known][:SIDES].mean() > 0 > found[known][SIDES:].mean()
    assert not any(found[name].any() for name in {"demographics", "friends", "taste"} - {known})


def test_parts_sum_to_the_folded_taste(learnt: NewUsers) -> None:
    attributes, friends = sides(1), pairs([0], [4])
    found = parts(learnt, attributes, friends, [0, SIDES])
    start = learnt.start(attributes, friends).tastes
    tastes = learnt.taste.fold(np.asarray([[0, SIDES]]), np.ones((1, 2), np.float32), start)
    whole = learnt.taste.expected + learnt.taste.score(tastes, ALL)[0]
    np.testing.assert_allclose(sum(found.values()), whole, atol=1e-5)


def test_events_outweigh_attributes_in_time(learnt: NewUsers) -> None:
    against = list(range(SIDES, 2 * SIDES))
    found = parts(learnt, sides(1), NOBODY, against)
    whole = sum(found.values()) - found["expected"]
    assert whole[SIDES:].mean() > 0 > whole[:SIDES].mean()


def test_a_candidate_of_none_has_no_parts(learnt: NewUsers) -> None:
    nothing = learnt.parts(
        learnt.start(sides(1), NOBODY), np.asarray([[0]]), np.ones((1, 1), np.float32), np.full((1, 2), -1)
    )
    assert nothing.shape == (1, 2, len(NEW_USER_PARTS))
    assert not nothing.any()


def test_round_trip(learnt: NewUsers) -> None:
    again = NewUsers.from_arrays(learnt.to_arrays())
    for name, values in learnt.to_arrays().items():
        np.testing.assert_array_equal(again.to_arrays()[name], values)
    for first, second in zip(
        *(parts(each, sides(1), pairs([0], [3]), [5]).values() for each in (learnt, again)), strict=True
    ):
        np.testing.assert_allclose(first, second, atol=1e-6)


def test_a_log_without_anything_known_of_users() -> None:
    interactions = random_log(30, 24, 200)
    learnt = fit_new_users(interactions, np.zeros((30, 0), np.float32), NOBODY)
    found = parts(learnt, np.zeros((1, 0), np.float32), NOBODY, [3])
    assert not found["demographics"].any()
    assert not found["friends"].any()
    assert np.isfinite(sum(found.values())).all()


def test_users_may_come_in_any_order_and_more_than_once(learnt: NewUsers) -> None:
    about = AboutUsers(sides(USERS), pairs([7, 7, 2, 0], [0, 1, 3, 5]))
    users = np.asarray([7, 2, 7, 0, 40])
    found = learnt.start_of(about, users)
    for place, user in enumerate(users.tolist()):
        mine = about.relations.take(about.relations.users == user)
        near = Relations(np.zeros(len(mine.users), np.int64), mine.others, mine.weights)
        circle = learnt.friends.circle(near, about.relations, np.asarray([user]))
        alone = learnt.start(about.attributes[[user]], circle)
        np.testing.assert_allclose(found.demographics[place], alone.demographics[0], atol=1e-6)
        np.testing.assert_allclose(found.friends[place], alone.friends[0], atol=1e-6)
    assert found.friends[0].any()
    assert not found.friends[4].any()

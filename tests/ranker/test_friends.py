"""Friends: tastes of those one is related to, and nothing where they are not alike."""

from dataclasses import replace

import numpy as np
import pytest

from ranker.circles import Relations
from ranker.friends import Friends, fit_friends
from ranker.taste_fit import TasteFit, fit_taste
from tests.ranker.tastes import SIDES, random_taste, two_sides

USERS = 80


@pytest.fixture(scope="module")
def fit() -> TasteFit:
    return fit_taste(two_sides(USERS), factors=4)


def relations(pairs: list[tuple[int, int, float]]) -> Relations:
    users, others, weights = zip(*pairs, strict=True) if pairs else ((), (), ())
    return Relations(
        np.asarray(users, dtype=np.int64), np.asarray(others, dtype=np.int64), np.asarray(weights, dtype=np.float32)
    )


def circle(step: int) -> list[tuple[int, int, float]]:
    """Return a friend of each user `step` further on, and one twice as far: of their side for an even step."""
    return [(user, (user + far) % USERS, 1.0) for user in range(USERS) for far in (step, 2 * step + step % 2)]


def test_friends_alike_tell_the_side_of_a_new_user(fit: TasteFit) -> None:
    learnt = fit_friends(fit, relations(circle(2)))
    assert learnt.likeness[0] > 0.5
    tastes = learnt.expect(relations([(USERS, 0, 1.0), (USERS, 2, 1.0), (USERS + 1, 1, 2.0)]), USERS + 3)
    scores = fit.taste.score(tastes[USERS:], np.tile(np.arange(2 * SIDES), (3, 1)))
    assert scores[0, :SIDES].mean() > 0 > scores[0, SIDES:].mean()
    assert scores[1, :SIDES].mean() < 0 < scores[1, SIDES:].mean()
    assert not scores[2].any()
    assert not tastes[:USERS].any()


@pytest.mark.parametrize("seed", range(5))
def test_friends_drawn_at_random_say_next_to_nothing(fit: TasteFit, seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = [(user, int(other), 1.0) for user in range(USERS) for other in rng.integers(0, USERS, 2)]
    assert not fit_friends(fit, relations(drawn).checked()).likeness.any()


def test_friends_that_are_opposites_say_nothing(fit: TasteFit) -> None:
    assert fit_friends(fit, relations(circle(1))).likeness[0] == 0.0


def test_few_friends_say_nothing(fit: TasteFit) -> None:
    learnt = fit_friends(fit, relations(circle(2)[:10]))
    assert not learnt.likeness.any()
    assert not fit_friends(fit, relations([])).likeness.any()
    assert not learnt.expect(relations([]), 5).any()


def test_friends_do_not_say_again_what_is_expected(fit: TasteFit) -> None:
    assert not fit_friends(fit, relations(circle(2)), expected=fit.tastes).likeness.any()


def test_more_friends_are_believed_more(fit: TasteFit) -> None:
    learnt = fit_friends(fit, relations(circle(2)))
    sizes = []
    for count in (1, 2, 4):
        friends = relations([(USERS, 2 * friend, 1.0) for friend in range(count)])
        pooled = np.mean([fit.tastes[2 * friend] for friend in range(count)], axis=0)
        told = learnt.expect(friends, USERS + 1)[USERS]
        np.testing.assert_allclose(told, learnt.likeness * pooled * count / (learnt.doubt + count), atol=1e-5)
        sizes.append(count / (learnt.doubt + count))
    assert sizes == sorted(sizes)


def test_friends_are_believed_in_the_directions_in_which_they_are_alike() -> None:
    rng = np.random.default_rng(0)
    tastes = rng.normal(size=(400, 2)).astype(np.float32)
    # Everybody has one friend, whose first direction is theirs and whose second is anybody's.
    tastes[1::2, 0] = tastes[0::2, 0]
    taste = replace(random_taste(10, 2, seed=0), answers=np.ones((10, 2), np.float32))
    pairs = [(user, user ^ 1, 1.0) for user in range(400)]
    learnt = fit_friends(TasteFit(taste, np.arange(400), tastes), relations(pairs))
    assert learnt.likeness[0] > 0.8
    assert learnt.likeness[1] < 0.35


def test_friends_of_friends_are_heard_where_they_tell_more() -> None:
    """Of circles of ten each has one friend in theirs: a single taste tells less of a circle's than two do."""
    rng = np.random.default_rng(1)
    centres = np.repeat(rng.normal(size=(80, 2)), 10, axis=0)
    tastes = (centres + rng.normal(size=centres.shape)).astype(np.float32)
    taste = replace(random_taste(10, 2, seed=0), answers=np.ones((10, 2), np.float32))
    ring = [(user, user // 10 * 10 + (user + 1) % 10, 1.0) for user in range(800)]
    assert fit_friends(TasteFit(taste, np.arange(800), tastes), relations(ring)).damping > 0
    apart = rng.permutation(800)
    strangers = [(user, int(apart[user]), 1.0) for user in range(800) if apart[user] != user]
    assert fit_friends(TasteFit(taste, np.arange(800), tastes), relations(strangers)).likeness.max() == 0


@pytest.mark.parametrize("damping", [0.0, 0.4])
def test_a_friend_of_a_friend_who_is_oneself_says_nothing(fit: TasteFit, damping: float) -> None:
    learnt = Friends(fit.users, fit.tastes, np.ones(4, np.float32), 1.0, damping)
    mutual = relations([(0, 1, 1.0), (1, 0, 1.0)])
    told = learnt.expect(learnt.circle(mutual, mutual, np.arange(2)), 2)
    np.testing.assert_allclose(told, fit.tastes[[1, 0]] / 2, atol=1e-6)

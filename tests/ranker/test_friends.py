"""Friends: tastes of those one is related to, and nothing where they are not alike."""

import numpy as np
import pytest

from ranker.friends import Relations, fit_friends
from ranker.taste_fit import TasteFit, fit_taste
from tests.ranker.tastes import SIDES, two_sides

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
    assert learnt.likeness > 0.5
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
    assert fit_friends(fit, relations(drawn).checked()).likeness < 0.35


def test_friends_that_are_opposites_say_nothing(fit: TasteFit) -> None:
    assert fit_friends(fit, relations(circle(1))).likeness == 0.0


def test_few_friends_say_nothing(fit: TasteFit) -> None:
    learnt = fit_friends(fit, relations(circle(2)[:10]))
    assert learnt.likeness == 0.0
    assert fit_friends(fit, relations([])).likeness == 0.0
    assert not learnt.expect(relations([]), 5).any()


def test_friends_do_not_say_again_what_is_expected(fit: TasteFit) -> None:
    assert fit_friends(fit, relations(circle(2)), expected=fit.tastes).likeness == 0.0


def test_relations_that_tell_nothing_are_left_out() -> None:
    kept = relations([(1, 1, 1.0), (-1, 2, 1.0), (2, -1, 1.0), (0, 1, 0.0), (0, 2, -3.0), (0, 3, np.nan), (0, 4, 2.0)])
    checked = kept.checked()
    assert (checked.users.tolist(), checked.others.tolist(), checked.weights.tolist()) == ([0], [4], [2.0])


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

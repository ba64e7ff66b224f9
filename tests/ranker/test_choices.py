"""What is shown to the combination: the chosen item first, nothing the user had met."""

from dataclasses import replace

import numpy as np
import pytest

from ranker import choices
from ranker.choices import as_if_new, observe, shown
from ranker.combination import PARTS
from ranker.fit import untrained
from ranker.hold_out import hold_out, hold_out_users
from ranker.new_users import fit_new_users, no_users
from ranker.rank import taste_factors
from tests.ranker.logs import log, random_log, unit_rows
from tests.ranker.tastes import SIDES, two_sides


def test_the_chosen_item_is_first_and_no_other_was_met_before() -> None:
    held = hold_out(random_log(20, 30, 200), 0, likings=3)
    found = shown(held, 30, seed=0)
    assert np.array_equal(found[:, 0], held.targets)
    offsets = held.histories.offsets
    for row, others in enumerate(found[:, 1:]):
        met = set(held.histories.items[offsets[row] : offsets[row + 1]].tolist())
        assert not met & set(others.tolist())
        assert held.targets[row] not in others
        assert len(set(others.tolist())) == len(others)


def test_as_many_as_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "SHOWN", 7)
    assert shown(hold_out(random_log(20, 50, 200), 0), 50, seed=0).shape[1] == 8


def test_the_seed_decides() -> None:
    held = hold_out(random_log(20, 900, 200), 0)
    assert np.array_equal(shown(held, 900, seed=1), shown(held, 900, seed=1))
    assert not np.array_equal(shown(held, 900, seed=1), shown(held, 900, seed=2))


def test_somebody_who_met_everything() -> None:
    held = hold_out(log((0, 0, 0.0, 1.0), (0, 1, 1.0, 1.0), (0, 0, 2.0, 1.0)), 0)
    assert shown(held, 2, seed=0).shape == (1, 2)


def test_new_items_are_nothing_but_what_content_predicts() -> None:
    items = untrained(random_log(4, 3, 20)).items
    assert items.popularity.any()
    told = np.ones((3, 2), np.float32)
    side = as_if_new(items, told)
    assert not side.met.any()
    assert not side.popularity.any()
    assert (side.places == -1).all()
    assert np.array_equal(side.cold, told)
    assert np.array_equal(side.rows, items.rows)


def test_what_is_observed_of_each_group() -> None:
    """A ranker that knows content and popularity is asked: parts are those of each user's own history."""
    interactions, vectors = random_log(40, 30, 600), unit_rows(30, 4)
    new, rest = hold_out_users(interactions, 0)
    held = hold_out(rest, 0)
    ranker = untrained(held.before)
    found = observe(ranker, np.zeros((30, 1), np.float32), held, new, vectors, seed=0, about=no_users(40))
    assert [len(group.parts) for group in (found.likings, found.new_users, found.new_items)] == [
        len(held.targets), len(new.targets), len(held.targets)
    ]  # fmt: skip
    assert np.array_equal(found.new_users.lengths, new.histories.lengths)
    assert np.array_equal(found.likings.owners, held.users)
    content, popular = PARTS.index("content"), PARTS.index("popularity")
    assert not found.new_items.parts[..., popular].any()
    assert np.array_equal(found.new_items.parts[..., content], found.likings.parts[..., content])
    users = ranker.user_side(held.histories, ranker.items, lambda rows: vectors[rows])
    told = (users.profiles.vectors * vectors[held.targets]).sum(axis=1)
    assert found.likings.parts[:, 0, content] == pytest.approx(told, abs=1e-5)
    assert found.likings.parts[:, 0, popular] == pytest.approx(ranker.items.popularity[held.targets])
    unmet = 30 - held.met.lengths.mean()
    assert found.likings.outside == pytest.approx(max(unmet / (found.likings.parts.shape[1] - 1), 1.0))


def test_what_is_known_of_users_counts_as_in_answers() -> None:
    """Of somebody without any event the taste is what their attribute tells, and so the part by which it is weighed."""
    interactions = two_sides(120)
    about = replace(no_users(120), attributes=np.eye(2, dtype=np.float32)[np.arange(120) % 2])
    new, rest = hold_out_users(interactions, 0)
    held = hold_out(rest, 0)
    learnt = fit_new_users(held.before, about.attributes, about.relations)
    items = untrained(held.before).items
    items = replace(items, met=np.ones(2 * SIDES, np.bool_), taste=taste_factors(learnt, 2 * SIDES))
    ranker = replace(untrained(held.before), new_users=learnt, items=items)
    nothing = replace(about, attributes=np.zeros_like(about.attributes))
    unmet, vectors = np.zeros((2 * SIDES, 1), np.float32), unit_rows(2 * SIDES, 4)
    told, blind = (
        observe(ranker, unmet, held, new, vectors, seed=0, about=known).new_users for known in (about, nothing)
    )
    fresh = np.flatnonzero(told.lengths == 0)
    taste = PARTS.index("taste")
    assert len(fresh)
    starts = learnt.start_of(about, new.users[fresh]).tastes
    expected = learnt.taste.expected[new.targets[fresh]] + (learnt.taste.answers[new.targets[fresh]] * starts).sum(
        axis=1
    )
    assert told.parts[fresh, 0, taste] == pytest.approx(expected, abs=1e-5)
    assert told.parts[fresh, 0, taste].mean() > blind.parts[fresh, 0, taste].mean() + 0.1

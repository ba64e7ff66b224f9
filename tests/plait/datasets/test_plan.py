"""The plan survives its file, and hangs together."""

from pathlib import Path

import pytest

from plait.datasets.families import FAMILIES
from plait.datasets.plan import read_plan, write_plan
from plait.datasets.strengths import DEBUTS
from tests.plait.datasets.conftest import Studio

NAMES = {family.name for family in FAMILIES}


def test_round_trip(studio: Studio, tmp_path: Path) -> None:
    write_plan(studio.plan, tmp_path)
    assert read_plan(tmp_path) == studio.plan


def test_a_folder_without_a_plan(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"plan\.json"):
        read_plan(tmp_path)


def test_every_name_is_known(studio: Studio) -> None:
    plan = studio.plan
    for named in (plan.families, plan.told, plan.shown, plan.heard):
        assert set(named.values()) == NAMES
        assert set(named) <= set(plan.families)
    pairs = [item for pair in (*plan.series, *plan.bundles) for item in pair]
    assert {*pairs, *plan.seasonal, *plan.hidden.values(), *plan.pending.values()} <= set(plan.families)
    assert {user for edge in plan.friends for user in edge} <= set(plan.tastes)
    assert set(plan.hidden) == set(plan.hidden_at)
    assert set(plan.pending) <= set(plan.hidden)


def test_a_bare_item_has_one_strand(studio: Studio) -> None:
    plan = studio.plan
    bare = {item for item in plan.families if item not in plan.told}
    assert set(plan.picture_only) == set(plan.shown) & bare
    assert set(plan.sound_only) == set(plan.heard) & bare
    assert not set(plan.picture_only) & set(plan.sound_only)


def test_shares_sum_to_one(studio: Studio) -> None:
    assert sum(studio.plan.popularity.values()) == pytest.approx(1.0)
    for taste in studio.plan.tastes.values():
        assert sum(taste) == pytest.approx(1.0, abs=1e-4)


def test_debuts_are_new_and_two_a_family(studio: Studio) -> None:
    debuts = studio.plan.debuts
    assert not set(debuts) & set(studio.plan.families)
    assert sorted(debut.family for debut in debuts.values()) == sorted([*NAMES] * DEBUTS)
    for debut in debuts.values():
        assert len(set(debut.audience)) == len(debut.audience) == 40
        assert set(debut.audience) <= set(studio.plan.tastes)


def test_what_is_pending_was_the_last_thing_done(studio: Studio) -> None:
    last = {user_id: item_id for user_id, item_id, *_ in studio.log.events}
    firsts = {first for first, _ in (*studio.plan.series, *studio.plan.bundles)}
    assert studio.plan.pending
    for user_id, item_id in studio.plan.pending.items():
        assert last[user_id] == item_id
        assert item_id in firsts

"""Ids of a call: what can be no id is a wrong call, by whatever command or method it comes."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from plait.asked_ids import asked_ids
from plait.errors import WrongCall
from plait.recommender import Recommender
from tests.plait.conftest import Cli

NO_IDS = ["", "  ", "\n", "a\0b", "\udc80"]
COMMANDS = [
    ["user", "W", "export", "ID"], ["user", "W", "erase", "ID"], ["user", "W", "merge", "ID", "--into", "user-1"],
    ["profile", "W", "ID"], ["users-like", "W", "ID"], ["suggest-friends", "W", "ID"], ["similar", "W", "ID"],
    ["audience", "W", "ID"], ["recommend", "W", "--user", "ID"], ["recommend", "W", "--session", "ID"],
    ["recommend", "W", "--user", "ID", "--rank-by", "year"], ["recommend", "W", "--group", "ID"],
    ["recommend", "W", "--basket", "ID"], ["search", "W", "--like", "space-1", "--user", "ID"], ["remove", "W", "ID"],
]  # fmt: skip
CALLS: list[Callable[[Recommender, str], object]] = [
    Recommender.recommend, Recommender.recommend_session, Recommender.profile, Recommender.users_like,
    Recommender.suggest_friends, Recommender.user_data, Recommender.erase, Recommender.similar, Recommender.audience,
    lambda recommender, one: recommender.recommend_group(["user-0", one]),
    lambda recommender, one: recommender.recommend_basket(["space-1", one]),
    lambda recommender, one: recommender.recommend(["user-0", one]),
    lambda recommender, one: recommender.recommend("user-0", exclude=[one]),
    lambda recommender, one: recommender.rank_values(one, "year"),
    lambda recommender, one: recommender.merge_user("user-0", one),
    lambda recommender, one: recommender.merge_user(one, "user-0"),
    lambda recommender, one: recommender.remove_items([one]),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_commands_refuse_what_is_no_id(cli: Cli, own_once: Path, command: list[str]) -> None:
    for one in NO_IDS:
        outcome = cli(*[{"W": str(own_once), "ID": one}.get(part, part) for part in command])
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1), repr(one)


def test_methods_refuse_what_is_no_id(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    for call in CALLS:
        for one in NO_IDS:
            with pytest.raises(WrongCall):
                call(recommender, one)


@pytest.mark.parametrize("number", ["nonsense", "0", "1.5", ""])
def test_a_model_that_is_none_is_not_promoted(cli: Cli, own_once: Path, number: str) -> None:
    assert cli("models", own_once, "promote", number).code == 2


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["a", ""], "user_ids is empty"), ("ab", "user_ids is the text 'ab'; expected a list"),
        ([7], "user_ids is 7; expected a text"), (["a\0"], "user_ids 'a\\x00': a NUL byte at character 2"),
    ],
)  # fmt: skip
def test_what_is_said(ids: list[str], said: str) -> None:
    with pytest.raises(WrongCall, match=re.escape(said)):
        asked_ids(ids, "user_ids")


def test_what_looks_odd_is_an_id_all_the_same() -> None:
    odd = ["007", "None", " padded ", "tab\tbed", "\U0001f9f6", "\u3000x"]
    assert asked_ids(odd, "user_ids") == odd

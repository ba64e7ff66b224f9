"""Notes: every answer that models make tells that the newest one was passed over, and of itself nothing else."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from plait.recommender import Recommender
from tests.copying import copied
from tests.plait.conftest import Cli
from tests.plait.flows.keeping import flip, publish_again

ANSWERS: dict[str, Callable[[Recommender], Sequence[str]]] = {
    "recommend": lambda recommender: recommender.recommend("user-0").notes,
    "rank_values": lambda recommender: recommender.rank_values("user-0", "categories").notes,
    "profile": lambda recommender: recommender.profile("user-0").notes,
    "users_like": lambda recommender: recommender.users_like("user-0").notes,
    "audience": lambda recommender: recommender.audience("space-0").notes,
    "search": lambda recommender: recommender.search("rockets", user="user-0").notes,
    "cold_start": lambda recommender: recommender.cold_start(description="rockets").notes,
}


@pytest.fixture(scope="module")
def damaged(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace whose newest model is damaged, so that the one before it answers. Read only."""
    workspace = copied(trained_once, tmp_path_factory.mktemp("damaged") / "workspace")
    publish_again(workspace)
    flip(workspace / "models" / "000002" / "ranker.safetensors")
    return workspace


@pytest.mark.parametrize("name", ANSWERS)
def test_a_model_that_was_passed_over_is_told(damaged: Path, name: str) -> None:
    (note,) = ANSWERS[name](Recommender.open(damaged))
    assert note.startswith("model 2 is passed over: ")
    assert note.endswith("; model 1 answers")


@pytest.mark.parametrize("name", ANSWERS)
def test_of_a_sound_one_nothing_is(trained_once: Path, name: str) -> None:
    assert list(ANSWERS[name](Recommender.open(trained_once))) == []


def test_it_stands_before_what_is_told_of_a_user(damaged: Path) -> None:
    recommender = Recommender.open(damaged)
    for notes in (
        recommender.rank_values("stranger", "categories").notes, recommender.profile("stranger").notes,
        recommender.users_like("stranger").notes, recommender.search("rockets", user="stranger").notes,
    ):  # fmt: skip
        assert [note.split(" ")[0] for note in notes] == ["model", "user"]


def test_commands_tell_it(damaged: Path, cli: Cli) -> None:
    assert "model 2 is passed over" in cli("audience", damaged, "space-0").err

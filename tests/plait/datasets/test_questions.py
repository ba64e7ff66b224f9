"""Questions: what is asked, what counts as right, and how answers are counted."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.datasets.families import FAMILIES
from plait.datasets.questions import (
    Question,
    chance,
    found,
    new_item_questions,
    oracle_answer,
    possible,
    questions_of,
    score_answers,
)
from tests.plait.datasets.conftest import Studio


@pytest.fixture(scope="module")
def asked(studio: Studio) -> list[Question]:
    return [*questions_of(studio.plan), *new_item_questions(studio.plan)]


def test_every_kind_is_asked(asked: list[Question], studio: Studio) -> None:
    counts = Counter(question.kind for question in asked)
    assert counts["similar"] == 60
    assert counts["cold start"] == counts["new item alike"] == 2 * len(FAMILIES)
    assert counts["next liked"] == len(studio.plan.hidden)
    assert 30 <= counts["text to picture"] <= 36
    assert 30 <= counts["text to sound"] <= 36
    assert len({(question.kind, question.asked) for question in asked}) == len(asked)


def test_what_is_relevant_can_be_answered(asked: list[Question], studio: Studio) -> None:
    for question in asked:
        answerable = question.among or (studio.plan.tastes if question.kind == "cold start" else studio.plan.families)
        assert question.relevant
        assert question.relevant <= set(answerable)
        assert 1 <= possible(question) <= question.limit


def test_words_ask_for_all_bare_items_of_the_family(asked: list[Question], studio: Studio) -> None:
    plan = studio.plan
    for question in asked:
        if question.kind == "text to picture":
            assert question.among == tuple(plan.picture_only)
            assert question.relevant == {item for item in plan.picture_only if plan.families[item] == question.about}
            assert question.limit == len(question.relevant)
            assert not {*question.among} & {*plan.told}


def test_a_family_without_bare_items_is_not_asked_for(studio: Studio) -> None:
    plan = replace(studio.plan, picture_only=[], sound_only=studio.plan.sound_only[:1])
    counts = Counter(question.kind for question in questions_of(plan))
    assert counts["text to picture"] == 0
    assert counts["text to sound"] == 3


def test_similar_is_asked_of_items_with_words(asked: list[Question], studio: Studio) -> None:
    for question in asked:
        if question.kind == "similar":
            assert question.asked in studio.plan.told
            assert question.asked not in question.relevant
            families = {studio.plan.families[item] for item in question.relevant}
            assert families == {studio.plan.families[question.asked]}


def test_the_right_answer_counts_in_full_and_no_answer_for_nothing(asked: list[Question], studio: Studio) -> None:
    perfect = score_answers(asked, [sorted(question.relevant) for question in asked], plan=studio.plan)
    assert perfect.found == perfect.of == sum(map(possible, asked))
    assert score_answers(asked, [[]] * len(asked), plan=studio.plan).found == 0


def test_answers_beyond_the_limit_do_not_count() -> None:
    question = Question("similar", "a", frozenset("bcd"), limit=2)
    assert found(question, ["x", "b", "c", "d"]) == 1
    assert found(question, ["b", "c", "d"]) == 2 == possible(question)
    assert found(question, ["b", "b", "c"]) == 1
    assert possible(Question("similar", "a", frozenset("b"), limit=2)) == 1


def test_one_answer_a_question(studio: Studio) -> None:
    with pytest.raises(ValueError, match="answers has 0 lists; expected one for each of 1 questions"):
        score_answers([Question("similar", "a", frozenset("b"))], [], plan=studio.plan)


def test_a_score_by_hand(studio: Studio) -> None:
    asked = [
        Question("text to sound", "x", frozenset({"a", "b"}), limit=2, among=("a", "b", "c", "d")),
        Question("next liked", "u", frozenset({"s001"})),
    ]
    score = score_answers(asked, [["a", "c"], ["s002", "s001"]], plan=studio.plan)
    assert (score.found, score.of) == (2, 3)
    assert score.chance == pytest.approx(2 * 2 / 4 + 10 * 1 / 360)


@settings(deadline=None, max_examples=20)
@given(universe=st.integers(1, 12), relevant=st.integers(1, 12), limit=st.integers(1, 12), seed=st.integers(0, 99))
def test_chance_is_the_mean_of_random_answers(universe: int, relevant: int, limit: int, seed: int) -> None:
    ids = [str(number) for number in range(universe)]
    question = Question("similar", "a", frozenset(ids[: min(relevant, universe)]), limit)
    rng = np.random.default_rng(seed)
    drawn = [found(question, rng.permutation(ids).tolist()) for _ in range(400)]
    assert chance(question, universe) == pytest.approx(np.mean(drawn), abs=0.35)
    assert chance(question, universe) <= possible(question) + 1e-9


def test_the_oracle_answers_within_the_bounds(asked: list[Question], studio: Studio) -> None:
    seen = studio.seen
    for question in [question for question in asked if question.kind != "next liked"] + asked[-60:]:
        answer = oracle_answer(question, studio.plan, seen)
        assert len(set(answer)) == len(answer) == question.limit
        assert not question.among or set(answer) <= set(question.among)


def test_the_oracle_looks_at_no_right_answers(asked: list[Question], studio: Studio) -> None:
    seen = studio.seen
    for question in asked[::7]:
        blind = replace(question, relevant=frozenset({"nothing"}))
        assert oracle_answer(blind, studio.plan, seen) == oracle_answer(question, studio.plan, seen)

"""The oracle: its arithmetic beside slow references, and its place between chance and certainty."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from plait.datasets import oracle
from plait.datasets import strengths as s
from plait.datasets.families import FAMILIES
from plait.datasets.plan import StudioPlan
from plait.datasets.questions import Question, new_item_questions, oracle_answer, questions_of, score_answers
from tests.plait.datasets.conftest import Studio, imagine

NAMES = [family.name for family in FAMILIES]


def posterior(plan: StudioPlan, item: str) -> list[Fraction]:
    """Return the belief in each family by Bayes' rule, one multiplication after the other."""
    weights = []
    for family in NAMES:
        weight = Fraction(1)
        for named, stray in ((plan.told, s.STRAY_WORDS), (plan.shown, s.STRAY_PICTURE), (plan.heard, s.STRAY_SOUND)):
            share = Fraction(str(stray))
            if item in named:
                weight *= 1 - share if named[item] == family else share / 11
        weights.append(weight)
    return [weight / sum(weights) for weight in weights]


def test_beliefs_are_bayes_rule(studio: Studio) -> None:
    beliefs = oracle.family_beliefs(studio.plan)
    assert beliefs.sum(axis=1) == pytest.approx(np.ones(len(studio.works)))
    for row, item in enumerate(list(studio.plan.families)[:60]):
        assert beliefs[row] == pytest.approx([float(share) for share in posterior(studio.plan, item)])


def test_beliefs_are_calibrated() -> None:
    sure, right = [], []
    for seed in range(6):
        told = imagine(seed, items=600, listeners=1)
        beliefs = oracle.family_beliefs(told.plan)
        sure += beliefs.max(axis=1).tolist()
        right += (beliefs.argmax(axis=1) == told.works.families).tolist()
    assert np.mean(right) == pytest.approx(np.mean(sure), abs=0.01)
    assert np.mean(right) < 0.99


def test_a_bare_item_is_taken_for_what_it_shows(studio: Studio) -> None:
    plan = studio.plan
    for family in NAMES:
        ranked = [item for item in oracle.by_family(plan, family) if item in plan.picture_only]
        shown = [plan.shown[item] == family for item in ranked]
        assert shown == sorted(shown, reverse=True)


def test_alike_leaves_out_the_item_and_nothing_else(studio: Studio) -> None:
    ranked = oracle.alike(studio.plan, "s005")
    assert sorted([*ranked, "s005"]) == sorted(studio.plan.families)


def test_an_audience_is_everybody_by_liking(studio: Studio) -> None:
    plan = studio.plan
    name, debut = next(iter(plan.debuts.items()))
    ranked = oracle.audience(plan, name)
    cares = {
        user: plan.tastes[user][NAMES.index(debut.family)]
        * np.exp(sum(lean * trait for lean, trait in zip(plan.leanings[user], debut.traits, strict=True)))
        for user in plan.tastes
    }
    assert [cares[user] for user in ranked] == pytest.approx(sorted(cares.values(), reverse=True))
    assert set(ranked) == set(plan.tastes)


def test_next_leaves_out_what_was_seen(studio: Studio) -> None:
    user_id = next(iter(studio.plan.hidden))
    seen = studio.seen[user_id]
    ranked = oracle.next_liked(studio.plan, user_id, seen=seen)
    assert not set(ranked) & seen
    assert set(ranked) | seen == set(studio.plan.families)


def test_next_puts_first_what_follows_from_what_just_pleased(studio: Studio) -> None:
    follows = dict([*studio.plan.series, *studio.plan.bundles])
    for user_id, item_id in studio.plan.pending.items():
        if follows[item_id] not in studio.seen[user_id]:
            assert oracle.next_liked(studio.plan, user_id, seen=studio.seen[user_id])[0] == follows[item_id]


def test_next_knows_the_season(studio: Studio) -> None:
    plan = studio.plan
    user_id = next(iter(plan.hidden))
    first, end = (1_735_689_600 + day * 86_400 for day in s.SEASON)
    ranks = {}
    for moment in (first, end):
        moved = replace(plan, hidden_at={**plan.hidden_at, user_id: moment})
        ranked = oracle.next_liked(moved, user_id, seen=())
        ranks[moment] = np.mean([ranked.index(item) for item in plan.seasonal])
    assert ranks[first] < ranks[end]


def answers(questions: Sequence[Question], told: Studio) -> list[list[str]]:
    seen = told.seen
    return [oracle_answer(question, told.plan, seen) for question in questions]


@pytest.mark.parametrize("kind", ["text to picture", "text to sound", "similar", "cold start", "next liked",
                                  "new item alike"])  # fmt: skip
def test_the_oracle_is_far_above_chance_and_not_perfect(studio: Studio, kind: str) -> None:
    asked = [*questions_of(studio.plan), *new_item_questions(studio.plan)]
    chosen = [question for question in asked if question.kind == kind]
    score = score_answers(chosen, answers(chosen, studio), plan=studio.plan)
    assert 4 * score.chance < score.found < score.of


def test_the_oracle_beats_popularity_and_taste_alone_at_what_is_liked_next(studio: Studio) -> None:
    plan, seen = studio.plan, studio.seen
    asked = [question for question in questions_of(plan) if question.kind == "next liked"]
    taste = {user: dict(zip(NAMES, shares, strict=True)) for user, shares in plan.tastes.items()}

    def ranked(user: str, worth: dict[str, float]) -> list[str]:
        return sorted((item for item in worth if item not in seen[user]), key=lambda item: -worth[item])[:10]

    popular = [ranked(question.asked, dict(plan.popularity)) for question in asked]
    tasteful = [
        ranked(question.asked, {item: taste[question.asked][family] for item, family in plan.families.items()})
        for question in asked
    ]
    best, *others = (score_answers(asked, a, plan=plan).found for a in (answers(asked, studio), popular, tasteful))
    assert best > 1.2 * max(others)


def test_of_a_newcomer_friends_tell_the_community(studio: Studio) -> None:
    plan = studio.plan
    members = {
        one: [user for user, circle in plan.communities.items() if circle == one] for one in range(s.COMMUNITIES)
    }
    usual = [oracle.chances_at(plan, members[one], 0).mean(axis=0) for one in range(s.COMMUNITIES)]
    sizes = np.asarray([len(members[one]) for one in range(s.COMMUNITIES)]) / len(plan.communities)
    friends = [("new", user) for user in members[2][:2]]
    told = oracle.by_friends(replace(plan, friends=friends), ["new", "alone"], 0)
    # Two friends of one community: its chance by hand, that of each other one by its size.
    beliefs = sizes * (0.8 * (np.arange(s.COMMUNITIES) == 2) + 0.2 * sizes[2]) ** 2
    np.testing.assert_allclose(told[0], (beliefs / beliefs.sum()) @ np.asarray(usual), rtol=1e-6)
    np.testing.assert_allclose(told[1], sizes @ np.asarray(usual), rtol=1e-6)

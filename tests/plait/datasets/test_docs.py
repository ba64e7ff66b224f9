"""docs/studio.md cannot drift from the constants, nor its figures from the catalogue of seed 7."""

import re
from pathlib import Path

import numpy as np
import pytest

from plait.datasets import strengths, studio
from plait.datasets.listening import disturb, listen
from plait.datasets.people import gather_people
from plait.datasets.planting import make_debuts, plan_of
from plait.datasets.questions import new_item_questions, oracle_answer, questions_of, score_answers
from plait.datasets.works import plan_works

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "studio.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| ")]
CONSTANTS = [row for row in ROWS if row[0].startswith("`")]
FIGURES = {row[0]: row[1:] for row in ROWS if len(row) == 4 and row[1].isdigit()}


@pytest.mark.parametrize("row", CONSTANTS, ids=lambda row: row[0])
def test_documented_strengths_are_the_real_ones(row: list[str]) -> None:
    names = re.findall(r"`(\w+)`", row[0])
    values = [float(value) for value in row[1].split(", ")]
    assert values == [getattr(strengths, name) for name in names]


def test_every_strength_of_a_single_number_is_documented() -> None:
    named = set(re.findall(r"`([A-Z_]+)`", TEXT))
    numbers = {name for name, value in vars(strengths).items() if name.isupper() and isinstance(value, int | float)}
    assert numbers - named == {"BOT_SECONDS"}


def test_documented_figures_of_the_oracle_are_the_real_ones() -> None:
    works = plan_works(360, np.random.default_rng([7, studio.WORKS]))
    people = gather_people(500, np.random.default_rng([7, studio.PEOPLE]))
    log = listen(works, people, np.random.default_rng([7, studio.LOG]))
    events, bots = disturb(log, works, np.random.default_rng([7, studio.NOISE]))
    debuts = make_debuts(people, np.random.default_rng([7, studio.DEBUTS]))
    plan = plan_of(works, people, log, bots=bots, debuts=debuts)
    seen: dict[str, set[str]] = {}
    for user_id, item_id, *_ in events:
        seen.setdefault(user_id, set()).add(item_id)
    asked = [*questions_of(plan), *new_item_questions(plan)]
    kinds = {question.kind for question in asked}
    assert set(FIGURES) == kinds
    for kind in kinds:
        chosen = [question for question in asked if question.kind == kind]
        score = score_answers(chosen, [oracle_answer(question, plan, seen) for question in chosen], plan=plan)
        assert FIGURES[kind] == [str(score.found), f"{score.chance:.0f}", str(score.of)]

"""Questions about the studio catalogue whose answers were planted, the oracle's answers to them, and how they count."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from plait.datasets import oracle
from plait.datasets.plan import StudioPlan

Kind = Literal["text to picture", "text to sound", "similar", "cold start", "new item alike", "next liked"]
LIMIT = 10
MOST_SIMILAR = 60
"""Items that are asked for what is like them."""


@dataclass(frozen=True, slots=True)
class Question:
    """`asked` is words, an item id or a user id; the answer is a list of `limit` ids, `relevant` ones are right.

    `among` are the ids that may be answered, () for all; `about` names the family or the new item asked for, and is
    for the oracle alone.
    """

    kind: Kind
    asked: str
    relevant: frozenset[str]
    limit: int = LIMIT
    among: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """How many right ids the answers held, of how many they could hold, and how many draws at random would."""

    found: int
    of: int
    chance: float


def questions_of(plan: StudioPlan) -> list[Question]:
    """Return the questions that have the plan for an answer, kind by kind."""
    return [
        *_words_to_bare_items(plan, "text to picture", plan.picture_only),
        *_words_to_bare_items(plan, "text to sound", plan.sound_only),
        *_similar(plan),
        *_cold_start(plan),
        *_next_liked(plan),
    ]


def new_item_questions(plan: StudioPlan) -> list[Question]:
    """Return, for each new item's description, the question which items are of its family: all of them."""
    asked = []
    for debut in plan.debuts.values():
        kin = _family(plan, debut.family)
        asked.append(Question("new item alike", debut.description, kin, len(kin), about=debut.family))
    return asked


def _words_to_bare_items(plan: StudioPlan, kind: Kind, bare: Sequence[str]) -> list[Question]:
    """Return questions for the items of a family among those that have no words: as many answers as there are."""
    asked = []
    for words, family in plan.queries:
        wanted = _family(plan, family) & frozenset(bare)
        if wanted:
            asked.append(Question(kind, words, wanted, len(wanted), tuple(bare), family))
    return asked


def _similar(plan: StudioPlan) -> list[Question]:
    worded = list(plan.told)[:MOST_SIMILAR]
    return [Question("similar", item, _family(plan, plan.families[item]) - {item}) for item in worded]


def _cold_start(plan: StudioPlan) -> list[Question]:
    return [
        Question("cold start", debut.description, frozenset(debut.audience), about=name)
        for name, debut in plan.debuts.items()
    ]


def _next_liked(plan: StudioPlan) -> list[Question]:
    return [Question("next liked", user, frozenset([item])) for user, item in sorted(plan.hidden.items())]


def _family(plan: StudioPlan, name: str) -> frozenset[str]:
    return frozenset(item for item, family in plan.families.items() if family == name)


def oracle_answer(question: Question, plan: StudioPlan, seen: Mapping[str, Collection[str]]) -> list[str]:
    """Return the answer of one who knows the plan, and not what chance has done; `seen` are item ids by user id."""
    match question.kind:
        case "next liked":
            ranked = oracle.next_liked(plan, question.asked, seen=seen.get(question.asked, ()))
        case "cold start":
            ranked = oracle.audience(plan, question.about)
        case "similar":
            ranked = oracle.alike(plan, question.asked)
        case _:
            ranked = oracle.by_family(plan, question.about)
    allowed = [name for name in ranked if name in question.among] if question.among else ranked
    return allowed[: question.limit]


def found(question: Question, answer: Sequence[str]) -> int:
    """Return how many of the first `limit` ids answered are right."""
    return len(question.relevant & set(answer[: question.limit]))


def possible(question: Question) -> int:
    """Return how many right ids an answer can hold."""
    return min(question.limit, len(question.relevant))


def chance(question: Question, universe: int) -> float:
    """Return how many right ids an answer drawn at random from `universe` ids holds in the mean."""
    return min(question.limit, universe) * len(question.relevant) / max(universe, 1)


def score_answers(questions: Sequence[Question], answers: Sequence[Sequence[str]], *, plan: StudioPlan) -> Score:
    """Count the right ids of all answers. Raises ValueError where there is not one answer for each question."""
    if len(questions) != len(answers):
        raise ValueError(f"answers has {len(answers)} lists; expected one for each of {len(questions)} questions")
    return Score(
        sum(found(question, answer) for question, answer in zip(questions, answers, strict=True)),
        sum(possible(question) for question in questions),
        sum(chance(question, _universe(question, plan)) for question in questions),
    )


def _universe(question: Question, plan: StudioPlan) -> int:
    """Return how many ids might be answered."""
    return len(question.among or (plan.tastes if question.kind == "cold start" else plan.families))

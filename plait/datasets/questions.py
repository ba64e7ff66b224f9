"""Questions about the studio catalogue whose answers were planted, and the oracle that knows the plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from plait.datasets.families import FAMILIES
from plait.datasets.studio import StudioPlan

Kind = Literal["text to picture", "text to sound", "similar", "cold start", "next liked"]
AUDIENCE = 10
MOST_SIMILAR = 60


@dataclass(frozen=True, slots=True)
class Question:
    """`asked` is words, an item id or a user id; the answer is a list of `limit` ids, `relevant` ones are right.

    `among` are the ids that may be answered, () for all.
    """

    kind: Kind
    asked: str
    relevant: frozenset[str]
    limit: int
    among: tuple[str, ...] = ()


def questions_of(plan: StudioPlan) -> list[Question]:
    """Return every question the plan answers, by kind."""
    asked: list[Question] = []
    kinds: tuple[tuple[Kind, Sequence[str]], ...] = (
        ("text to picture", plan.picture_only),
        ("text to sound", plan.sound_only),
    )
    for kind, bare in kinds:
        for family in FAMILIES:
            wanted = frozenset(item for item in bare if plan.families[item] == family.name)
            asked += [Question(kind, words, wanted, len(wanted), tuple(bare)) for words in family.asked if wanted]
    with_words = [item for item in plan.families if item not in {*plan.picture_only, *plan.sound_only}]
    for item in with_words[:MOST_SIMILAR]:
        alike = frozenset(o for o in plan.families if o != item and plan.families[o] == plan.families[item])
        asked.append(Question("similar", item, alike, 10))
    for place, family in enumerate(FAMILIES):
        fans = sorted(plan.tastes, key=lambda user: (-plan.tastes[user][place], user))
        fond = frozenset(user for user in fans if plan.tastes[user][place] > 2 / len(FAMILIES))
        if len(fond) >= AUDIENCE:
            asked.append(Question("cold start", f"{family.scenes[0]}; {family.scenes[1]}", fond, AUDIENCE))
    asked += [Question("next liked", user, frozenset([item]), 10) for user, item in sorted(plan.hidden.items())]
    return asked


def oracle_answer(question: Question, plan: StudioPlan, seen: Mapping[str, set[str]]) -> list[str]:
    """Return the answer of one who knows the plan, and not what chance will bring."""
    if question.kind != "next liked":
        return sorted(question.relevant)[: question.limit]
    taste = dict(zip((family.name for family in FAMILIES), plan.tastes[question.asked], strict=True))
    known = seen.get(question.asked, set())
    follows = {then for first, then in (*plan.series, *plan.bundles) if first in known}
    worth = {
        item: taste[family] * plan.popularity[item] + (0.02 if item in follows else 0.0)
        for item, family in plan.families.items()
        if item not in known
    }
    return sorted(worth, key=lambda item: (-worth[item], item))[: question.limit]


def found(question: Question, answer: Sequence[str]) -> int:
    """Return how many of the first `limit` ids answered are right."""
    return len(question.relevant & set(answer[: question.limit]))


def possible(question: Question) -> int:
    """Return how many right ids an answer can hold."""
    return min(question.limit, len(question.relevant))


def chance(question: Question, universe: int) -> float:
    """Return how many right ids an answer drawn at random would hold."""
    return float(np.clip(question.limit * len(question.relevant) / max(universe, 1), 0, possible(question)))

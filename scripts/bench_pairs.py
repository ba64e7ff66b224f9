"""Measure what goes with what in a studio catalogue, where it was planted: pairs, people, and personal searches.

plait demo --dataset studio --workspace workspaces
python -m scripts.bench_pairs workspaces/studio workspaces/studio-files
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plait import Recommender
from plait.datasets.plan import StudioPlan, read_plan
from plait.flows.search import Query
from plait.kind import Kind
from plait.selection import Selection

CUTS = (1, 3, 10)
ALIKE = 10
ALL = 100_000


def pairs(recommender: Recommender, plan: StudioPlan) -> None:
    """Print how many planted pairs are found, from the first to the second and back."""
    for kind, name, planted in (
        (Kind.BOUGHT_TOGETHER, "bundles", plan.bundles), (Kind.NEXT, "bundles", plan.bundles),
        (Kind.NEXT, "series", plan.series),
    ):  # fmt: skip
        for way, asked in (("there", planted), ("back", [(then, first) for first, then in planted])):
            hits = hits_of(_ids(recommender, [first for first, _ in asked], kind), [then for _, then in asked])
            print(f"{kind} {name} {way}: {hits} of {len(asked)} at {CUTS}")


def held_out(recommender: Recommender, plan: StudioPlan) -> None:
    """Print how often the hidden liking of a listener is what comes next after what just pleased them."""
    users = sorted(set(plan.pending) & set(plan.hidden))
    for kind in (Kind.NEXT, Kind.CONTENT):
        answers = _ids(recommender, [plan.pending[user] for user in users], kind)
        print(f"hidden, by {kind}: {hits_of(answers, [plan.hidden[user] for user in users])} of {len(users)} at {CUTS}")


def people(recommender: Recommender, plan: StudioPlan) -> None:
    """Print the share of users alike who are of the same community, beside chance."""
    users = sorted(plan.communities)
    circles = np.asarray([plan.communities[user] for user in users])
    answers = recommender.users_like(users, limit=ALIKE)
    circle_of = plan.communities
    shares = [
        float(np.mean([circle_of.get(other.user_id) == circle_of[answer.user_id] for other in answer.items]))
        for answer in answers
    ]
    chance = float(np.mean([(np.sum(circles == circle) - 1) / (len(users) - 1) for circle in circles]))
    print(f"users-like: {interval_of(np.asarray(shares))} of {ALIKE} in the same community, chance {chance:.3f}")


def personal(recommender: Recommender, plan: StudioPlan) -> None:
    """Print how much --user lifts the hidden liking of a listener who searches for words of its family."""
    words: dict[str, str] = {}
    for text, family in plan.queries:
        words.setdefault(family, text)
    asked = [(user, words[plan.families[item]], item) for user, item in sorted(plan.hidden.items())]
    ranks = []
    for named in (False, True):
        queries = [Query("", text, user_id=user if named else "") for user, text, _ in asked]
        answers = recommender.search_queries(queries, Selection(ALL))
        lists = [[item.item_id for item in answer.items] for answer in answers]
        ranks.append([1 / (1 + ids.index(item)) for ids, (_, _, item) in zip(lists, asked, strict=True)])
    without, with_user = np.asarray(ranks)
    print(f"search: MRR {without.mean():.3f}, --user {with_user.mean():.3f}, gain {interval_of(with_user - without)}")


def _ids(recommender: Recommender, item_ids: Sequence[str], kind: Kind) -> list[list[str]]:
    rankings = recommender.similar_items(item_ids, Selection(max(CUTS)), kind=kind)
    return [[item.item_id for item in ranking.items] for ranking in rankings]


def hits_of(answers: Sequence[Sequence[str]], wanted: Sequence[str]) -> str:
    """Return how many answers hold the id wanted within each of CUTS."""
    return ", ".join(str(sum(one in ids[:cut] for ids, one in zip(answers, wanted, strict=True))) for cut in CUTS)


def interval_of(values: NDArray[np.float64]) -> str:
    """Return the mean with its 95 % interval by the normal distribution."""
    return f"{values.mean():.3f} ± {1.96 * values.std() / len(values) ** 0.5:.3f}"


def main() -> None:
    """Measure everything for the workspace and the files that are named."""
    workspace, files = map(Path, sys.argv[1:3])
    recommender, plan = Recommender.open(workspace), read_plan(files)
    for measured in (pairs, held_out, people, personal):
        measured(recommender, plan)


if __name__ == "__main__":
    main()

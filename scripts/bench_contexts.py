"""Measure, in a studio catalogue, which maker or year a listener likes next, and what baskets find of planted bundles.

plait demo --dataset studio --workspace workspaces
python -m scripts.bench_contexts workspaces/studio workspaces/studio-files
"""

import csv
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plait import Recommender
from plait.datasets.plan import StudioPlan, read_plan
from plait.selection import Selection
from scripts.bench_pairs import hits_of, interval_of

ALL = 100_000
LIKING = {"like", "save", "purchase"}


def table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def values(recommender: Recommender, files: Path, plan: StudioPlan, attribute: str) -> None:
    """Print where the value of a listener's hidden liking stands, ranked for them and by the likings of all."""
    value_of = {row["item_id"]: row[attribute] for row in table(files / "items.csv")}
    liked = [row["item_id"] for row in table(files / "interactions.csv") if row["event"] in LIKING]
    popular = [value for value, _ in Counter(value_of[item_id] for item_id in liked).most_common()]
    users = sorted(plan.hidden)
    wanted = [value_of[plan.hidden[user]] for user in users]
    mine = [
        [f"{group.value:g}" if isinstance(group.value, float) else group.value for group in answer.groups]
        for answer in (recommender.rank_values(user, attribute, limit=ALL) for user in users)
    ]
    gain = reciprocal_ranks(mine, wanted) - reciprocal_ranks([popular] * len(users), wanted)
    for name, lists in (("for the listener", mine), ("by popularity", [popular] * len(users))):
        mrr = reciprocal_ranks(lists, wanted).mean()
        print(f"{attribute} {name}: {hits_of(lists, wanted)} of {len(wanted)} at 1, 3, 10, MRR {mrr:.3f}")
    print(f"{attribute}, gain in MRR: {interval_of(gain)}")


def baskets(recommender: Recommender, plan: StudioPlan) -> None:
    """Print where the second item of a bundle stands for a basket with the first, with and without the pairs."""
    users = sorted(set(plan.pending) & set(plan.hidden))
    wanted = [plan.hidden[user] for user in users]
    asked = [[plan.pending[user]] for user in users]
    with_pairs = [[item.item_id for item in recommender.recommend_basket(ids, limit=10).items] for ids in asked]
    without = [
        [item.item_id for item in recommender.recommend_history(ids, Selection(10)).items] for ids in asked
    ]  # fmt: skip
    for name, lists in (("basket", with_pairs), ("the same as a history", without)):
        print(f"{name}: {hits_of(lists, wanted)} of {len(wanted)} at 1, 3, 10")


def reciprocal_ranks(answers: Sequence[Sequence[str]], wanted: Sequence[str]) -> NDArray[np.float64]:
    """Return (n,) one by the rank of what was wanted of n answers, 0 where it is not there."""
    found = [1 / (1 + ids.index(one)) if one in ids else 0.0 for ids, one in zip(answers, wanted, strict=True)]
    return np.asarray(found)


def main() -> None:
    """Measure everything for the workspace and the files that are named."""
    workspace, files = map(Path, sys.argv[1:3])
    recommender, plan = Recommender.open(workspace), read_plan(files)
    for attribute in ("maker", "year"):
        values(recommender, files, plan, attribute)
    baskets(recommender, plan)


if __name__ == "__main__":
    main()

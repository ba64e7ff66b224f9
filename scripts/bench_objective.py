"""Measure what an objective costs: NDCG@10 against value, for lists ranked ever more by what an item brings.

WORKSPACE was built and trained from the studio catalogue in STUDIO, whose plan says what each listener likes next; no
other file has it. A hit is worth the price of the item times the planted chance that who likes it buys it. Prints of
lists of ten NDCG@10, the worth of hits, and of what is shown, each the mean over listeners with its change against
strength 0 in percent, and the 95 % intervals, paired, of the first two changes.
"""

import argparse
import csv
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plait.datasets.plan import StudioPlan, read_plan
from plait.evaluation.bootstrap import intervals
from plait.recommender import Recommender

CUT = 10
STRENGTHS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
BOUGHT_WHEN_LIKED = 0.2
"""How often a liked item of no bundle is bought; one of a bundle always is."""
Values = NDArray[np.float64]


def worths(folder: Path, plan: StudioPlan) -> Mapping[str, float]:
    """Return the price of each item times the chance that who likes it buys it."""
    bundled = {item_id for pair in plan.bundles for item_id in pair}
    with (folder / "items.csv").open(encoding="utf-8", newline="") as stream:
        prices = {row["item_id"]: float(row["price"] or 0) for row in csv.DictReader(stream)}
    return {i: price * (1.0 if i in bundled else BOUGHT_WHEN_LIKED) for i, price in prices.items()}


def judged(
    recommender: Recommender, hidden: Mapping[str, str], worth: Mapping[str, float], strength: float
) -> Mapping[str, Values]:
    """Return NDCG@10, the worth of the hit, and the mean worth of what is shown, of each user in `hidden`."""
    objective: dict[str, float | str] = {"value": 1.0, "attribute": "price", "strength": strength}
    rankings = recommender.recommend(list(hidden), limit=CUT, objective=objective)
    measures = np.zeros((len(hidden), 3))
    for place, ranking in enumerate(rankings):
        shown = [item.item_id for item in ranking.items]
        target = hidden[ranking.user_id]
        if target in shown:
            measures[place, :2] = 1.0 / np.log2(shown.index(target) + 2), worth[target]
        measures[place, 2] = np.mean([worth[item_id] for item_id in shown])
    return dict(zip(("ndcg", "worth of hits", "worth shown"), measures.T, strict=True))


def main(arguments: list[str]) -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path, metavar="WORKSPACE")
    parser.add_argument("studio", type=Path, metavar="STUDIO")
    options = parser.parse_args(arguments)
    plan = read_plan(options.studio)
    recommender, worth = Recommender.open(options.workspace), worths(options.studio, plan)
    plain = judged(recommender, plan.hidden, worth, 0.0)
    for strength in STRENGTHS:
        found = judged(recommender, plan.hidden, worth, strength)
        change = {name: 100 * (found[name] - plain[name]) / plain[name].mean() for name in found}
        told = "  ".join(f"{name} {found[name].mean():.4f} ({change[name].mean():+.1f} %)" for name in found)
        paired = intervals({name: change[name] for name in ("ndcg", "worth of hits")})
        spans = "  ".join(f"{name} [{span['low']:+.1f}, {span['high']:+.1f}] %" for name, span in paired.items())
        print(f"{strength:<4}  {told}  {spans}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Measure rating prediction in random folds, beside what other libraries publish for the same data."""

import sys

if sys.path[0].endswith("scripts"):
    # Run by its path, this folder would come before the standard library, whose profile.py it hides.
    sys.path.pop(0)

import csv
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from index import IdMap
from index.vector_index import Rows
from plait.evaluation.salted import salted
from ranker.interactions import Floats
from ranker.rating import RatingModel, fit_ratings
from ranker.rating_gradient import Descent, fit_ratings_by_gradient

PUBLISHED = {
    "Surprise, SVD with its defaults": (0.934, 0.737, "https://github.com/NicolasHug/Surprise#benchmarks"),
    "gorse, SVD with its defaults": (0.938568, 0.736788, "https://github.com/zhenghaoz/gorse, an early README"),
}
"""RMSE and MAE on MovieLens-100k, the mean of 5 random folds, and where that is said; read in 2026."""
DESCENTS = tuple(Descent(factors=50, epochs=60, regularization=strength) for strength in (0.05, 0.08, 0.1, 0.12))
STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}
"""By folds, the 97.5 % point of Student's t."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """n ratings of rows of users and items, and a text for each that tells it from all others."""

    users: Rows
    items: Rows
    values: Floats
    names: tuple[str, ...]
    user_count: int
    item_count: int

    def take(self, rows: Rows) -> "Ratings":
        """Return the ratings of `rows` alone; users and items keep their rows."""
        names = tuple(self.names[row] for row in rows.tolist())
        return Ratings(self.users[rows], self.items[rows], self.values[rows], names, self.user_count, self.item_count)


@dataclass(frozen=True, slots=True)
class Figures:
    """The mean over folds of RMSE and MAE, half the width of its 95 % interval (Student's t), and the seconds spent."""

    rmse: float
    rmse_half: float
    mae: float
    mae_half: float
    seconds: float


Learner = Callable[[Ratings], RatingModel]


def read(path: Path) -> Ratings:
    """Return the ratings of a table with user_id, item_id and rating, in an order that ids decide."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = sorted((row["user_id"], row["item_id"], float(row["rating"])) for row in csv.DictReader(stream))
    users, items = IdMap(sorted({row[0] for row in rows})), IdMap(sorted({row[1] for row in rows}))
    return Ratings(
        users.rows([row[0] for row in rows]), items.rows([row[1] for row in rows]),
        np.asarray([row[2] for row in rows], dtype=np.float32), tuple(f"{row[0]}\x1f{row[1]}" for row in rows),
        len(users), len(items),
    )  # fmt: skip


def parts(ratings: Ratings, folds: int, seed: int) -> list[Rows]:
    """Return the rows of each fold: random ones of equal size, drawn by a salted hash of user and item."""
    return [np.sort(part) for part in np.array_split(np.argsort(salted(seed, ratings.names), kind="stable"), folds)]


def errors(model: RatingModel, ratings: Ratings) -> tuple[float, float]:
    """Return RMSE and MAE."""
    missed = model.predict(ratings.users, ratings.items).astype(np.float64) - ratings.values
    return float(np.sqrt(np.mean(missed**2))), float(np.mean(np.abs(missed)))


def figures(learner: Learner, ratings: Ratings, folds: int, seed: int) -> Figures:
    """Return what a learner reaches on each fold when it learns from the others."""
    began, found = time.monotonic(), []
    chosen = parts(ratings, folds, seed)
    for fold in range(folds):
        rest = np.sort(np.concatenate([part for place, part in enumerate(chosen) if place != fold]))
        found.append(errors(learner(ratings.take(rest)), ratings.take(chosen[fold])))
    means = np.mean(found, axis=0)
    halves = STUDENT[folds] * np.std(found, axis=0, ddof=1) / np.sqrt(folds)
    return Figures(means[0], halves[0], means[1], halves[1], time.monotonic() - began)


def exact(ratings: Ratings) -> RatingModel:
    """Learn as `plait train` does."""
    counts = {"user_count": ratings.user_count, "item_count": ratings.item_count}
    return fit_ratings(ratings.users, ratings.items, ratings.values, **counts)


def by_descent(descent: Descent) -> Learner:
    """Return the learner that descends like this."""

    def learn(ratings: Ratings) -> RatingModel:
        return fit_ratings_by_gradient(
            ratings.users, ratings.items, ratings.values, user_count=ratings.user_count,
            item_count=ratings.item_count, descent=descent,
        )  # fmt: skip

    return learn


def by_chosen_descent(ratings: Ratings) -> RatingModel:
    """Learn by the descent of DESCENTS that is best on a tenth of these ratings when it learns from the others."""
    tenth, *others = parts(ratings, 10, 0)
    rest, held = ratings.take(np.sort(np.concatenate(others))), ratings.take(tenth)
    missed = [errors(by_descent(descent)(rest), held)[0] for descent in DESCENTS]
    return by_descent(DESCENTS[int(np.argmin(missed))])(ratings)


LEARNERS: dict[str, Learner] = {
    "Plait, descent with Surprise's defaults": by_descent(Descent()),
    "Plait, descent with strength chosen inside": by_chosen_descent,
    "Plait, exact steps (plait score)": exact,
}


def main(
    interactions: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="user_id, item_id, rating.")],
    folds: Annotated[int, typer.Option(min=2, max=10, help="Number of random folds.")] = 5,
    seed: Annotated[int, typer.Option(help="Salt of the folds.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print only JSON.")] = False,
) -> None:
    """Print RMSE and MAE of each way to predict ratings, with 95 % intervals over the folds."""
    ratings = read(interactions)
    found = {}
    for name, learner in LEARNERS.items():
        found[name] = figures(learner, ratings, folds, seed)
        if not as_json:
            one = found[name]
            print(f"{name}: RMSE {one.rmse:.4f} ± {one.rmse_half:.4f}, MAE {one.mae:.4f} ± {one.mae_half:.4f}", end="")
            print(f", {one.seconds:.0f} s", flush=True)
    if as_json:
        print(json.dumps({name: asdict(one) for name, one in found.items()}))
        return
    print("Published for MovieLens-100k, 5 random folds:")
    for name, (rmse, mae, source) in PUBLISHED.items():
        print(f"{name}: RMSE {rmse:.3f}, MAE {mae:.3f} ({source})")


if __name__ == "__main__":
    typer.run(main)

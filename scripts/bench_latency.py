"""Measure similar items and recommendations against raw FAISS: single answers, end to end, and their ratio.

The catalogue is random unit vectors given as own vectors of the text strand, so that no encoder is timed; the log is
of planted tastes. Raw FAISS searches 200 neighbours of the same vectors, in turn with what it is compared to.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import typer

from plait import Recommender
from scripts.bench_index import DIMENSION, random_vectors
from scripts.figures import Json, Rounds, Seed, Sizes, compare_at
from scripts.interleaved import interleaved

NEIGHBOURS = 200
LIMIT = 10
USERS = 1_000
EVENTS = 200
"""Events a user; recommendations look at this many."""
CLOCKS = ("thread", "wall")
"""The answering thread's own time, which other work on the machine disturbs less; and what an answer takes."""


def build(folder: Path, count: int, rng: np.random.Generator) -> tuple[Recommender, Any]:
    """Return a trained recommender of `count` items, and raw FAISS over the same vectors."""
    vectors = random_vectors(count, rng)
    np.save(folder / "vectors.npy", vectors)
    items = [{"item_id": f"item-{row}", "title": f"item {row}"} for row in range(count)]
    # A user keeps to a twentieth of the catalogue, so that there is a taste to learn.
    tastes = rng.integers(20, size=USERS)
    chosen = rng.integers(count // 20, size=(USERS, EVENTS)) * 20 + tastes[:, None]
    events = [
        {"user_id": f"user-{user}", "item_id": f"item-{row}", "timestamp": 1_700_000_000 + 60 * place}
        for user, rows in enumerate(chosen.tolist())
        for place, row in enumerate(rows)
    ]
    recommender = Recommender.build(
        folder / "workspace", items=items, interactions=events, vectors={"text": folder / "vectors.npy"}
    )
    recommender.train(budget="2m")
    raw = faiss.IndexFlatIP(DIMENSION)
    raw.add(vectors)
    return recommender, raw


def compare(count: int, rounds: int, seed: int) -> dict[str, Any]:
    """Return median milliseconds of raw FAISS, similar items and recommendations, and their ratios to raw FAISS."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as name:
        recommender, raw = build(Path(name), count, rng)
        queries = random_vectors(rounds, rng)
        runs: dict[str, Callable[[int], object]] = {
            "raw": lambda turn: raw.search(queries[turn : turn + 1], NEIGHBOURS),
            "similar": lambda turn: recommender.similar(f"item-{turn * 7 % count}", limit=LIMIT),
            "recommend": lambda turn: recommender.recommend(f"user-{turn * 7 % USERS}", limit=LIMIT),
        }
        interleaved(runs, 20)
        times = interleaved(runs, rounds)
    figures: dict[str, Any] = {"items": count}
    for place, clock in enumerate(CLOCKS):
        medians = {name: float(np.median([pair[place] for pair in pairs])) for name, pairs in times.items()}
        figures |= {f"{clock}_{name}_ms": round(median, 3) for name, median in medians.items()}
        for name in ("similar", "recommend"):
            figures[f"{clock}_{name}_ratio"] = round(medians[name] / medians["raw"], 2)
            figures[f"{clock}_{name}_beyond_ms"] = round(medians[name] - medians["raw"], 3)
    return figures


def main(items: Sizes = None, rounds: Rounds = 300, seed: Seed = 0, as_json: Json = False) -> None:
    """Compare answers of 10 items with raw FAISS's search of 200, one after the other, on one thread."""
    compare_at(compare, items, rounds, seed, as_json=as_json)


if __name__ == "__main__":
    typer.run(main)

"""A catalogue small enough to reason about by hand: 24 texts in four families, twelve readers with one taste each."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FAMILIES = {
    "cooking": ["Bread", "Soup", "Noodles", "Dumplings", "Cake", "Salad"],
    "sailing": ["Harbour", "Storm", "Anchor", "Lighthouse", "Regatta", "Knots"],
    "space": ["Rockets", "Comets", "Orbit", "Telescope", "Moon landing", "Galaxies"],
    "gardening": ["Roses", "Compost", "Tomatoes", "Pruning", "Orchard", "Seeds"],
}
TEXTS = {
    "cooking": "recipes for the kitchen, ingredients and how to cook and bake them",
    "sailing": "boats and ships on the sea, wind in the sails and a crew on deck",
    "space": "astronauts, stars and planets, and the exploration of the universe",
    "gardening": "plants and flowers in the garden, soil, water and sunlight",
}
USERS = [f"user-{number}" for number in range(12)]
START = 1_700_000_000


def items() -> list[dict[str, str]]:
    """Return 24 rows; item ids are `cooking-0` and so on."""
    return [
        {
            "item_id": f"{family}-{number}",
            "title": title,
            "description": f"{title}: {TEXTS[family]}.",
            "categories": family,
            "year": str(1990 + 2 * number),
            "created_at": str(START - 86_400 * number),
        }
        for family, titles in FAMILIES.items()
        for number, title in enumerate(titles)
    ]


def interactions() -> list[dict[str, str]]:
    """Return rows in which user-n likes four items of family n % 4 and views one of the next family."""
    families = list(FAMILIES)
    rows = []
    for number, user_id in enumerate(USERS):
        mine, other = families[number % 4], families[(number + 1) % 4]
        seen = [f"{mine}-{(number + step) % 6}" for step in range(4)] + [f"{other}-{number % 6}"]
        for step, item_id in enumerate(seen):
            event = "like" if step < 4 else "view"
            time = str(START + 3_600 * (10 * number + step))
            rows.append({"user_id": user_id, "item_id": item_id, "timestamp": time, "event": event})
    return rows


def write_table(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write rows that share their columns as CSV and return the path."""
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def compact_after(workspace: Path, rows: int, *, share: float = 0.0) -> None:
    """Let a workspace publish its index anew after so many changes; its other settings become the default ones."""
    text = f"[index]\ncompact_rows = {rows}\ncompact_share = {share}\n"
    (workspace / "plait.toml").write_text(text, encoding="utf-8")


def vectors() -> NDArray[np.float32]:
    """Return (24, 8) unit vectors in the order of `items`: a direction for each family, and noise."""
    noise = np.random.default_rng(5).normal(size=(24, 8))
    rows = np.repeat(np.eye(4, 8), 6, axis=0) + 0.25 * noise
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

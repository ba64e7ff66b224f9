"""Draw a catalogue and a log of the size and kind of MovieLens-1M: tastes, sittings, and works that lead to others.

It writes items.csv, users.csv and interactions.csv. Users like by taste, by what they liked last and by popularity,
each item once; some items lead to certain others, which only the order tells. Titles, genres and years say a part.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

GENRES = (
    "action", "adventure", "animation", "comedy", "crime", "documentary", "drama", "fantasy", "horror", "musical",
    "mystery", "romance", "science fiction", "thriller", "war", "western",
)  # fmt: skip
WORDS = (
    "river", "night", "garden", "engine", "winter", "letter", "island", "mirror", "station", "harvest", "signal",
    "shadow", "market", "captain", "orchard", "silence", "thunder", "harbour", "lantern", "desert", "voyage", "queen",
)  # fmt: skip
DIMENSIONS = 16
LED_TO, LED_AMONG = 4, 40
"""How many others an item leads to, drawn from so many that are near to where it turns the mind."""
DISLIKED = 0.4
"""Events besides the likings, as a share of them, of middling or low ratings."""
LEAST = 12
"""Likings of each user at least."""
SITTING = 12
"""Events of a sitting on average; within one, timestamps tie as those of MovieLens do."""
TASTE, LATELY, LED, POPULAR = 2.0, 2.0, 3.2, 1.0
"""What the logit of the next liking is made of."""

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class World:
    """What n items are: unit vectors `items` (n, d), and `turns` (n, d), what each turns the mind to.

    `popularity` (n,) is a logit, `leads` (n, LED_TO) are the items that each leads to, `genres` (n, 2) rows of GENRES.
    """

    items: Floats
    turns: Floats
    popularity: Floats
    leads: Rows
    genres: Rows


def draw_world(item_count: int, rng: np.random.Generator) -> World:
    """Draw items around their genres' centres; what comes after an item is another mix of the dimensions.

    Raises ValueError for fewer items than an item's followers are drawn from.
    """
    if item_count <= LED_AMONG:
        raise ValueError(f"items is {item_count}; expected more than {LED_AMONG}")
    centres = rng.standard_normal((len(GENRES), DIMENSIONS))
    genres = rng.integers(len(GENRES), size=(item_count, 2))
    own = 0.9 * rng.standard_normal((item_count, DIMENSIONS))
    items = _unit(0.6 * centres[genres[:, 0]] + 0.3 * centres[genres[:, 1]] + own)
    turned = np.linalg.qr(rng.standard_normal((DIMENSIONS, DIMENSIONS)))[0]
    turns = _unit(0.6 * items + 0.8 * items @ turned.astype(np.float32))
    popularity = (-1.0 * np.log(1.0 + rng.permutation(item_count) / 30.0)).astype(np.float32)
    near = np.argpartition(-(turns @ items.T), LED_AMONG, axis=1)[:, :LED_AMONG]
    drawn = rng.permuted(np.tile(np.arange(LED_AMONG), (item_count, 1)), axis=1)[:, :LED_TO]
    leads = np.take_along_axis(near, drawn, axis=1)
    return World(items, turns, popularity, leads, genres)


def draw_lengths(users: int, likings: int, most: int, rng: np.random.Generator) -> Rows:
    """Return (users,) likings of each, LEAST to `most`, lognormal, that sum to `likings`.

    Raises ValueError where no such numbers have that sum.
    """
    if not LEAST * users <= likings <= most * users:
        raise ValueError(f"likings is {likings}; expected {LEAST * users} to {most * users} of {users} users")
    shares = np.exp(rng.normal(0.0, 1.05, users))
    low, high = 0.0, float(likings)
    for _ in range(80):
        middle = (low + high) / 2
        counts = np.clip((middle * shares).astype(np.int64), LEAST, most)
        low, high = (middle, high) if counts.sum() < likings else (low, middle)
    counts = np.clip((low * shares).astype(np.int64), LEAST, most)
    while short := likings - int(counts.sum()):
        able = np.flatnonzero((counts < most) if short > 0 else (counts > LEAST))
        counts[rng.choice(able, min(abs(short), len(able)), replace=False)] += np.sign(short)
    return counts


def draw_likings(world: World, lengths: Rows, rng: np.random.Generator) -> list[Rows]:
    """Return what each user likes, in order: softmax over the items they have not met, drawn by Gumbel's trick."""
    users, items = len(lengths), len(world.items)
    mixed = rng.dirichlet(np.full(3, 0.7), users)[:, :, None] * world.items[rng.integers(items, size=(users, 3))]
    tastes = _unit(mixed.sum(axis=1) + 0.12 * rng.standard_normal((users, DIMENSIONS)))
    scale = np.float32(DIMENSIONS**0.5)
    state = np.zeros((users, DIMENSIONS), dtype=np.float32)
    last = np.full(users, -1, dtype=np.int64)
    met = np.zeros((users, items), dtype=np.bool_)
    liked: list[list[int]] = [[] for _ in range(users)]
    for step in range(int(lengths.max(initial=0))):
        going = np.flatnonzero(lengths > step)
        logits = scale * (TASTE * tastes[going] + LATELY * state[going]) @ world.items.T
        logits += np.float32(POPULAR) * world.popularity
        known = np.flatnonzero(last[going] >= 0)
        np.add.at(logits, (known[:, None], world.leads[last[going[known]]]), np.float32(LED))
        logits -= np.log(-np.log(rng.random(logits.shape, dtype=np.float32) + 1e-12))
        logits[met[going]] = -np.inf
        chosen = logits.argmax(axis=1)
        met[going, chosen] = True
        last[going] = chosen
        state[going] = 0.7 * state[going] + 0.3 * world.turns[chosen]
        for user, item in zip(going.tolist(), chosen.tolist(), strict=True):
            liked[user].append(item)
    return [np.asarray(items, dtype=np.int64) for items in liked]


def write_items(path: Path, world: World, rng: np.random.Generator) -> None:
    """Write titles of drawn words, genres, and years that go with the first dimension."""
    years = np.clip(
        1985 + 12 * np.sqrt(DIMENSIONS) * world.items[:, 0] + rng.normal(0, 6, len(world.items)), 1920, 2000
    )
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("item_id", "title", "description", "categories", "year"))
        for row in range(len(world.items)):
            words = [WORDS[place] for place in rng.integers(len(WORDS), size=3)]
            genres = list(dict.fromkeys(GENRES[genre] for genre in world.genres[row]))
            title = f"The {words[0].title()} {row + 1}"
            told = f"A {' and '.join(genres)} story about a {words[1]} and a {words[2]}."
            writer.writerow((f"i{row}", title, told, "|".join(genres), int(years[row])))


def write_interactions(path: Path, liked: list[Rows], item_count: int, rng: np.random.Generator) -> int:
    """Write ratings of 4 and 5 for what was liked, lower ones for others between; return how many events."""
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("user_id", "item_id", "timestamp", "event", "value"))
        for user, items in enumerate(liked):
            free = np.setdiff1d(np.arange(item_count), items)
            others = rng.choice(free, min(int(DISLIKED * len(items)), len(free)), replace=False)
            # The last event is a liking, as often as not.
            places = np.sort(rng.integers(len(items) + 1, size=len(others)))
            events = np.insert(items, places, others)
            ratings = np.insert(
                rng.choice((4, 5), len(items), p=(0.6, 0.4)), places, rng.choice((1, 2, 3), len(others))
            )
            sittings = np.cumsum(rng.random(len(events)) < 1.0 / SITTING)
            start = 960_000_000 + int(rng.integers(80_000_000))
            times = start + sittings * int(rng.integers(20_000, 200_000)) + np.arange(len(events)) // 2
            rows = zip(events.tolist(), times.tolist(), ratings.tolist(), strict=True)
            writer.writerows((f"u{user}", f"i{item}", time, "rating", rating) for item, time, rating in rows)
            count += len(events)
    return count


def write_users(path: Path, count: int, rng: np.random.Generator) -> None:
    """Write attributes that tell nothing: whoever finds something in them has found noise."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("user_id", "age", "gender"))
        ages, genders = rng.integers(15, 70, count).tolist(), rng.choice(("F", "M"), count).tolist()
        writer.writerows(
            (f"u{user}", age, gender) for user, (age, gender) in enumerate(zip(ages, genders, strict=True))
        )


def _unit(rows: NDArray[np.floating]) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def main(
    folder: Annotated[Path, typer.Argument(help="Where items.csv, users.csv and interactions.csv are written.")],
    users: Annotated[int, typer.Option(help="Number of users.")] = 6_000,
    items: Annotated[int, typer.Option(help="Number of items.")] = 3_500,
    likings: Annotated[int, typer.Option(help="Likings of all users together.")] = 575_000,
    seed: Annotated[int, typer.Option(help="What all chance comes from.")] = 0,
) -> None:
    """Draw and write."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    world = draw_world(items, rng)
    liked = draw_likings(world, draw_lengths(users, likings, items // 2, rng), rng)
    write_items(folder / "items.csv", world, rng)
    write_users(folder / "users.csv", users, rng)
    count = write_interactions(folder / "interactions.csv", liked, items, rng)
    print(f"{users} users, {items} items, {likings} likings, {count} events")


if __name__ == "__main__":
    typer.run(main)

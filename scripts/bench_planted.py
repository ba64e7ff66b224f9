"""Measure what is found of what is planted in studio catalogues: communities, series, bundles and seasons.

python -m scripts.bench_planted [--seeds 7,21]
"""

import argparse
import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plait import Recommender
from plait.datasets.choice import DAY, DAYS, START
from plait.datasets.listening import LIKES
from plait.datasets.oracle import by_friends, chances_at
from plait.datasets.plan import StudioPlan
from plait.datasets.strengths import SEASON
from plait.datasets.studio import write_studio
from plait.flows.recommend import Asker, askers, recommend
from plait.kind import Kind
from plait.selection import Selection
from scripts.bench_pairs import CUTS, hits_of

NEW = 0.2
"""Listeners whose events are held back whole."""
MIDDLE = START + (SEASON[0] + SEASON[1]) // 2 * DAY
"""The moment in the middle of the season at which seasonal items are asked for."""
MOMENTS = ((MIDDLE, (SEASON[1] - SEASON[0]) / DAYS), (START, 1 - (SEASON[1] - SEASON[0]) / DAYS))
"""A moment in season and one out of it, each with its share of the log."""
RECENT = 14 * DAY
MEDIA = ("image", "audio")
CUT = 10
DRAWS = 2_000

Doubles = NDArray[np.float64]
Event = dict[str, str]


@dataclass(frozen=True, slots=True)
class World:
    """A studio catalogue with its events by time; those of the listeners `new` are not told."""

    plan: StudioPlan
    files: Path
    told: Sequence[Event]
    kept: Sequence[Event]
    new: Sequence[str]


def world_of(folder: Path, seed: int) -> World:
    """Write a catalogue and hold back the events of some listeners, drawn by the seed."""
    plan = write_studio(folder, seed=seed)
    with (folder / "interactions.csv").open(encoding="utf-8") as stream:
        events = list(csv.DictReader(stream))
    users = sorted(plan.communities)
    drawn = np.random.default_rng([seed, 1]).permutation(len(users))[: int(NEW * len(users))]
    new = [users[row] for row in np.sort(drawn).tolist()]
    held = set(new)
    told, kept = ([event for event in events if (event["user_id"] in held) == back] for back in (False, True))
    return World(plan, folder, told, kept, new)


def hits(chances: Doubles, targets: Sequence[Sequence[int]]) -> Doubles:
    """Return (m,) the share of each listener's targets among the CUT items of the highest chances (m, n)."""
    best = np.argsort(-chances, axis=1, kind="stable")[:, :CUT]
    return np.array([np.isin(mine, shown).mean() for mine, shown in zip(targets, best, strict=True)])


def interval(values: Doubles) -> str:
    """Return mean and 95 % interval of values, by bootstrap."""
    rng = np.random.default_rng(0)
    means = values[rng.integers(0, len(values), (DRAWS, len(values)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


def ratio(values: Doubles, others: Doubles) -> str:
    """Return the ratio of two means over the same listeners, and its 95 % interval."""
    rows = np.random.default_rng(0).integers(0, len(values), (DRAWS, len(values)))
    low, high = np.quantile(values[rows].mean(axis=1) / np.maximum(others[rows].mean(axis=1), 1e-9), (0.025, 0.975))
    return f"{values.mean() / max(float(others.mean()), 1e-9):.2f} [{low:.2f}, {high:.2f}]"


def shown_to(recommender: Recommender, asked: Sequence[Asker], items: dict[str, int]) -> Doubles:
    """Return (m, n) 1 for the items recommended, by rank a little less."""
    found = np.zeros((len(asked), len(items)))
    for row, ranking in enumerate(recommend(recommender._live, asked, Selection(CUT))):
        for item in ranking.items:
            found[row, items[item.item_id]] = 1.0 - item.rank / 1_000
    return found


def communities(recommender: Recommender, world: World) -> dict[str, Doubles]:
    """Return hit@10 of all likings of listeners without any event, by who answers."""
    items = {item: row for row, item in enumerate(world.plan.families)}
    liked: dict[str, set[int]] = {user: set() for user in world.new}
    for event in world.kept:
        if event["event"] in LIKES:
            liked[event["user_id"]].add(items[event["item_id"]])
    for user in set(world.new) & set(world.plan.hidden):
        liked[user].add(items[world.plan.hidden[user]])
    users = [user for user in world.new if liked[user]]
    targets = [sorted(liked[user]) for user in users]
    asked = askers(recommender._live, users)
    moved = np.roll(np.random.default_rng(0).permutation(len(asked)), 1).tolist()
    popular = _popular(world.told, items)
    answers = {
        "plait": shown_to(recommender, asked, items),
        "without friends": shown_to(recommender, [replace(who, friends=()) for who in asked], items),
        "shuffled friends": shown_to(
            recommender, [replace(who, friends=asked[other].friends) for who, other in zip(asked, moved, strict=True)],
            items,
        ),
        "popularity": np.tile(popular, (len(users), 1)),
        "oracle of friends": np.sum([share * by_friends(world.plan, users, at) for at, share in MOMENTS], axis=0),
        "oracle of tastes": np.sum([share * chances_at(world.plan, users, at) for at, share in MOMENTS], axis=0),
    }  # fmt: skip
    return {name: hits(chances, targets) for name, chances in answers.items()}


def seasons(recommender: Recommender, world: World) -> dict[str, Doubles]:
    """Return hit@10 of the next liking of a seasonal item in its season, of what was told up to MIDDLE."""
    items = {item: row for row, item in enumerate(world.plan.families)}
    before = [event for event in world.told if int(event["timestamp"]) < MIDDLE]
    seen: dict[str, set[int]] = {}
    for event in before:
        seen.setdefault(event["user_id"], set()).add(items[event["item_id"]])
    wanted: dict[str, int] = {}
    for event in world.told:
        row, user = items[event["item_id"]], event["user_id"]
        in_season = MIDDLE <= int(event["timestamp"]) < START + SEASON[1] * DAY and event["event"] in LIKES
        if in_season and user in world.plan.communities and row not in seen.get(user, ()):
            wanted.setdefault(user, row)
    seasonal = {items[item] for item in world.plan.seasonal}
    users = sorted(user for user, row in wanted.items() if row in seasonal)
    targets = [[wanted[user]] for user in users]
    recent = [event for event in before if int(event["timestamp"]) >= MIDDLE - RECENT]
    answers = {
        "popularity": np.tile(_popular(before, items), (len(users), 1)),
        "recent popularity": np.tile(_popular(recent, items), (len(users), 1)),
        "oracle of tastes": chances_at(world.plan, users, MIDDLE),
    }
    for chances in answers.values():
        for row, user in enumerate(users):
            chances[row, list(seen.get(user, ()))] = -1.0
    return {
        "plait": hits(shown_to(recommender, askers(recommender._live, users), items), targets),
        **{name: hits(chances, targets) for name, chances in answers.items()},
    }


def pairs(recommender: Recommender, plan: StudioPlan) -> None:
    """Print how many planted pairs are found from the first to the second, and how many backwards."""
    for kind, name, planted in ((Kind.BOUGHT_TOGETHER, "bundles", plan.bundles), (Kind.NEXT, "series", plan.series)):
        for way, asked in (("there", planted), ("back", [(then, first) for first, then in planted])):
            answers = recommender.similar([first for first, _ in asked], kind=kind, limit=max(CUTS))
            shown = [[item.item_id for item in answer.items if item.pair] for answer in answers]
            print(f"  {name} {way}: {hits_of(shown, [then for _, then in asked])} of {len(asked)} at {CUTS}")


def _popular(events: Sequence[Event], items: dict[str, int]) -> Doubles:
    liked = [items[event["item_id"]] for event in events if event["event"] in LIKES]
    return np.bincount(liked, minlength=len(items)).astype(float)


def _print(title: str, found: Sequence[dict[str, Doubles]]) -> None:
    whole = {name: np.concatenate([each[name] for each in found]) for name in found[0]}
    print(f"  {title}, hit@{CUT} of {len(whole['plait'])} listeners", flush=True)
    for name, values in whole.items():
        print(
            f"    {name:18} {interval(values)}", "" if name == "plait" else f"plait is {ratio(whole['plait'], values)}"
        )


def trained_on(events: Sequence[Event], world: World, workspace: Path, seed: int) -> Recommender:
    """Build and train; of the items only the words are read, for covers and sounds take long and are not asked for."""
    with (world.files / "items.csv").open(encoding="utf-8") as stream:
        items = [{name: row[name] for name in row if name not in MEDIA} for row in csv.DictReader(stream)]
    recommender = Recommender.build(
        workspace, items=items, interactions=list(events), users=world.files / "users.csv",
        relations=world.files / "relations.csv", seed=seed,
    )  # fmt: skip
    recommender.train(budget="5m", seed=seed)
    return recommender


def main() -> None:
    """Print every figure of each seed, and of all seeds together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="7,21")
    seeds = [int(seed) for seed in parser.parse_args().seeds.split(",")]
    found: list[dict[str, Doubles]] = []
    timely: list[dict[str, Doubles]] = []
    with tempfile.TemporaryDirectory() as folder:
        worlds = {seed: world_of(Path(folder) / f"files-{seed}", seed) for seed in seeds}
        for seed, world in worlds.items():
            recommender = trained_on(world.told, world, Path(folder) / f"whole-{seed}", seed)
            print(f"seed {seed}", flush=True)
            pairs(recommender, world.plan)
            found.append(communities(recommender, world))
        _print("new listeners with friends", found)
        for seed, world in worlds.items():
            early = [event for event in world.told if int(event["timestamp"]) < MIDDLE]
            timely.append(seasons(trained_on(early, world, Path(folder) / f"early-{seed}", seed), world))
        _print("seasonal items in season", timely)


if __name__ == "__main__":
    main()

"""Replaying: the last part of a log, event by event, on a workspace that knows what came before: answer, then hear."""

import shutil
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plait import Recommender
from plait.event_weights import is_positive
from plait.flows.learner import Learner, Round
from plait.live import Live
from plait.workspace import Workspace

CUT = 10
DEEP = 1_000
NOTHING: Mapping[int, Sequence[dict[str, Any]]] = {}
Gains = NDArray[np.float64]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of a stream: NDCG@10 (n,) of the likings asked for, at which rows, and the rounds of learning.

    `seconds` of the processor are what learning took.
    """

    gains: Gains
    rows: list[int]
    rounds: list[Round] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def pace(self) -> float:
        """Events that are learnt a second."""
        return sum(done.events for done in self.rounds) / self.seconds if self.seconds else 0.0


def in_order(rows: Sequence[Row], salt: int) -> list[Row]:
    """Return rows by time, equal times by a salted hash."""

    def place(row: Row) -> tuple[float, bytes]:
        name = f"{salt}\x1f{row['user_id']}\x1f{row['item_id']}"
        return float(row["timestamp"]), blake2b(name.encode(), digest_size=8).digest()

    return sorted(rows, key=place)


def copied(folder: Path, to: Path, learning: str = "") -> Path:
    """Copy a workspace that nobody writes to; `learning` are lines of the section of that name in plait.toml."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to)
    if learning:
        toml = to / "plait.toml"
        toml.write_text(
            toml.read_text(encoding="utf-8").replace("[learning]", f"[learning]\n{learning}\n", 1), encoding="utf-8"
        )
    return to


def replayed(
    folder: Path, stream: Sequence[Row], *, learns: bool, hostile: Mapping[int, Sequence[Row]] = NOTHING,
    silent: Collection[str] = (),
) -> Replay:  # fmt: skip
    """Answer each first liking of `stream` before it is recorded, with learning in turn or without.

    Before a place of the stream what is `hostile` there is recorded; nobody is asked about it, nor `silent` users about
    anything.
    """
    recommender, workspace = Recommender.open(folder), Workspace.open(folder)
    learner, config, asking = Learner(Live(Workspace.open(folder))), workspace.config, Asking(workspace, silent)
    rounds: list[Round] = []
    gains, asked, seconds = [], [], 0.0
    for place, row in enumerate(stream):
        if place in hostile:
            recommender.record(list(hostile[place]))
        if asking.is_new_liking(row):
            gains.append(gain([item.item_id for item in recommender.recommend(row["user_id"], limit=CUT).items], row))
            asked.append(place)
        recommender.record([row])
        if learns and place % config.learning.every == config.learning.every - 1:
            began = time.process_time()
            rounds += iter(learner.round, None)
            seconds += time.process_time() - began
    return Replay(np.asarray(gains), asked, rounds, seconds)


class Asking:
    """Which rows of a stream are asked for: likings of items that their users had not met."""

    def __init__(self, workspace: Workspace, silent: Collection[str] = ()) -> None:
        """`silent` users are never asked for."""
        self._workspace, self._silent = workspace, silent
        self.met: dict[str, set[str]] = {}

    def is_new_liking(self, row: Row) -> bool:
        """Return whether the next row is one, and take it for met."""
        user_id, item_id = row["user_id"], row["item_id"]
        if user_id not in self.met:
            self.met[user_id] = self._workspace.store.seen_items(user_id)
        new = item_id not in self.met[user_id]
        self.met[user_id].add(item_id)
        config = self._workspace.config.events
        return new and user_id not in self._silent and is_positive(row["event"], row["value"], config)


def gain(shown: Sequence[str], row: Row) -> float:
    """Return the NDCG of a list in which one item is right."""
    return float(1.0 / np.log2(2.0 + shown.index(row["item_id"]))) if row["item_id"] in shown else 0.0


def standing(folder: Path, stream: Sequence[Row]) -> Replay:
    """Answer the same likings as of the moment before the stream: nothing of it is heard, but no item comes twice."""
    recommender, asking = Recommender.open(folder), Asking(Workspace.open(folder))
    ranked: dict[str, list[str]] = {}
    gains, asked = [], []
    for place, row in enumerate(stream):
        user_id = row["user_id"]
        before = set(asking.met.get(user_id, ()))
        if user_id not in ranked:
            ranked[user_id] = [item.item_id for item in recommender.recommend(user_id, limit=DEEP).items]
        if asking.is_new_liking(row):
            gains.append(gain([one for one in ranked[user_id] if one not in before][:CUT], row))
            asked.append(place)
    return Replay(np.asarray(gains), asked)


def ratio(
    one: Gains, other: Gains, users: Sequence[str], *, seed: int = 0, draws: int = 1_000
) -> tuple[float, float, float]:
    """Return mean(one) / mean(other) with its 95 % interval, the users drawn again and again."""
    _, codes = np.unique(np.asarray(users), return_inverse=True)
    sums = [np.bincount(codes, weights=gains) for gains in (one, other)]
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(sums[0]), (draws, len(sums[0])))
    ratios = sums[0][drawn].sum(axis=1) / np.maximum(sums[1][drawn].sum(axis=1), 1e-9)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return float(sums[0].sum() / max(sums[1].sum(), 1e-9)), float(low), float(high)

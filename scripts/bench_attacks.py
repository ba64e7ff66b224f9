"""Measure what attacks on the stream cost everybody else, with the guard and the caps of `[learning]` and without.

The studio's second period, in which tastes stay what they were, is answered and told event by event. Into it come spam
(one event in twenty is a like of one unpopular item, of accounts that have liked five others before), a flood (one user
likes things by chance as often as all others do anything), or an inverted batch (a thousand events in a row whose likes
are dislikes, and whose dislikes are likes). Asked for are the likings of users who have no part in it. Prints NDCG@10
of a model that learns on the clean stream, and of each attacked one as a share of it, with 95 % intervals over users.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from plait import Recommender
from plait.event_weights import BUILT_IN
from scripts.bench_shift import prepared, rows_of
from scripts.figures import Json, print_figures
from scripts.replaying import Row, copied, ratio, replayed

OPEN = "guard = false\nper_user = 1000000000\nper_item = 1.0"
"""Nothing is judged, and nothing is too much."""
SPAM_SHARE, ACCOUNTS, BEFORE = 0.05, 100, 5
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Attack:
    """A stream, what is hostile before some of its places, and who of its users has a part in that."""

    stream: list[Row]
    hostile: Mapping[int, list[Row]]
    parties: frozenset[str] = frozenset()


def spam(stream: Sequence[Row], items: Sequence[str], rng: np.random.Generator) -> Attack:
    """Let accounts like one item, the last of `items`, the most popular of which come first."""
    count = int(SPAM_SHARE / (1 - SPAM_SHARE) * len(stream))
    names = [f"account-{number}" for number in range(max(ACCOUNTS, count))]
    hostile: dict[int, list[Row]] = defaultdict(list)
    hostile[0] = [
        _like(name, item, stream[0], -100.0 + step)
        for name in names
        for step, item in enumerate(rng.choice(items[: len(items) // 2], BEFORE, replace=False).tolist())
    ]
    places = np.sort(rng.integers(0, len(stream), count)).tolist()
    for turn, place in enumerate(places):
        hostile[place].append(_like(names[turn], items[-1], stream[place]))
    return Attack(list(stream), hostile)


def flood(stream: Sequence[Row], items: Sequence[str], rng: np.random.Generator) -> Attack:
    """Let one user like things by chance, once for every event."""
    chosen = rng.choice(items, len(stream)).tolist()
    hostile = {place: [_like("flood", item, stream[place])] for place, item in enumerate(chosen)}
    return Attack(list(stream), hostile)


def inverted(stream: Sequence[Row], items: Sequence[str], rng: np.random.Generator) -> Attack:
    """Turn the meaning of a batch in the midst of the stream."""
    begin = len(stream) // 3
    batch = [
        {**row, "event": "dislike" if BUILT_IN[row["event"]] > 0 else "like", "value": None}
        for row in stream[begin : begin + BATCH]
    ]
    parties = frozenset(row["user_id"] for row in batch)
    return Attack([*stream[:begin], *batch, *stream[begin + BATCH :]], {}, parties)


def _like(user_id: str, item_id: str, beside: Row, later: float = 0.5) -> Row:
    moment = float(beside["timestamp"]) + later
    return {"user_id": user_id, "item_id": item_id, "timestamp": moment, "event": "like", "value": None}


def main(
    scratch: Annotated[Path, typer.Option(help="A folder for workspaces; what is built there is used again.")],
    seed: Annotated[int, typer.Option(help="Of the studio.")] = 7,
    budget: Annotated[str, typer.Option(help="Of the training.")] = "5m",
    most: Annotated[int, typer.Option(help="Events of the second period.")] = 8_000,
    as_json: Json = False,
) -> None:
    """Replay clean and attacked streams."""
    stream = rows_of(seed, swapped=False)[:most]
    folder = prepared(scratch, seed, budget)
    items = [item.item_id for item in Recommender.open(folder).recommend("nobody", limit=10_000).items]

    def figures() -> Any:
        for name, make in (("spam", spam), ("flood", flood), ("inverted", inverted)):
            attack = make(stream, items, np.random.default_rng([seed, 1]))
            clean = replayed(copied(folder, scratch / "clean"), stream, learns=True, silent=attack.parties)
            users = [stream[place]["user_id"] for place in clean.rows]
            for guard, learning in (("with", ""), ("without", OPEN)):
                target = copied(folder, scratch / "attacked", learning)
                attacked = replayed(target, attack.stream, learns=True, hostile=attack.hostile, silent=attack.parties)
                found, low, high = ratio(attacked.gains, clean.gains, users)
                yield {
                    "attack": name, "guard": guard, "likings": len(users),
                    "clean": round(float(clean.gains.mean()), 4), "attacked": round(float(attacked.gains.mean()), 4),
                    "share": f"{found:.3f} [{low:.3f}, {high:.3f}]", "rounds": len(attacked.rounds),
                    "refused": sum(done.refused or done.afresh for done in attacked.rounds),
                    "capped": sum(sum(done.capped.values()) for done in attacked.rounds),
                }  # fmt: skip

    print_figures(figures(), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)

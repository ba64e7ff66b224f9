"""Measure how a model that learns on the stream recovers when tastes change, in the studio, where that is planted.

A workspace is built and trained from the first period. In the second one everybody has the tastes of another community
(or, with `--same`, their own). Every first liking is asked for, and told. Prints NDCG@10 by thousands of events, of the
model that learns on and of the one that does not, and their ratio with its 95 % interval over users.
"""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from plait import Recommender
from plait.datasets.second_period import second_period
from plait.datasets.studio import write_studio
from scripts.figures import Json, print_figures
from scripts.replaying import Replay, Row, copied, ratio, replayed

STEP = 1_000


def rows_of(seed: int, *, swapped: bool) -> list[Row]:
    """Return the second period as rows."""
    return [
        {"user_id": user_id, "item_id": item_id, "timestamp": float(moment), "event": event,
         "value": float(value) if value else None}
        for user_id, item_id, moment, event, value in second_period(seed=seed, swapped=swapped)
    ]  # fmt: skip


def prepared(scratch: Path, seed: int, budget: str) -> Path:
    """Build and train a workspace of the first period, unless it is there."""
    data, folder = scratch / f"studio-{seed}", scratch / f"first-{seed}"
    if not (folder / "models").exists():
        write_studio(data, seed=seed)
        built = Recommender.build(
            folder, items=data / "items.csv", interactions=data / "interactions.csv", users=data / "users.csv",
            relations=data / "relations.csv",
        )  # fmt: skip
        built.train(budget=budget)
    return folder


def by_steps(one: Replay, count: int) -> list[float]:
    """Return the mean gain of each STEP events."""
    steps = np.asarray(one.rows) // STEP
    return [round(float(one.gains[steps == step].mean()), 4) for step in range(count // STEP)]


def main(
    scratch: Annotated[Path, typer.Option(help="A folder for workspaces; what is built there is used again.")],
    seed: Annotated[int, typer.Option(help="Of the studio.")] = 7,
    same: Annotated[bool, typer.Option("--same", help="Tastes stay what they were.")] = False,
    budget: Annotated[str, typer.Option(help="Of the training.")] = "5m",
    learning: Annotated[str, typer.Option(help="Lines for the section of plait.toml.")] = "",
    most: Annotated[int, typer.Option(help="Events of the second period.")] = 10_000,
    as_json: Json = False,
) -> None:
    """Replay the second period."""
    stream = rows_of(seed, swapped=not same)[:most]
    folder = prepared(scratch, seed, budget)
    frozen = replayed(copied(folder, scratch / "frozen"), stream, learns=False)
    live = replayed(copied(folder, scratch / "live", learning), stream, learns=True)
    users = [stream[place]["user_id"] for place in live.rows]

    def figures() -> Any:
        found, low, high = ratio(live.gains, frozen.gains, users)
        yield {
            "likings": len(users), "rounds": len(live.rounds), "events a second": round(live.pace),
            "refused": sum(done.refused or done.afresh for done in live.rounds),
            "live is times": f"{found:.3f} [{low:.3f}, {high:.3f}]",
        }  # fmt: skip
        for name, one in (("live", live), ("frozen, with live profiles", frozen)):
            yield {"model": name, "ndcg@10": round(float(one.gains.mean()), 4), "by thousands": by_steps(one, most)}

    print_figures(figures(), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)

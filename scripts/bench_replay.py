"""Measure what learning on the stream is worth: the last part of a log, event by event, answered before it is heard.

A workspace is built and trained from what came before. Then every first liking is asked for, and told: to a model that
learns on (`plait tend`), to the same model without, and to one that hears nothing of the stream at all. Prints NDCG@10
of each, and the ratios with 95 % intervals over users.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from plait import Recommender
from plait.tables import open_table
from scripts.figures import Json, print_figures
from scripts.replaying import Row, copied, in_order, ratio, replayed, standing

Share = Annotated[float, typer.Option(help="The share of the log, from its begin, that is known and learnt from.")]


def read_events(path: Path) -> list[Row]:
    """Read interactions as rows of the contract; a rating alone is an event of that name."""
    rows: list[Row] = []
    for row in open_table(path, "interactions"):
        rated = row.text("rating")
        value = rated or row.text("value")
        rows.append(
            {
                "user_id": row.text("user_id"), "item_id": row.text("item_id"),
                "event": row.text("event") or ("rating" if rated else "click"),
                "timestamp": float(row.text("timestamp")), "value": float(value) if value else None,
            }
        )  # fmt: skip
    return rows


def prepared(folder: Path, data: Path, known: list[Row], budget: str) -> Path:
    """Build and train a workspace of what is known, unless it is there."""
    if not (folder / "models").exists():
        Recommender.build(folder, items=data / "items.csv", interactions=known).train(budget=budget)
    return folder


def main(
    data: Annotated[Path, typer.Argument(help="A folder with items.csv and interactions.csv.")],
    scratch: Annotated[Path, typer.Option(help="A folder for workspaces; what is built there is used again.")],
    share: Share = 0.8,
    until: Annotated[float, typer.Option(help="The share of the log up to which it is replayed.")] = 1.0,
    salt: Annotated[int, typer.Option(help="Orders equal times.")] = 0,
    budget: Annotated[str, typer.Option(help="Of the training.")] = "10m",
    learning: Annotated[str, typer.Option(help="Lines for the section of plait.toml.")] = "",
    as_json: Json = False,
) -> None:
    """Replay the last part of a log."""
    events = in_order(read_events(data / "interactions.csv"), salt)
    known, stream = events[: int(share * len(events))], events[int(share * len(events)) : int(until * len(events))]
    folder = prepared(scratch / f"known-{share}-{salt}", data, known, budget)
    frozen = replayed(copied(folder, scratch / "frozen"), stream, learns=False)
    live = replayed(copied(folder, scratch / "live", learning), stream, learns=True)
    still = standing(folder, stream)
    users = [stream[place]["user_id"] for place in live.rows]

    def figures() -> Any:
        yield {
            "likings": len(live.gains), "users": len(set(users)), "rounds": len(live.rounds),
            "events a second": round(live.pace),
            "refused": sum(done.refused or done.afresh for done in live.rounds),
        }  # fmt: skip
        for name, one in (("live", live), ("frozen, with live profiles", frozen), ("frozen altogether", still)):
            found, low, high = ratio(live.gains, one.gains, users)
            yield {"model": name, "ndcg@10": round(float(one.gains.mean()), 4),
                   "live is times": f"{found:.3f} [{low:.3f}, {high:.3f}]"}  # fmt: skip

    print_figures(figures(), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)

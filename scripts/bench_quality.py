"""Judge every model under every protocol on one catalogue with a log, and keep a report of each.

A model and a split are judged once: a run that was killed goes on where it stopped. Slow models are judged on three
salts under last-liked and on one elsewhere, as the tables say.
"""

import time
from pathlib import Path
from typing import Annotated

import typer

from plait import Recommender
from plait.evaluation.peers.registry import REGISTRY

SLOW = ("sasrec", "ncf", "cnn-content", "cf-cnn", "plait")
PROTOCOLS = ("last-liked", "leave-last-out", "random", "global-time", "cold-items", "cold-users")
SEEDS = 5
SLOW_SEEDS = 3


def models_of(protocol: str, names: list[str]) -> list[str]:
    """Return the models with the number of salts each is judged on."""
    slow_seeds = SLOW_SEEDS if protocol == "last-liked" else 1
    return [f"{name}:{slow_seeds}" if name in SLOW else name for name in names]


def workspace_of(folder: Path, data: Path) -> Recommender:
    """Open the workspace, or build it of items.csv, interactions.csv and users.csv in `data`."""
    if (folder / "plait.toml").exists():
        return Recommender.open(folder)
    users = data / "users.csv"
    return Recommender.build(
        folder, items=data / "items.csv", interactions=data / "interactions.csv",
        users=users if users.exists() else None,
    )  # fmt: skip


def main(
    data: Annotated[Path, typer.Argument(help="Folder of items.csv, interactions.csv and maybe users.csv.")],
    workspace: Annotated[Path, typer.Option(help="Workspace to use, built where absent.")] = Path("workspaces/quality"),
    reports: Annotated[Path, typer.Option(help="Where reports and finished runs are kept.")] = Path("reports/quality"),
    protocols: Annotated[str, typer.Option(help="Protocols, joined by commas.")] = ",".join(PROTOCOLS),
    models: Annotated[str, typer.Option(help="Models, joined by commas.")] = ",".join(REGISTRY),
    seeds: Annotated[int, typer.Option(help="Salts of the models that are not slow.")] = SEEDS,
) -> None:
    """Write a report a protocol and print the first measure of every model."""
    recommender = workspace_of(workspace, data)
    for protocol in protocols.split(","):
        began = time.monotonic()
        results = recommender.evaluate(
            protocol, seeds=seeds, models=models_of(protocol, models.split(",")), report=reports / protocol,
            ablate=protocol == "last-liked" and "plait" in models.split(","),
            progress=lambda line: print(line, flush=True),
        )  # fmt: skip
        seconds = time.monotonic() - began
        print(f"\n{protocol}, {results.users} users, {seconds:.0f} s, {reports / protocol}/report.html")
        for name, found in results.models.items():
            ndcg, spent = found["ndcg@10"], results.details[name]
            print(
                f"{name:18} {ndcg['mean']:.4f} [{ndcg['low']:.4f}, {ndcg['high']:.4f}]  salts {spent['seeds']:.0f}  "
                f"{spent['seconds']:.1f} s a run, {spent.get('choosing_seconds', 0.0):.0f} s to choose, "
                f"{spent['peak_mb']:.0f} MB"
            )


if __name__ == "__main__":
    typer.run(main)

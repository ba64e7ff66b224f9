"""Show that row order, ids and file names say nothing: a catalogue and its disguise, built and evaluated by command."""

import csv
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

if sys.path[0].endswith("scripts"):
    # Run by its path, this folder would come before the standard library, whose profile.py it hides.
    sys.path.pop(0)

import numpy as np
import typer

from plait.evaluation.leaks import Check

PLAIT = [sys.executable, "-c", "from plait.cli import main; main()"]
MEDIA = ("image", "audio")


def disguised(folder: Path, items: Path, seed: int) -> Path:
    """Write the catalogue at `items` into `folder` with rows shuffled, ids hashed and media under new names."""
    with items.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows = [rows[place] for place in np.random.default_rng(seed).permutation(len(rows)).tolist()]
    for row in rows:
        row["item_id"] = _hashed(row["item_id"], seed)
        for column in MEDIA:
            if row.get(column):
                old = Path(row[column])
                row[column] = _hashed(row[column], seed) + old.suffix
                shutil.copyfile(items.parent / old, folder / row[column])
    path = folder / "items.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _hashed(text: str, seed: int) -> str:
    return hashlib.sha256(f"{seed} {text}".encode()).hexdigest()[:20]


def evaluated(workspace: Path, items: Path, protocol: Sequence[str]) -> Mapping[str, Any]:
    """Build a workspace and return what `plait evaluate` finds, by model and metric."""
    _plait("build", workspace, "--items", items)
    found: Mapping[str, Any] = _plait("evaluate", workspace, "--protocol", "cross-modal", *protocol)["models"]
    return found


def _plait(*arguments: object) -> Any:
    command = [*PLAIT, *map(str, arguments), "--json"]
    outcome = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(outcome.stdout)


def moved(plain: Mapping[str, Any], other: Mapping[str, Any], say: Callable[[str], None]) -> list[str]:
    """Say each figure beside its disguise's; return those whose mean left the plain figure's interval."""
    checks = [
        Check("disguised", model, metric, figure, other[model][metric])
        for model, metrics in plain.items()
        for metric, figure in metrics.items()
    ]
    for check in checks:
        say(str(check))
    return [f"{check.model} {check.metric}" for check in checks if check.moved]


def main(
    items: Annotated[Path, typer.Argument(help="items.csv of a catalogue with media beside it.")],
    pair: Annotated[str, typer.Option(help="Query strand and item strand.")] = "text:image",
    seeds: Annotated[int, typer.Option(help="How many random splits.")] = 5,
    seed: Annotated[int, typer.Option(help="Seed of the disguise.")] = 1,
) -> None:
    """Exit 1 where a figure of the disguised catalogue lies outside the plain one's interval."""
    protocol = ["--pair", pair, "--seeds", str(seeds)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "media").mkdir()
        plain = evaluated(folder / "plain", items, protocol)
        other = evaluated(folder / "disguised", disguised(folder / "media", items, seed), protocol)
    if out := moved(plain, other, print):
        print("moved beyond the interval:", ", ".join(out))
        raise typer.Exit(1)
    print("no figure moved beyond its interval")


if __name__ == "__main__":
    typer.run(main)

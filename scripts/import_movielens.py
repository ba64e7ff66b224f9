"""Turn MovieLens, a folder or zip as GroupLens publishes it, into items.csv, interactions.csv and users.csv."""

from pathlib import Path
from typing import Annotated

import typer

from plait.datasets.dataset import write_dataset
from plait.datasets.movielens_reader import read_movielens
from plait.errors import BadData, WrongCall


def main(
    source: Annotated[Path, typer.Argument(help="Folder or zip of ml-100k, ml-1m, ml-10m, ml-20m, ml-25m or ml-32m.")],
    folder: Annotated[Path, typer.Argument(help="Where the tables are written.")],
) -> None:
    """Write the tables and say how to build a workspace of them."""
    try:
        dataset = read_movielens(source)
        counts = write_dataset(dataset, folder)
    except (BadData, WrongCall) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2 if isinstance(error, WrongCall) else 1) from error
    typer.echo(f"{dataset.name}: " + ", ".join(f"{count:,} {name}" for name, count in counts.items()))
    options = " ".join(f"--{name} {folder / name}.csv" for name in counts)
    typer.echo(f"plait build WORKSPACE {options}")


if __name__ == "__main__":
    typer.run(main)

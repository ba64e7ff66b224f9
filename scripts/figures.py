"""Figures of a benchmark: a line each as they come, or all at once as JSON."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated

import typer

SIZES = (10_000, 100_000)
LEAST_ROUNDS = 20
Sizes = Annotated[list[int] | None, typer.Option("--items", help="Number of items; may be given more than once.")]
Rounds = Annotated[int, typer.Option(help=f"Answers of each kind, at least {LEAST_ROUNDS}.")]
Seed = Annotated[int, typer.Option(help="Seed of all that is drawn.")]
Json = Annotated[bool, typer.Option("--json", help="Print only JSON.")]


def print_figures(figures: Iterable[Mapping[str, object]], *, as_json: bool) -> None:
    """Print each as soon as it is there, or nothing but one JSON list at the end."""
    found = []
    for each in figures:
        found.append(each)
        if not as_json:
            print(*(f"{name} {value}" for name, value in each.items()), sep="  ", flush=True)
    if as_json:
        print(json.dumps(found))


def compare_at(
    compare: Callable[[int, int, int], Mapping[str, object]], sizes: list[int] | None, rounds: int, seed: int,
    *, as_json: bool,
) -> None:  # fmt: skip
    """Print `compare(items, rounds, seed)` at each size, SIZES for None, with FAISS on one thread."""
    import faiss

    if rounds < LEAST_ROUNDS:
        raise typer.BadParameter(f"rounds is {rounds}; expected at least {LEAST_ROUNDS}")
    faiss.omp_set_num_threads(1)
    print_figures((compare(count, rounds, seed) for count in sizes or SIZES), as_json=as_json)

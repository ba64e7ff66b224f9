"""Measure the sources of candidates: what share of the later likings is among the 200 of each, and in the union."""

import sys

if sys.path[0].endswith("scripts"):
    # Run by its path, this folder would come before the standard library, whose profile.py it hides.
    sys.path.pop(0)

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from index.exact import ExactIndex
from index.vector_index import Hits, Mask, Rows, Vectors
from plait.evaluation.peers.plait_peer import FittedPlait, PlaitPeer
from plait.evaluation.protocols import splitter
from plait.evaluation.splits import Split
from plait.flows.candidates import POPULAR, RECENT, USED
from plait.flows.judging import log_of
from plait.flows.sources import SOURCES, Catalogue
from plait.live import Live
from plait.workspace import Workspace
from ranker.interactions import Floats
from scripts.figures import print_figures

DEPTH = 200
LIMITS = {"popular": POPULAR, "newest": RECENT}
"""What a source gives where it is not DEPTH."""
AT_ONCE = 256
DRAWS = 1_000
Found = dict[str, Floats]


def catalogue_of(fitted: FittedPlait) -> Catalogue:
    """Return what sources look into, searched exactly; an item that comes later in the catalogue is newer."""
    ranker, index = fitted.ranker, ExactIndex(fitted.vectors)

    def nearest(queries: Vectors, limit: int, allowed: Mask | None) -> Hits:
        return index.search(queries, limit, allowed=allowed)

    popular = np.argsort(-ranker.items.popularity, kind="stable")
    newest = np.arange(len(fitted.vectors))[::-1]
    return Catalogue(nearest, ExactIndex(ranker.items.factors), ranker.items, ranker.item_weights, popular, newest)


def recalls(fitted: FittedPlait, split: Split) -> tuple[Found, Found]:
    """Return by name of source the recall of each case (m,), and how many candidates it was given.

    Beside the sources are `union` of those in use and `union without X`. What a user has seen is no candidate.
    """
    catalogue, count = catalogue_of(fitted), len(split.item_ids)
    names = [*SOURCES, "union", *(f"union without {name}" for name in USED)]
    found, sizes = ({name: np.zeros(len(split), dtype=np.float32) for name in names} for _ in range(2))
    for start in range(0, len(split), AT_ONCE):
        cases = np.arange(start, min(start + AT_ONCE, len(split)))
        users = fitted.ranker.user_side(split.histories.take(cases), catalogue.items, lambda rows: fitted.vectors[rows])
        seen = split.seen.take(cases)
        wanted = min(DEPTH + int(seen.lengths.max(initial=0)), count)
        given = {name: source(catalogue, users, wanted, split.in_pool) for name, source in SOURCES.items()}
        for place, case in enumerate(cases.tolist()):
            barred = seen.items[seen.offsets[place] : seen.offsets[place + 1]]
            mine = {name: _first(rows[place], barred, LIMITS.get(name, DEPTH), count) for name, rows in given.items()}
            _unite(mine)
            targets = split.targets[split.target_offsets[case] : split.target_offsets[case + 1]]
            for name, rows in mine.items():
                found[name][case] = np.isin(targets, rows).mean()
                sizes[name][case] = len(rows)
    return found, sizes


def _first(rows: Rows, barred: Rows, limit: int, count: int) -> Rows:
    """Return the first `limit` of `rows` that are not barred, each once."""
    closed = np.zeros(count + 1, dtype=np.bool_)
    closed[barred], closed[-1] = True, True
    opened = rows[~closed[rows]]
    _, first = np.unique(opened, return_index=True)
    return np.asarray(opened[np.sort(first)][:limit], dtype=np.int64)


def _unite(mine: dict[str, Rows]) -> None:
    """Add the unions to the sources' rows of one user."""
    alone = {name: mine[name] for name in SOURCES}
    mine["union"] = _union(alone, USED)
    for name in USED:
        mine[f"union without {name}"] = _union(alone, [other for other in USED if other != name])


def _union(alone: Mapping[str, Rows], names: "list[str] | tuple[str, ...]") -> Rows:
    return np.unique(np.concatenate([alone[name] for name in names]))


def interval(by_user: Floats, *, seed: int = 0) -> tuple[float, float, float]:
    """Return the mean and its 95 % bootstrap interval over users."""
    rng = np.random.default_rng(seed)
    means = [by_user[rng.integers(0, len(by_user), len(by_user))].mean() for _ in range(DRAWS)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(by_user.mean()), float(low), float(high)


def table(live: Live, protocol: str, salts: list[int]) -> Iterator[Mapping[str, object]]:
    """Yield a line for each group of cases and each source: recall@200, its interval, and the mean size."""
    log, materials = log_of(live, protocol)
    groups: dict[str, list[tuple[Rows, Found, Found]]] = {}
    for salt in salts:
        for split in splitter(protocol)(log, salt):
            fitted = PlaitPeer(materials.items).fit(split.without_targets(), {}, seed=salt)
            found, sizes = recalls(fitted, split)
            for name, inside in (split.groups or {"all": np.ones(len(split), dtype=np.bool_)}).items():
                reached = {source: each[inside] for source, each in found.items()}
                counted = {source: each[inside] for source, each in sizes.items()}
                groups.setdefault(name, []).append((split.users[inside], reached, counted))
    for group, told in groups.items():
        owners = np.unique(np.concatenate([users for users, _, _ in told]), return_inverse=True)[1]
        for source in told[0][1]:
            values = np.concatenate([found[source] for _, found, _ in told])
            by_user = np.bincount(owners, weights=values) / np.bincount(owners)
            mean, low, high = interval(by_user.astype(np.float32))
            size = float(np.concatenate([sizes[source] for _, _, sizes in told]).mean())
            yield {
                "protocol": protocol, "group": group, "source": source, f"recall@{DEPTH}": round(mean, 4),
                "low": round(low, 4), "high": round(high, 4), "candidates": round(size, 1),
            }  # fmt: skip


def main(
    workspace: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A workspace with events.")],
    protocols: Annotated[str, typer.Option(help="Protocols, joined by commas.")] = "last-liked,cold-users",
    salts: Annotated[str, typer.Option(help="Salts of the splits, joined by commas.")] = "0,1,2,3,4",
    as_json: Annotated[bool, typer.Option("--json", help="Print only JSON.")] = False,
) -> None:
    """Print the recall of each source of candidates, of their union, and of the union without each."""
    live = Live(Workspace.open(workspace))
    numbers = [int(salt) for salt in salts.split(",")]
    lines = (line for protocol in protocols.split(",") for line in table(live, protocol, numbers))
    print_figures(lines, as_json=as_json)


if __name__ == "__main__":
    typer.run(main)

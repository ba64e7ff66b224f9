"""Measure what churn and filters do to the live index: recall beside exact search of what is there by then.

Of `--rows` vectors a tenth is removed, a tenth replaced and a tenth added, and nothing is built anew. Then queries are
asked of all items, and of a random half, a hundredth and a ten-thousandth of them. Prints recall@10, how many answers
hold other items than exact search, and whether any dead or filtered item came.
"""

from typing import Annotated, Any

import numpy as np
import typer

from index import ExactIndex, IdMap, IndexSnapshot, LiveIndex, Vectors, recall_at
from index.vector_index import Mask
from plait.assembly import build_index
from scripts.bench_index import clustered_vectors, random_vectors
from scripts.figures import print_figures

LIMIT = 10
SHARES = (1.0, 0.5, 0.01, 0.0001)


def churned(vectors: Vectors, fresh: Vectors, rng: np.random.Generator, *, seed: int) -> LiveIndex:
    """Return an index of `vectors` of which as many are removed, replaced and added as half of `fresh` has rows."""
    ids = [f"item-{row}" for row in range(len(vectors))]
    live = LiveIndex.open(IndexSnapshot(IdMap(ids), vectors, build_index(vectors, seed=seed)))
    count = len(fresh) // 2
    chosen = rng.permutation(len(vectors))[: 2 * count].tolist()
    live.remove([ids[row] for row in chosen[:count]])
    live.upsert([ids[row] for row in chosen[count:]], fresh[:count])
    live.upsert([f"new-{row}" for row in range(count)], fresh[count:])
    return live


def compared(live: LiveIndex, queries: Vectors, share: float, rng: np.random.Generator) -> dict[str, Any]:
    """Return how answers among a random `share` of the living items differ from those of exact search."""
    rows = np.flatnonzero(live.alive)
    kept = np.sort(rng.permutation(rows)[: max(int(share * len(rows)), 1)])
    allowed: Mask = np.zeros(live.row_count, dtype=np.bool_)
    allowed[kept] = True
    found = live.search(queries, LIMIT, allowed=None if share == 1.0 else allowed)
    right = ExactIndex(live.vectors(np.arange(live.row_count))).search(queries, LIMIT, allowed=allowed)
    other = [set(mine) != set(theirs) for mine, theirs in zip(found.rows.tolist(), right.rows.tolist(), strict=True)]
    shown = found.rows[found.rows >= 0]
    return {
        "share": share, "items": len(kept), "recall": round(recall_at(found, right), 4), "other": sum(other),
        "queries": len(queries), "wrong": int((~allowed[shown]).sum()),
    }  # fmt: skip


def main(
    rows: Annotated[int, typer.Option(help="Number of vectors.")] = 100_000,
    data: Annotated[str, typer.Option(help="random or clustered.")] = "clustered",
    queries: Annotated[int, typer.Option(help="Number of queries.")] = 300,
    seed: Annotated[int, typer.Option(help="Seed of vectors and churn.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print only JSON.")] = False,
) -> None:
    """Compare the live index after 30 % churn with exact search, at 384 dimensions."""
    if data not in ("random", "clustered"):
        raise typer.BadParameter(f"data is {data!r}; expected random or clustered")
    make, rng = random_vectors if data == "random" else clustered_vectors, np.random.default_rng(seed)
    count = rows // 10
    vectors = make(rows + 2 * count + queries, rng)
    live = churned(vectors[:rows], vectors[rows : rows + 2 * count], rng, seed=seed)
    asked = vectors[rows + 2 * count :]
    print_figures((compared(live, asked, share, rng) for share in SHARES), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)

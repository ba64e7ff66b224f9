"""Measure the live index against a raw FAISS scan: latency of single queries, their ratio, and recall."""

import time
from collections.abc import Callable
from typing import Annotated, Any, cast, get_args

import faiss
import numpy as np
import typer

from index import IdMap, IndexSnapshot, LiveIndex, Vectors, recall_at
from index.faiss import Kind, build_faiss
from scripts.figures import print_figures
from scripts.interleaved import Times, interleaved

LIMIT = 200
DIMENSION = 384
BLOCKS = 3
PRESENT = (0.95, 0.6, 0.3)
"""The share of clustered items that have each block."""


def random_vectors(rows: int, rng: np.random.Generator) -> Vectors:
    """Return `rows` unit vectors in directions without any structure."""
    return _unit(rng.standard_normal((rows, DIMENSION), dtype=np.float32))


def clustered_vectors(rows: int, rng: np.random.Generator) -> Vectors:
    """Return `rows` vectors of three unit blocks round 300 centres each, absent blocks being zero."""
    width = DIMENSION // BLOCKS
    present = rng.random((rows, BLOCKS)) < PRESENT
    present[~present.any(axis=1), 0] = True
    blocks = []
    for block in range(BLOCKS):
        centres = rng.standard_normal((300, width), dtype=np.float32)
        noise = rng.standard_normal((rows, width), dtype=np.float32)
        points = _unit(centres[rng.integers(len(centres), size=rows)] + np.float32(0.6) * noise)
        blocks.append(points * present[:, block, None])
    woven: Vectors = np.concatenate(blocks, axis=1).astype(np.float32)
    return woven


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def compare(vectors: Vectors, queries: Vectors, *, kind: Kind) -> dict[str, Any]:
    """Time `queries` one by one, a FAISS scan and the live index in turn; return milliseconds, ratios and recall.

    `_ms` is time of the thread on its processor, `_wall_ms` time on the wall, which other work on the machine
    lengthens. Ratios are of the former. "changed" is a live index with 50 items changed and 50 added.
    """
    start = time.perf_counter(), time.thread_time()
    built = build_faiss(vectors, kind=kind)
    seconds = time.perf_counter() - start[0], time.thread_time() - start[1]
    raw: Any = faiss.IndexFlatIP(vectors.shape[1])
    raw.add(vectors)
    live = LiveIndex.open(IndexSnapshot(IdMap([f"item-{row}" for row in range(len(vectors))]), vectors, built))
    changed = LiveIndex.open(live.view.main)
    changed.upsert([f"item-{row}" for row in range(50)] + [f"new-{row}" for row in range(50)], queries[:100])
    runs: dict[str, Callable[[int], object]] = {
        "raw": lambda turn: raw.search(queries[turn : turn + 1], LIMIT),
        "live": lambda turn: live.search(queries[turn : turn + 1], LIMIT),
        "changed": lambda turn: changed.search(queries[turn : turn + 1], LIMIT),
    }
    exact = build_faiss(vectors, kind="flat").search(queries, LIMIT)
    figures: dict[str, Any] = {
        "rows": len(vectors),
        "kind": built.kind,
        "build_seconds": round(seconds[1], 1),
        "build_wall_seconds": round(seconds[0], 1),
        "recall": round(recall_at(live.search(queries, LIMIT), exact), 4),
    }
    if built.codes is not None:
        figures["wider"] = built.codes.wider
    return figures | _summary(interleaved(runs, len(queries)))


def _summary(times: Times) -> dict[str, float]:
    figures = {}
    for name, pairs in times.items():
        for label, milliseconds in zip(("", "_wall"), zip(*pairs, strict=True), strict=True):
            figures[f"{name}_median{label}_ms"] = round(float(np.median(milliseconds)), 4)
            figures[f"{name}_p95{label}_ms"] = round(float(np.percentile(milliseconds, 95)), 4)
    for name in ("live", "changed"):
        figures[f"{name}_ratio"] = round(figures[f"{name}_median_ms"] / figures["raw_median_ms"], 3)
    return figures


def main(
    rows: Annotated[list[int] | None, typer.Option(help="Number of vectors; may be given more than once.")] = None,
    data: Annotated[str, typer.Option(help="random or clustered.")] = "random",
    kind: Annotated[str, typer.Option(help="auto, flat, codes or hnsw.")] = "auto",
    queries: Annotated[int, typer.Option(help="Number of single queries, at least 100.")] = 300,
    seed: Annotated[int, typer.Option(help="Seed of the vectors.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print only JSON.")] = False,
) -> None:
    """Compare the live index with a raw FAISS scan at 384 dimensions and limit 200, on one thread."""
    if data not in ("random", "clustered") or kind not in get_args(Kind) or queries < 100:
        raise typer.BadParameter(f"data is {data!r}, kind {kind!r}, queries {queries}; see --help")
    faiss.omp_set_num_threads(1)
    make = random_vectors if data == "random" else clustered_vectors

    def figures(count: int) -> dict[str, Any]:
        vectors = make(count + queries, np.random.default_rng(seed))
        return {"data": data, **compare(vectors[:count], vectors[count:], kind=cast(Kind, kind))}

    print_figures(map(figures, rows or [10_000, 50_000, 100_000]), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)

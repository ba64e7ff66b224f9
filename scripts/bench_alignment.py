"""What each piece of the fusion adds: everything, each piece left out, few pairs, and captions in other languages.

`python -m scripts.bench_alignment WORKSPACE` runs the protocol cross-modal for each row of the table, on the same
hidden items. With `--languages title_de,title_fr` (attributes of the items) the hidden items are also asked for in
those words, by a model that learnt from the texts the workspace has.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from embedders.bridge import Bridge
from embedders.encoder import Vectors
from embedders.fit_fusion import PIECES, fit_fusion
from embedders.fusion import Fusion
from embedders.items import Strand
from embedders.kin import Categories
from embedders.spaces import in_hash_order, present
from embedders.tower import Tower
from plait.evaluation.cross_modal import Fit, Hiding, judge_cross_modal
from plait.flows.cross_modal import CrossModal
from plait.live import Live
from plait.workspace import Workspace

PAIRS = (0, 10, 30, 100)
METRICS = ("recall@10", "whole/recall@10", "precision@8", "mrr")


def with_pairs(
    vectors: Mapping[Strand, Vectors], *, bridges: Mapping[Strand, Bridge], towers: Mapping[Strand, Tower], count: int,
    wanted: Strand, categories: Categories = (),
) -> Fusion:  # fmt: skip
    """Learn as if `count` items only had a text and the strand `wanted`; of the others each is an item of its own.

    Nothing is learnt from `categories`, which would pair the two anew.
    """
    both = np.flatnonzero(present(vectors[Strand.TEXT]) & present(vectors[wanted]))
    rest = in_hash_order(vectors[wanted], both)[count:]
    apart = {s: np.concatenate([rows, rows[rest] if s is wanted else 0 * rows[rest]]) for s, rows in vectors.items()}
    apart[wanted][rest] = 0.0
    longer = {
        strand: replace(tower, texts=np.concatenate([tower.texts, 0 * tower.texts[rest]]))
        for strand, tower in towers.items()
    }
    return fit_fusion(apart, bridges=bridges, towers=longer)


def variants(wanted: Strand) -> Iterator[tuple[str, Fit]]:
    """Yield the name of each row and how its fusion is learnt."""
    yield "everything", fit_fusion
    for piece in PIECES:
        yield f"without {piece}", partial(fit_fusion, without=(piece,))
    for count in PAIRS:
        yield f"{count} pairs", partial(with_pairs, count=count, wanted=wanted)


def main(
    workspace: Annotated[Path, typer.Argument(help="A workspace made by `plait build`.")],
    pair: Annotated[str, typer.Option(help="Strand asked with and strand looked for.")] = "text:image",
    hide_by: Annotated[str | None, typer.Option(help="Attribute whose values are hidden in turn.")] = None,
    where: Annotated[str, typer.Option(help="Only items that pass this.")] = "",
    seeds: Annotated[int, typer.Option(help="Draws of hidden items.")] = 5,
    languages: Annotated[str, typer.Option(help="Attributes with captions in other languages.")] = "",
) -> None:
    """Print a table, a row a variant."""
    live = Live(Workspace.open(workspace))
    run = CrossModal.of(live, pair=pair, hide_by=hide_by, where=where)
    judged = partial(judge_cross_modal, pair=run.pair, hiding=Hiding(seeds, (8, 10)), bridges=run.bridges)
    print("| variant | " + " | ".join(METRICS) + " |\n|---" + "|---" * len(METRICS) + "|")
    for name, fit in variants(run.pair[1]):
        _print(name, judged(run.catalogue, fit=fit).models["plait"])
    for column in filter(None, languages.split(",")):
        queries = {Strand.TEXT: _captions(live.workspace, run, column)}
        _print(column, judged(replace(run.catalogue, queries=queries)).models["plait"])


def _captions(workspace: Workspace, run: CrossModal, column: str) -> Vectors:
    """Return the captions (n, dimension) in another language, the item's own text where it has none."""
    stored = workspace.store.items_by_id(run.catalogue.item_ids)
    texts = [str(stored[item_id].item.attributes.get(column) or "") for item_id in run.catalogue.item_ids]
    missing = [not text for text in texts]
    print(f"# {column}: {len(texts) - sum(missing)} of {len(texts)} items have it")
    encoded = workspace.encoder(Strand.TEXT).encode(texts)
    return np.where(np.asarray(missing)[:, None], run.catalogue.vectors[Strand.TEXT], encoded)


def _print(name: str, found: Mapping[str, Mapping[str, float]]) -> None:
    cells = [
        f"{found[metric]['mean']:.3f} [{found[metric]['low']:.3f}, {found[metric]['high']:.3f}]" if metric in found
        else ""
        for metric in METRICS
    ]  # fmt: skip
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    typer.run(main)

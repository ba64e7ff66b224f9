"""Whether items with missing strands are found as often as complete ones.

`python -m scripts.bench_missing WORKSPACE` hides 30 % of the items that have a text and a picture (`--pair text:audio`:
a sound) a salt. Nothing is learnt from them; then the same items stand in the whole catalogue once complete and once
with one strand alone, and are looked for by words and by the other strand. An item's own words, which find what has
them at once, are also left out: of words that a title says and a description repeats, the title asks and the
description alone is the item's text. A picture that asks has lost its edges and some light.

Two differences are paired, item by item, with their 95 % intervals: `less complete` compares the item with one strand
with itself complete; `less alone` compares it, found among the other items complete, with the same found among others
that have nothing but the strand, which shows what complete items push it back by.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image

from embedders.bridge import Bridge
from embedders.encoder import Vectors
from embedders.fit_fusion import fit_fusion
from embedders.fusion import Fusion
from embedders.items import Strand
from plait.evaluation.bootstrap import Interval, intervals
from plait.evaluation.folds import Catalogue, folds
from plait.evaluation.observations import Observations
from plait.evaluation.ranking import places
from plait.evaluation.salted import salted
from plait.flows.cross_modal import CrossModal
from plait.live import Live
from plait.workspace import Workspace

CUT = 10
EDGE = 0.12
"""Of a picture's sides that is cut off where it asks."""
LIGHT = 0.8
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Question:
    """n items asked for by `name`: `asked` (n, d) rows of a strand, and the items' own `texts` (n, d) meanwhile."""

    name: str
    strand: Strand
    asked: Vectors
    texts: Vectors


def questions(live: Live, run: CrossModal) -> Iterator[Question]:
    """Yield the ways to ask for each item."""
    catalogue, wanted = run.catalogue, run.pair[1]
    texts = catalogue.vectors[Strand.TEXT]
    stored = live.workspace.store.items_by_id(catalogue.item_ids)
    items = [stored[item_id].item for item_id in catalogue.item_ids]
    yield Question("its own words", Strand.TEXT, texts, texts)
    encode = live.workspace.encoder(Strand.TEXT).encode
    if all(item.description for item in items):
        described = encode([item.description for item in items])
        yield Question("its title, where its text is the description", Strand.TEXT, encode([i.title for i in items]),
                       described)  # fmt: skip
    if wanted is Strand.IMAGE:
        pictures = live.workspace.encoder(Strand.IMAGE)
        with tempfile.TemporaryDirectory() as folder:
            paths = [_changed(item.image, Path(folder) / f"{place}.jpg") for place, item in enumerate(items)]
            asked = np.zeros_like(catalogue.vectors[Strand.IMAGE])
            known = [place for place, path in enumerate(paths) if path]
            asked[known] = pictures.encode([paths[place] for place in known])
        yield Question("its picture, cut and darker", Strand.IMAGE, asked, texts)


def _changed(image: str, file: Path) -> str:
    """Write the first picture of an item with its edges cut off and darker; return its path, "" for none."""
    if not image:
        return ""
    with Image.open(image.split("|")[0]) as opened:
        picture = opened.convert("RGB")
    across, down = (round(EDGE * side) for side in picture.size)
    inner = picture.crop((across, down, picture.width - across, picture.height - down))
    inner.point([round(LIGHT * level) for level in range(256)] * 3).save(file, quality=90)
    return str(file)


def found(
    fusion: Fusion, question: Question, hidden: Rows, vectors: Mapping[Strand, Vectors], ids: Sequence[str], salt: int
) -> NDArray[np.float64]:
    """Return (hidden,) 1 where the item is among the first CUT of all items, as they stand in `vectors`."""
    items, query = fusion.fuse(vectors), fusion.query({question.strand: question.asked[hidden]})
    scores = query.rescore(np.broadcast_to(items, (len(query), *items.shape))).uncompared_last().scores
    return np.asarray(places(scores, salted(salt, ids), hidden) < CUT, dtype=np.float64)


def judged(question: Question, catalogue: Catalogue, pair: tuple[Strand, Strand], bridges: Mapping[Strand, Bridge],
           seeds: int) -> Mapping[str, Interval]:  # fmt: skip
    """Return the intervals of how often hidden items are found, and of the paired differences."""
    parts = []
    for salt, (_, hidden) in enumerate(folds(catalogue, pair, range(seeds))):
        whole = {strand: catalogue.vectors[strand].copy() for strand in pair}
        whole[Strand.TEXT][hidden] = question.texts[hidden]
        fusion = fit_fusion(without(whole, pair, hidden), bridges=bridges)
        hits = {"complete": found(fusion, question, hidden, whole, catalogue.item_ids, salt)}
        for kept in pair:
            others = [strand for strand in pair if strand is not kept]
            one = found(fusion, question, hidden, without(whole, others, hidden), catalogue.item_ids, salt)
            every = without(whole, others, np.arange(len(catalogue.item_ids)))
            # Others without the strand that is kept stay as they are: they have nothing else.
            lacking = np.flatnonzero(~whole[kept].any(axis=1))
            for strand in others:
                every[strand][lacking] = whole[strand][lacking]
            alone = found(fusion, question, hidden, every, catalogue.item_ids, salt)
            hits |= {f"{kept} alone": one, f"{kept} less complete": one - hits["complete"],
                     f"{kept} less alone": one - alone}  # fmt: skip
        parts.append(Observations(hidden, hits))
    return intervals(Observations.joined(parts).by_user())


def without(vectors: Mapping[Strand, Vectors], strands: Sequence[Strand], rows: Rows) -> dict[Strand, Vectors]:
    """Return a copy in which the items `rows` lack some strands."""
    copied = {strand: values.copy() for strand, values in vectors.items()}
    for strand in strands:
        copied[strand][rows] = 0.0
    return copied


def main(
    workspace: Annotated[Path, typer.Argument(help="A workspace made by `plait build`.")],
    pair: Annotated[str, typer.Option(help="Words and the other strand.")] = "text:image",
    seeds: Annotated[int, typer.Option(help="Draws of hidden items.")] = 5,
) -> None:
    """Print a line a way to ask and a form of the items: recall@10 in the whole catalogue."""
    live = Live(Workspace.open(workspace))
    run = CrossModal.of(live, pair=pair)
    for question in questions(live, run):
        for form, value in judged(question, run.catalogue, run.pair, run.bridges, seeds).items():
            print(f"{question.name}: {form} {value['mean']:.3f} [{value['low']:.3f}, {value['high']:.3f}]", flush=True)


if __name__ == "__main__":
    typer.run(main)

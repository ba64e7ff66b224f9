"""What a GRU and attention over the frames of a sound add to their mean; `--save` writes what was learnt.

`python -m scripts.bench_pooling CATALOGUE/items.csv --only source=esc10 --hide-by group`: each value of the column is
hidden in turn and nothing learnt from its captions. 1-NN asks whether the nearest sound of the others shares the
category, sound alone; precision@8 is that of captions that look for the hidden sounds.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from embedders.bundles import BUNDLES, make_encoder
from embedders.encoder import Vectors
from embedders.items import Strand
from embedders.pooling_network import learn_pooling, save_pooling
from embedders.spaces import unit
from embedders.spectrogram import SpectrogramEncoder
from plait.evaluation.cross_modal import Hiding, judge_cross_modal
from plait.evaluation.folds import Catalogue

PARTS = ((True, True), (True, False), (False, True), (False, False))
SHARPNESSES = (0.5, 1.0)
"""Of the attention that learns nothing, in deviations of what it attends to."""
BESIDE = 0.3
"""How much a pooling counts beside the mean, where it stands beside."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """n sounds of one catalogue: captions, categories and groups (n,), `frames` (n, t, d), `means` and `texts` (n, _).

    `digests` (n,) number the captions.
    """

    titles: Sequence[str]
    categories: NDArray[np.str_]
    groups: NDArray[np.str_]
    frames: NDArray[np.float32]
    means: Vectors
    texts: Vectors
    digests: NDArray[np.int64]


def read(items: Path, only: str, column: str) -> Sounds:
    """Read and encode the sounds of a table whose column has a value, such as source=esc10."""
    name, _, value = only.partition("=")
    with items.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row.get("audio") and (not name or row[name] == value)]
    paths, titles = [str(items.parent / row["audio"]) for row in rows], [row["title"] for row in rows]
    specs = BUNDLES["compact"].encoders
    sounds, texts = make_encoder(specs[Strand.AUDIO]), make_encoder(specs[Strand.TEXT])
    assert isinstance(sounds, SpectrogramEncoder)
    digests = np.unique(titles, return_inverse=True)[1].astype(np.int64)
    categories, groups = np.asarray([row["categories"] for row in rows]), np.asarray([row[column] for row in rows])
    return Sounds(titles, categories, groups, sounds.frames(paths), sounds.encode(paths), texts.encode(titles), digests)


def ways(sounds: Sounds) -> Iterator[tuple[str, Mapping[str, Vectors]]]:
    """Yield the name of each way to pool, and by the hidden group the vectors (n, _) it gives all sounds."""
    groups = sorted(set(sounds.groups.tolist()))
    yield "mean", dict.fromkeys(groups, sounds.means)
    rarity = _rarity(sounds)
    for sharpness in SHARPNESSES:
        yield f"attention to rare frames, {sharpness:g}", dict.fromkeys(groups, _attended(sounds, sharpness * rarity))
    for against in ("captions", "itself"):
        for recurrent, attention in PARTS:
            alone = {group: _learnt(sounds, group, against, recurrent, attention) for group in groups}
            name = f"learnt from {against}: {'GRU' if recurrent else 'no GRU'}, {'' if attention else 'no '}attention"
            yield f"{name}, alone", alone
            yield (
                f"{name}, beside the mean",
                {group: unit(np.concatenate([sounds.means, BESIDE * rows], axis=1)) for group, rows in alone.items()},
            )


def _learnt(sounds: Sounds, group: str, against: str, recurrent: bool, attention: bool) -> Vectors:
    import torch

    kept = sounds.groups != group
    texts = sounds.texts[kept] if against == "captions" else None
    digests = sounds.digests if against == "captions" else np.arange(len(sounds.digests))
    network = learn_pooling(sounds.frames[kept], texts, digests[kept], recurrent=recurrent, attention=attention)
    with torch.inference_mode():
        return np.asarray(network(torch.from_numpy(sounds.frames)).numpy())


def _rarity(sounds: Sounds) -> NDArray[np.float32]:
    """Return how far frames (n, t) are from the mean of all, in deviations within each sound."""
    far = np.linalg.norm(sounds.frames - sounds.frames.mean(axis=(0, 1)), axis=2)
    return np.asarray((far - far.mean(axis=1, keepdims=True)) / np.maximum(far.std(axis=1, keepdims=True), 1e-6))


def _attended(sounds: Sounds, logits: NDArray[np.float32]) -> Vectors:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return unit(np.einsum("nt,ntd->nd", raised / raised.sum(axis=1, keepdims=True), sounds.frames))


def nearest(sounds: Sounds, vectors: Mapping[str, Vectors]) -> list[float]:
    """Return for each hidden group the share of its sounds whose nearest of the others is of their category."""
    found = []
    for group, rows in vectors.items():
        hidden = sounds.groups == group
        best = (rows[hidden] @ rows[~hidden].T).argmax(axis=1)
        found.append(float((sounds.categories[~hidden][best] == sounds.categories[hidden]).mean()))
    return found


def asked_for(sounds: Sounds, vectors: Mapping[str, Vectors]) -> float:
    """Return precision@8 of captions that look for the hidden sounds, the mean over groups."""
    found = []
    for group, rows in vectors.items():
        catalogue = Catalogue(
            [str(row) for row in range(len(rows))], {Strand.TEXT: sounds.texts, Strand.AUDIO: rows},
            [(name,) for name in sounds.categories.tolist()], [one if one == group else "" for one in sounds.groups],
        )  # fmt: skip
        results = judge_cross_modal(catalogue, (Strand.TEXT, Strand.AUDIO), Hiding(1, (8,)), bridges={})
        found.append(results.models["plait"]["precision@8"]["mean"])
    return float(np.mean(found))


def main(
    items: Annotated[Path, typer.Argument(help="items.csv with sounds beside it.")],
    only: Annotated[str, typer.Option(help="Only rows with COLUMN=VALUE.")] = "",
    hide_by: Annotated[str, typer.Option(help="Column whose values are hidden in turn.")] = "group",
    save: Annotated[Path | None, typer.Option(help="Learn from all captions and write what was learnt here.")] = None,
) -> None:
    """Print a table, a row a way to pool; or learn and save."""
    sounds = read(items, only, hide_by)
    if save is not None:
        save_pooling(learn_pooling(sounds.frames, sounds.texts, sounds.digests), save)
        print(f'sound_pooling = "{save.absolute()}", under [encoders] of plait.toml before a workspace is built')
        return
    print("| frames pooled by | 1-NN | each | precision@8 |\n|---|---|---|---|")
    for name, vectors in ways(sounds):
        each = nearest(sounds, vectors)
        folds = " ".join(f"{value:.3f}" for value in each)
        print(f"| {name} | {np.mean(each):.3f} | {folds} | {asked_for(sounds, vectors):.3f} |", flush=True)


if __name__ == "__main__":
    typer.run(main)

"""Learning a Fusion from a catalogue: everything is chosen on validation inside it."""

from collections.abc import Mapping

import numpy as np

from embedders.alignment import Alignment, centred_bridge
from embedders.bridge import Bridge
from embedders.calibration import calibrate
from embedders.encoder import Vectors
from embedders.fit_alignment import References, fit_alignment, fit_text_map, make_pairs
from embedders.fusion import Block, Fusion
from embedders.items import Strand
from embedders.spaces import Affine, centre, identity, present, principal_axes, row_hashes, sample, unit
from embedders.text_map import TextMap

SHARED_DIMENSION = 128
OWN_DIMENSION = 64
"""A strand that has both blocks has 192 dimensions together; measured, more find nothing better."""


def fit_fusion(vectors: Mapping[Strand, Vectors], *, bridges: Mapping[Strand, Bridge] | None = None) -> Fusion:
    """Learn from n items: `vectors` are raw unit rows (n, dimension) by strand, zero rows where an item lacks it.

    Texts are the anchor: other strands are mapped into their space by what was learnt from the catalogue's own pairs,
    and by a `bridge` where there is one, and texts into the space of the others. All is chosen by how well held-out
    pairs find each other. The order of the items does not matter; nothing is random. A catalogue with one strand only
    keeps the encoder's vectors as they are. Raises ValueError for unequal numbers of rows.
    """
    counts = {len(rows) for rows in vectors.values()}
    if len(counts) > 1:
        raise ValueError(f"vectors have {sorted(counts)} rows; expected one number of rows for all strands")
    held = {strand: vectors[strand] for strand in Strand if strand in vectors and present(vectors[strand]).any()}
    bridges = {strand: bridge for strand, bridge in (bridges or {}).items() if strand in held}
    own = {strand: _own_axes(strand, rows, held, bridges) for strand, rows in held.items()}
    nothing = np.zeros((0, 0), np.float32)
    if set(held) == {Strand.TEXT} or (not bridges and Strand.TEXT not in held):
        return calibrate(Fusion(_blocks(own, {}, {}), own, {}, {}, nothing, {}), held)
    shared = own[Strand.TEXT] if Strand.TEXT in held else _anchor_axes(None, bridges)
    # Where no item has a text, the class names stand for the texts that will be asked.
    texts = held.get(Strand.TEXT)
    asked = sample(next(iter(bridges.values())).names if texts is None else texts)
    references = References(unit(shared(asked)), row_hashes(asked))
    alignments, text_maps, report = _align(held, bridges, own, shared, references)
    blocks = _blocks(own, alignments, text_maps)
    fusion = Fusion(blocks, own | {Strand.TEXT: shared}, alignments, text_maps, references.rows, {}, report)
    return calibrate(fusion, held)


def _align(
    held: Mapping[Strand, Vectors],
    bridges: Mapping[Strand, Bridge],
    own: Mapping[Strand, Affine],
    shared: Affine,
    references: References,
) -> tuple[dict[Strand, Alignment], dict[Strand, TextMap], dict[str, float]]:
    alignments: dict[Strand, Alignment] = {}
    text_maps: dict[Strand, TextMap] = {}
    report: dict[str, float] = {}
    texts = held.get(Strand.TEXT)
    for strand, raw in held.items():
        if strand is Strand.TEXT:
            continue
        bridge = centred_bridge(bridges[strand], shared, raw) if strand in bridges else None
        known = np.zeros((len(raw), len(shared.shift)), np.float32) if texts is None else texts
        pairs = make_pairs(known, raw, shared=shared, own=own[strand])
        alignment, chosen = fit_alignment(pairs, bridge=bridge, references=references)
        text_map = None
        if alignment is not None:
            alignments[strand] = alignment
            text_map, more = fit_text_map(pairs, alignment, references=references)
            chosen = {**chosen, **more}
        if text_map is not None:
            text_maps[strand] = text_map
        report |= {f"{strand}.{name}": float(value) for name, value in chosen.items()}
    return alignments, text_maps, report


def _own_axes(
    strand: Strand, rows: Vectors, held: Mapping[Strand, Vectors], bridges: Mapping[Strand, Bridge]
) -> Affine:
    if len(held) == 1:
        return identity(rows.shape[1])
    if strand is Strand.TEXT:
        return _anchor_axes(rows, bridges)
    return principal_axes(sample(rows), OWN_DIMENSION)


def _anchor_axes(texts: Vectors | None, bridges: Mapping[Strand, Bridge]) -> Affine:
    """Return the axes of the shared space; the centre is that of the catalogue's texts where it has any."""
    known = [] if texts is None else [sample(texts)]
    names = [bridge.names for bridge in bridges.values()]
    axes = principal_axes(np.concatenate([*known, *names]), SHARED_DIMENSION)
    return Affine(centre(known[0]), axes.matrix) if known else axes


def _blocks(
    own: Mapping[Strand, Affine], alignments: Mapping[Strand, Alignment], text_maps: Mapping[Strand, TextMap]
) -> tuple[Block, ...]:
    blocks: list[Block] = []
    start = 0
    for strand in Strand:
        widths = []
        if strand in own:
            widths.append((False, own[strand].matrix.shape[1], strand in text_maps))
        if strand in alignments:
            widths.append((True, alignments[strand].dimension, True))
        for aligned, width, hub in widths:
            blocks.append(Block(strand, aligned, start, start + width, hub))
            start = blocks[-1].end
    return tuple(blocks)

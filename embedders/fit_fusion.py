"""Learning a Fusion from a catalogue: everything is chosen on validation inside it."""

from collections.abc import Collection, Mapping

import numpy as np

from embedders.alignment import Alignment, centred_bridge
from embedders.blocks import Block
from embedders.bridge import Bridge
from embedders.calibration import calibrate, uncalibrated
from embedders.encoder import Vectors
from embedders.fit_alignment import References, fit_alignment, fit_text_map, make_pairs, pair_places
from embedders.fit_tower import fit_tower_map
from embedders.fusion import Fusion
from embedders.items import Strand
from embedders.kernel_ridge import KernelRidge
from embedders.kin import Categories, fit_kin
from embedders.spaces import Affine, centre, identity, present, principal_axes, row_hashes, sample, sample_places, unit
from embedders.text_map import TextMap
from embedders.tower import Tower, tower_axes, tower_bridge

SHARED_DIMENSION = 128
OWN_DIMENSION = 64
"""A strand that has both blocks has 192 dimensions together; measured, more find nothing better."""


PIECES = ("ridge", "head", "bridge", "text_map", "hubness", "kin", "calibration")
"""What is learnt, each to be left out by an ablation."""


def fit_fusion(
    vectors: Mapping[Strand, Vectors],
    *,
    bridges: Mapping[Strand, Bridge] | None = None,
    towers: Mapping[Strand, Tower] | None = None,
    categories: Categories | None = None,
    without: Collection[str] = (),
) -> Fusion:
    """Learn from n items: `vectors` are raw unit rows (n, dimension) by strand, zero rows where an item lacks it.

    Texts are the anchor: other strands are mapped into their space by what was learnt from the catalogue's own pairs,
    and by a `bridge` where there is one, and texts into the space of the others. A strand whose model reads texts
    has a `tower`: it keeps its own space, and is a bridge by itself. What `categories` (n,) teach says which items are
    of a kind where an item asks for what is like it. All is chosen by how well held-out pairs find
    each other. The order of the items does not matter; nothing is random. A catalogue with one strand only
    keeps the encoder's vectors as they are. Pieces in `without` are not learnt: an ablation. Raises ValueError for
    unequal numbers of rows, and for a piece in `without` that is none.
    """
    if unknown := set(without) - set(PIECES):
        raise ValueError(f"without holds {', '.join(sorted(unknown))}; expected some of {', '.join(PIECES)}")
    held = _held(vectors)
    given = {} if bridges is None or "bridge" in without else bridges
    bridges = {strand: bridge for strand, bridge in given.items() if strand in held}
    texts = held.get(Strand.TEXT)
    towers = {s: t for s, t in (towers or {}).items() if s in held and (texts is not None or len(t.word_texts))}
    own = {strand: _own_axes(strand, rows, held, bridges, towers) for strand, rows in held.items()}
    spanning = dict(bridges)
    if "bridge" not in without:
        bridges |= {strand: tower_bridge(tower, texts, held[strand]) for strand, tower in towers.items()}
    nothing = np.zeros((0, 0), np.float32)
    if set(held) == {Strand.TEXT} or (not bridges and texts is None):
        return calibrate(Fusion(_blocks(own, {}, {}, {}), own, {}, {}, nothing, {}), held)
    shared = own[Strand.TEXT] if texts is not None else _anchor_axes(None, spanning or bridges)
    # Where no item has a text, the class names stand for the texts that will be asked.
    names = _names(bridges, towers) if texts is None else texts
    places = sample_places(names)[: 0 if "hubness" in without else None]
    references = References(unit(shared(names[places])), row_hashes(names[places]))
    rows = {s: (tower.words if texts is None else tower.texts)[places] for s, tower in towers.items()}
    alignments, text_maps, report = _align(held, bridges, own, shared, references, towers, rows, without)
    kin = fit_kin(held, categories) if categories is not None and "kin" not in without else {}
    blocks = _blocks(own, alignments, text_maps, kin)
    fusion = Fusion(blocks, own | {Strand.TEXT: shared}, alignments, text_maps, references.rows, {}, report, kin)
    if "calibration" in without:
        return uncalibrated(fusion)
    return calibrate(fusion, held, towers={strand: tower.texts for strand, tower in towers.items()})


def _held(vectors: Mapping[Strand, Vectors]) -> dict[Strand, Vectors]:
    """Return the vectors of the strands that any item has, in the order of strands."""
    counts = {len(rows) for rows in vectors.values()}
    if len(counts) > 1:
        raise ValueError(f"vectors have {sorted(counts)} rows; expected one number of rows for all strands")
    return {strand: vectors[strand] for strand in Strand if strand in vectors and present(vectors[strand]).any()}


def _names(bridges: Mapping[Strand, Bridge], towers: Mapping[Strand, Tower]) -> Vectors:
    """Return texts (k, d) that stand for those that will be asked: the words of the towers, or class names."""
    return next(iter(towers.values())).word_texts if towers else next(iter(bridges.values())).names


def _align(
    held: Mapping[Strand, Vectors],
    bridges: Mapping[Strand, Bridge],
    own: Mapping[Strand, Affine],
    shared: Affine,
    references: References,
    towers: Mapping[Strand, Tower],
    reference_rows: Mapping[Strand, Vectors],
    without: Collection[str],
) -> tuple[dict[Strand, Alignment], dict[Strand, TextMap], dict[str, float]]:
    alignments: dict[Strand, Alignment] = {}
    text_maps: dict[Strand, TextMap] = {}
    report: dict[str, float] = {}
    texts = held.get(Strand.TEXT)
    text_map: TextMap | None
    more: Mapping[str, float]
    for strand, raw in ((strand, raw) for strand, raw in held.items() if strand is not Strand.TEXT):
        bridge = centred_bridge(bridges[strand], shared, raw) if strand in bridges else None
        known = np.zeros((len(raw), len(shared.shift)), np.float32) if texts is None else texts
        pairs = make_pairs(known, raw, shared=shared, own=own[strand])
        alignment, chosen = fit_alignment(pairs, bridge=bridge, references=references, without=without)
        if alignment is not None:
            alignments[strand] = alignment
            if "text_map" in without:
                text_map, more = None, {}
            elif strand in towers:
                asked, rows = towers[strand].texts[pair_places(known, raw)], reference_rows[strand]
                tower = _tower_map(rows, own[strand], centred=len(held) > 1)
                text_map, more = fit_tower_map(
                    pairs, asked, alignment, references=references, reference_rows=rows, tower=tower
                )
            else:
                text_map, more = fit_text_map(pairs, alignment, references=references)
            chosen = {**chosen, **more}
            if text_map is not None:
                text_maps[strand] = text_map
        report |= {f"{strand}.{name}": float(value) for name, value in chosen.items()}
    return alignments, text_maps, report


def _tower_map(rows: Vectors, own: Affine, *, centred: bool) -> Affine:
    """Return the map of texts as a tower encodes them, such as `rows` (r, p), into the own block of its strand."""
    return Affine(centre(rows) if centred else np.zeros_like(own.shift), own.matrix)


def _own_axes(
    strand: Strand, rows: Vectors, held: Mapping[Strand, Vectors], bridges: Mapping[Strand, Bridge],
    towers: Mapping[Strand, Tower],
) -> Affine:  # fmt: skip
    if len(held) == 1:
        return identity(rows.shape[1])
    if strand in towers:
        return tower_axes(towers[strand], rows)
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
    own: Mapping[Strand, Affine], alignments: Mapping[Strand, Alignment], text_maps: Mapping[Strand, TextMap],
    kin: Mapping[Strand, KernelRidge],
) -> tuple[Block, ...]:  # fmt: skip
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
        if strand in kin:
            blocks.append(Block(strand, False, start, start + kin[strand].dimension, False, kin=True))
            start = blocks[-1].end
    return tuple(blocks)

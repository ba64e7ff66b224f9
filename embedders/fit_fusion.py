"""Learning a Fusion from a catalogue: everything is chosen on validation inside it."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from embedders.alignment import Alignment, fit_alignment, row_hashes
from embedders.bridge import Bridge
from embedders.encoder import Vectors
from embedders.fusion import Block, Fusion, Pair
from embedders.items import Strand
from embedders.spaces import Affine, present, principal_axes, unit

SHARED_DIMENSION = 192
OWN_DIMENSION = 128
OWN_WEIGHT = 0.5
"""How much pictures among pictures, or sounds among sounds, count beside texts among texts. Measured on the products:
neighbours of the same category .753 by text alone, .766 at a quarter and .764 at a half, .753 at one."""
STRENGTHS = (0.3, 1.0, 3.0, 10.0)
BRIDGE_WEIGHTS = (0.0, 0.25, 0.5, 1.0)
TEXT_WEIGHTS = (0.3, 0.5, 1.0)
"""Candidates for the weight of an item's text beside its picture, when both answer a text."""
SAMPLE = 2_000
"""Pairs that validation looks at, at most."""


def fit_fusion(vectors: Mapping[Strand, Vectors], *, bridges: Mapping[Strand, Bridge] | None = None) -> Fusion:
    """Learn from n items: `vectors` are raw unit rows (n, dimension) by strand, zero rows where an item lacks it.

    Texts are the anchor: other strands are mapped into their space by ridge from the catalogue's own pairs, and by a
    `bridge` where there is one. Ridge strength, the bridge's weight and the weights of the strands are chosen by how
    well held-out pairs find each other. The order of the items does not matter; nothing is random.
    """
    held = {strand: rows for strand, rows in sorted(vectors.items()) if present(rows).any()}
    bridges = {strand: bridge for strand, bridge in (bridges or {}).items() if strand in held}
    own = {strand: _own_axes(strand, rows, held, bridges) for strand, rows in held.items()}
    if set(held) <= {Strand.TEXT} or (not bridges and Strand.TEXT not in held):
        return _calibrated(Fusion(_blocks(own, {}), own, {}, np.zeros((0, 0), np.float32), {}), held, {})
    shared = own.get(Strand.TEXT) or _anchor_axes(None, list(bridges.values()))
    texts = (
        unit(shared(held[Strand.TEXT])) if Strand.TEXT in held else np.zeros((0, shared.matrix.shape[1]), np.float32)
    )
    # Where no item has a text, the class names stand for the texts that will be asked.
    # Equal texts are told apart by their raw vectors: once projected they may differ in the last bit.
    asked = _sample(held[Strand.TEXT][present(held[Strand.TEXT])]) if len(texts) else next(iter(bridges.values())).names
    references = unit(shared(asked))
    alignments: dict[Strand, Alignment] = {}
    report: dict[str, float] = {}
    for strand, rows in held.items():
        if strand is Strand.TEXT:
            continue
        aligned = texts if len(texts) else np.zeros((len(rows), texts.shape[1]), np.float32)
        found = _choose(rows, aligned, bridges.get(strand), shared, references)
        if found is not None:
            alignments[strand], chosen = found
            report.update({f"{strand}.{name}": value for name, value in chosen.items()})
    own.setdefault(Strand.TEXT, shared)
    fusion = Fusion(_blocks({s: own[s] for s in held}, alignments), own, alignments, references, {}, report)
    return _calibrated(fusion, held, alignments)


def _own_axes(
    strand: Strand, rows: Vectors, held: Mapping[Strand, Vectors], bridges: Mapping[Strand, Bridge]
) -> Affine:
    known = rows[present(rows)]
    if len(held) == 1:
        width = rows.shape[1]
        return Affine(np.zeros(width, np.float32), np.eye(width, dtype=np.float32))
    if strand is Strand.TEXT:
        return _anchor_axes(known, list(bridges.values()))
    return principal_axes(_sample(known), OWN_DIMENSION)


def _anchor_axes(texts: Vectors | None, bridges: list[Bridge]) -> Affine:
    """Return the axes of the shared space; the centre is that of the catalogue's texts where it has any."""
    names = [bridge.names for bridge in bridges[:1]]
    together = np.concatenate([*([] if texts is None else [_sample(texts)]), *names])
    axes = principal_axes(together, SHARED_DIMENSION)
    return axes if texts is None else Affine(_sample(texts).mean(axis=0), axes.matrix)


def _sample(rows: Vectors) -> Vectors:
    """Return at most SAMPLE different rows, the same whatever their order."""
    digests, first = np.unique(row_hashes(rows), return_index=True)
    return rows[first[: min(SAMPLE, len(digests))]] if len(rows) else rows


def _choose(
    rows: Vectors, texts: Vectors, bridge: Bridge | None, shared: Affine, references: Vectors
) -> tuple[Alignment, dict[str, float]] | None:
    """Return the alignment that lets held-out pairs find each other best, with its figures; None without any way."""
    bridge_map = Affine(np.zeros(0, np.float32), np.zeros((0, 0), np.float32))
    if bridge is not None:
        # The bridge's texts are centred by themselves: they lie in another corner than the catalogue's.
        centre = _sample(bridge(rows[present(rows)])).mean(axis=0)
        bridge_map = Affine(np.asarray(centre, dtype=np.float32), shared.matrix)
    pairs = np.flatnonzero(present(rows) & present(texts))
    probes = pairs[np.argsort(row_hashes(rows[pairs]))[:SAMPLE]] if len(pairs) else pairs
    best: tuple[float, Alignment, dict[str, float]] | None = None
    for strength in STRENGTHS:
        fitted = fit_alignment(rows, texts, strength=strength, bridge=bridge, bridge_map=bridge_map, bridge_weight=1.0)
        if not fitted.maps and bridge is None:
            return None
        for weight in BRIDGE_WEIGHTS if bridge is not None and fitted.maps else (float(bridge is not None),):
            candidate = replace(fitted, bridge_weight=weight)
            value = _found_rank(texts[probes], candidate(rows[probes]), references) if len(probes) else 0.0
            if best is None or value > best[0]:
                report = {"pairs": float(len(pairs)), "strength": strength, "bridge": weight, "mrr": value}
                best = value, candidate, report
        if not fitted.maps:
            break
    return None if best is None else (best[1], best[2])


def _found_rank(texts: Vectors, aligned: Vectors, references: Vectors) -> float:
    """Return the mean reciprocal rank at which texts find their own partner among all partners."""
    scores = texts @ aligned.T - 0.5 * _hubness(aligned, references)
    return _reciprocal_rank(scores)


def _reciprocal_rank(scores: NDArray[np.floating]) -> float:
    own = np.diag(scores)[:, None]
    # A tie counts half: rows that are equal cannot be told apart by anybody.
    ranks = (scores > own).sum(axis=1) + 0.5 * ((scores == own).sum(axis=1) - 1) + 1.0
    return float((1.0 / ranks).mean())


def _hubness(rows: Vectors, references: Vectors) -> NDArray[np.float32]:
    empty = Fusion((), {}, {}, references, {})
    return empty.hubness(rows)


def _blocks(own: Mapping[Strand, Affine], alignments: Mapping[Strand, Alignment]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    start = 0
    for strand in Strand:
        widths = []
        if strand in own:
            widths.append((False, own[strand].matrix.shape[1], bool(alignments) and strand is Strand.TEXT))
        if strand in alignments:
            widths.append((True, alignments[strand].dimension, True))
        for aligned, width, hub in widths:
            block = Block(strand, aligned, start, start + width, hub)
            blocks.append(block)
            start = block.end
    return tuple(blocks)


def _calibrated(fusion: Fusion, held: Mapping[Strand, Vectors], alignments: Mapping[Strand, Alignment]) -> Fusion:
    """Return the fusion with the pairs of strands it can compare, each with its mean and deviation."""
    single = len(fusion.blocks) == 1
    sample = {strand: _probe(rows) for strand, rows in held.items()}
    fused = {strand: fusion.fuse({strand: rows[sample[strand]]}) for strand, rows in held.items()}
    pairs: dict[tuple[Strand, int], Pair] = {}
    for place, block in enumerate(fusion.blocks):
        items = fused[block.strand][:, block.start : block.end]
        if not block.aligned:
            pairs[block.strand, place] = Pair() if single else _pair(items, items, block, True)
        if block.aligned or block.strand is Strand.TEXT:
            for asked in (Strand.TEXT, *alignments):
                if asked is block.strand:
                    continue
                queries = _shared_rows(fusion, fused, asked)
                if queries is not None:
                    pairs[asked, place] = _pair(queries, items, block, False)
    return _weighted(replace(fusion, pairs=pairs), held)


def _probe(rows: Vectors) -> NDArray[np.int64]:
    known = np.flatnonzero(present(rows))
    return known[np.argsort(row_hashes(rows[known]), kind="stable")[: SAMPLE // 2]]


def _shared_rows(fusion: Fusion, fused: Mapping[Strand, Vectors], asked: Strand) -> Vectors | None:
    for block in fusion.blocks:
        if block.strand is asked and (block.aligned or asked is Strand.TEXT):
            return fused[asked][:, block.start : block.stop]
    return fusion.references if asked is Strand.TEXT and len(fusion.references) else None


def _pair(queries: Vectors, items: Vectors, block: Block, same: bool) -> Pair:
    width = block.stop - block.start
    scores = queries[:, :width] @ items[:, :width].T
    if block.hub:
        scores = scores - 0.5 * items[:, width]
    others = scores[~np.eye(len(scores), dtype=np.bool_)] if same and len(scores) > 1 else scores.ravel()
    deviation = float(others.std()) if len(others) else 0.0
    weight = OWN_WEIGHT if same and block.strand is not Strand.TEXT else 1.0
    return Pair(float(others.mean()) if len(others) else 0.0, deviation if deviation > 1e-6 else 1.0, weight)


def _weighted(fusion: Fusion, held: Mapping[Strand, Vectors]) -> Fusion:
    """Choose how much an item's text counts beside another strand when a text is asked for.

    Each held-out pair in turn lacks its text, all others keep theirs: what is chosen lets items with one strand be
    found among items with two.
    """
    text = next((p for p, b in enumerate(fusion.blocks) if b.strand is Strand.TEXT), None)
    pairs = dict(fusion.pairs)
    report = dict(fusion.report)
    for place, block in enumerate(fusion.blocks):
        if text is None or not block.aligned or (Strand.TEXT, place) not in pairs:
            continue
        rows, texts = held[block.strand], held[Strand.TEXT]
        both = np.flatnonzero(present(rows) & present(texts))
        if len(both) < 2:
            continue
        chosen = both[np.argsort(row_hashes(rows[both]), kind="stable")[:SAMPLE]]
        fused = fusion.fuse({block.strand: rows[chosen], Strand.TEXT: texts[chosen]})
        by_text = _standard(fused, fused, fusion.blocks[text], fusion.blocks[text], pairs[Strand.TEXT, text])
        by_other = _standard(fused, fused, fusion.blocks[text], block, pairs[Strand.TEXT, place])
        values = {}
        for weight in TEXT_WEIGHTS:
            scores = (weight * by_text + by_other) / (1.0 + weight)
            np.fill_diagonal(scores, np.diag(by_other))
            values[weight] = _reciprocal_rank(scores)
        best = max(values, key=lambda weight: values[weight])
        pairs[Strand.TEXT, place] = replace(pairs[Strand.TEXT, place], weight=1.0 / best)
        report[f"{block.strand}.text_weight"] = best
        report[f"{block.strand}.mrr_whole"] = values[best]
    return replace(fusion, pairs=pairs, report=report)


def _standard(queries: Vectors, items: Vectors, asked: Block, block: Block, pair: Pair) -> NDArray[np.float64]:
    scores = (queries[:, asked.start : asked.stop] @ items[:, block.start : block.stop].T).astype(np.float64)
    if block.hub:
        scores -= 0.5 * items[:, block.stop]
    return (scores - pair.mean) / pair.deviation

"""Calibration: pairs of strands made comparable, and how much an item's text counts beside its other strands."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from embedders.blocks import Comparison, Pair
from embedders.encoder import Vectors
from embedders.fusion import Fusion, QueryRows
from embedders.held_out_gain import held_out_gain
from embedders.items import Strand
from embedders.kernel_ridge import fold_of
from embedders.kin import LENGTH
from embedders.spaces import in_hash_order, present, row_hashes, unit
from embedders.text_map import TextMap

PROBES = 1_000
OWN_WEIGHT = 0.5
"""How much pictures among pictures, or sounds among sounds, count beside texts among texts, where query and item
have both; and texts for a picture that is asked, beside the pictures. Measured, neighbours of one category among ten:
products .757 by text alone, .767 at a half; films .551 and .593; at one .760 and .598."""
KIN_WEIGHT = 2.0
"""How much the likeness of kind counts beside that of the contents, where an item asks for what is like it. Measured on
products not learnt from, neighbours of one category among ten: .638 without, .686 at 1, .695 at 2, .701 at 4."""
WORDS_KIN_WEIGHT = 0.5
"""The same where words ask for pictures or sounds. Measured, names of 600 products whose text is hidden: of their
category .653 without, .722 at a half, .741 at 1, the product itself .786, .786, .753."""
TEXT_WEIGHTS = (0.3, 0.5, 1.0)
"""Candidates for the weight of an item's text beside its picture, when both answer a text."""


def calibrate(
    fusion: Fusion, vectors: Mapping[Strand, Vectors], *, towers: Mapping[Strand, Vectors] | None = None
) -> Fusion:
    """Return `fusion` with the pairs of strands that it can compare, learnt from the items' raw `vectors`.

    `towers` (n, p) are the items' texts as the text towers of other strands encode them.
    """
    towers = towers or {}
    if len(fusion.blocks) == 1 and not fusion.alignments:
        only = Pair((Comparison(0, 1.0, False),))
        return replace(fusion, pairs={(fusion.blocks[0].strand, fusion.blocks[0].strand): only})
    items = {}
    towers = {strand: texts for strand, texts in towers.items() if strand in fusion.text_maps}
    # What the towers make of the texts that are asked, in the order of those.
    by_tower = {strand: fusion.text_maps[strand].references for strand in towers}
    for strand in fusion.strands:
        rows = vectors[strand]
        places = in_hash_order(rows, np.flatnonzero(present(rows)))[:PROBES]
        items[strand] = fusion.fuse({strand: rows[places]})
        if strand is Strand.TEXT:
            by_tower = {other: fusion.text_maps[other].by_tower(towers[other][places]) for other in towers}
    queries = dict(items)
    if Strand.TEXT in fusion.own and Strand.TEXT not in items:
        queries[Strand.TEXT] = fusion.references
    pairs = {}
    for asked, rows in queries.items():
        for wanted in fusion.strands:
            pair = _pair(fusion, _comparisons(fusion, asked, wanted), asked, wanted, rows, items[wanted], by_tower)
            if pair is not None:
                pairs[asked, wanted] = pair
    alike = {strand: _alike(fusion, strand, items[strand]) for strand in fusion.kin}
    return _with_text_weights(replace(fusion, pairs=pairs, alike=alike), vectors, towers)


def uncalibrated(fusion: Fusion) -> Fusion:
    """Return `fusion` with the pairs of strands that it can compare, all cosines alike: an ablation."""
    pairs = {}
    for asked in dict.fromkeys((*fusion.strands, *fusion.own)):
        for wanted in fusion.strands:
            if comparisons := _comparisons(fusion, asked, wanted):
                pairs[asked, wanted] = Pair(tuple(comparisons))
    alike = {strand: Pair(tuple(_likenesses(fusion, strand))) for strand in fusion.kin}
    return replace(fusion, pairs=pairs, alike=alike)


def _alike(fusion: Fusion, strand: Strand, items: Vectors) -> Pair:
    pair = _pair(fusion, _likenesses(fusion, strand), strand, strand, items, items, {})
    assert pair is not None
    return pair


def _likenesses(fusion: Fusion, strand: Strand) -> list[Comparison]:
    """Return how items are compared with an item in the same strand: by what they are, and by what kind they are."""
    kin = next(place for place, block in enumerate(fusion.blocks) if block.kin and block.strand is strand)
    return [*_comparisons(fusion, strand, strand), Comparison(kin, KIN_WEIGHT, False)]


def _pair(
    fusion: Fusion, compared: Sequence[Comparison], asked: Strand, wanted: Strand, queries: Vectors, items: Vectors,
    towers: QueryRows,
) -> Pair | None:  # fmt: skip
    own, shared, kin = _query_blocks(fusion, asked, queries)
    comparisons = []
    total = np.zeros((len(queries), len(items)), dtype=np.float64)
    kept = np.ones(total.shape, dtype=np.bool_)
    if asked is wanted and len(items) > 1:
        np.fill_diagonal(kept, False)
    for comparison in compared:
        rows = fusion.query_rows(asked, fusion.blocks[comparison.place], own, shared, kin, towers)
        scores = _scores(fusion, comparison, rows, items)
        comparison = replace(comparison, weight=comparison.weight / _deviation(scores[kept]))
        total += comparison.weight * scores
        comparisons.append(comparison)
    if not comparisons:
        return None
    weight = 1.0 if Strand.TEXT is asked else OWN_WEIGHT
    return Pair(tuple(comparisons), float(total[kept].mean()), _deviation(total[kept]), weight)


def _comparisons(fusion: Fusion, asked: Strand, wanted: Strand) -> list[Comparison]:
    found = []
    for place, block in enumerate(fusion.blocks):
        if block.strand is not wanted:
            continue
        if block.kin:
            if asked is Strand.TEXT and wanted is not asked and asked in fusion.kin:
                found.append(Comparison(place, WORDS_KIN_WEIGHT, False))
        elif asked is wanted:
            found.append(Comparison(place, 1.0, False))
        elif asked is Strand.TEXT and not block.aligned:
            if wanted in fusion.text_maps:
                found.append(Comparison(place, fusion.text_maps[wanted].weight, True))
        elif asked is Strand.TEXT or (asked in fusion.alignments and (block.aligned or wanted is Strand.TEXT)):
            found.append(Comparison(place, 1.0, block.hub and asked is Strand.TEXT))
    return found


def _query_blocks(
    fusion: Fusion, asked: Strand, queries: Vectors
) -> tuple[dict[Strand, Vectors], dict[Strand, Vectors], dict[Strand, Vectors]]:
    own: dict[Strand, Vectors] = {}
    shared: dict[Strand, Vectors] = {}
    kin: dict[Strand, Vectors] = {}
    for block in fusion.blocks:
        if block.strand is asked:
            blocks = kin if block.kin else shared if block.aligned else own
            blocks[asked] = unit(queries[:, block.start : block.stop])
    if asked not in own:  # texts are asked for, but no item has one
        own[asked] = queries
    return own, shared, kin


def _scores(fusion: Fusion, comparison: Comparison, queries: Vectors, items: Vectors) -> NDArray[np.float64]:
    block = fusion.blocks[comparison.place]
    scores = (queries @ items[:, block.start : block.stop].T).astype(np.float64)
    return scores - items[:, block.stop] if comparison.hub else scores


def _deviation(scores: NDArray[np.float64]) -> float:
    deviation = float(scores.std()) if len(scores) else 0.0
    return deviation if deviation > 1e-6 else 1.0


def _with_text_weights(fusion: Fusion, vectors: Mapping[Strand, Vectors], towers: Mapping[Strand, Vectors]) -> Fusion:
    """Choose how much an item's text counts beside another strand when a text is asked for.

    Each held-out pair in turn lacks its text, all others keep theirs: what is chosen lets items with one strand be
    found among items with two.
    """
    pairs, report = dict(fusion.pairs), dict(fusion.report)
    for wanted in fusion.alignments:
        if Strand.TEXT not in vectors:
            continue
        raw, texts = vectors[wanted], vectors[Strand.TEXT]
        both = in_hash_order(raw, np.flatnonzero(present(raw) & present(texts)))[:PROBES]
        if len(both) < 2:
            continue
        fused = fusion.fuse({wanted: raw[both], Strand.TEXT: texts[both]})
        digests = row_hashes(texts[both])
        asked = towers[wanted][both] if wanted in towers else None
        by_text = _standard_scores(fusion, Strand.TEXT, fused, raw[both])
        by_other = _standard_scores(fusion, wanted, fused, raw[both], asked)
        gains = {weight: _gain_without_text(by_text, by_other, weight, digests) for weight in TEXT_WEIGHTS}
        best = max(TEXT_WEIGHTS, key=lambda weight: gains[weight])
        pairs[Strand.TEXT, wanted] = replace(pairs[Strand.TEXT, wanted], weight=1.0 / best)
        report |= {f"{wanted}.text_weight": best, f"{wanted}.gain_whole": gains[best]}
    return replace(fusion, pairs=pairs, report=report)


def _gain_without_text(
    by_text: NDArray[np.float64], by_other: NDArray[np.float64], weight: float, texts: NDArray[np.uint64]
) -> float:
    scores = (weight * by_text + by_other) / (1.0 + weight)
    np.fill_diagonal(scores, np.diag(by_other))
    return held_out_gain(scores, texts)


def _standard_scores(
    fusion: Fusion, wanted: Strand, fused: Vectors, raw: Vectors, asked: Vectors | None = None
) -> NDArray[np.float64]:
    """Return the calibrated scores (n, n) of n items' texts with their strand `wanted`, no map having seen its pair.

    `asked` (n, p) are the texts as the tower of that strand encodes them, None where it has none.
    """
    pair = fusion.pairs[Strand.TEXT, wanted]
    place = next(block for block in fusion.blocks if block.strand is Strand.TEXT)
    texts = fused[:, place.start : place.stop]
    total = np.zeros((len(fused), len(fused)), dtype=np.float64)
    for comparison in pair.comparisons:
        block = fusion.blocks[comparison.place]
        rows = texts
        if block.kin:
            kin = next(one for one in fusion.blocks if one.kin and one.strand is Strand.TEXT)
            rows = unit(fused[:, kin.start : kin.stop]) / np.float32(LENGTH)
        elif not block.aligned and wanted is not Strand.TEXT:
            rows = _held_out_rows(fusion.text_maps[wanted], texts, raw, asked)
        total += comparison.weight * _scores(fusion, comparison, rows, fused)
    return (total - pair.mean) / pair.deviation


def _held_out_rows(text_map: TextMap, texts: Vectors, raw: Vectors, asked: Vectors | None) -> Vectors:
    """Return texts in another strand's own space, by its tower, or by maps that have not seen the pair."""
    if asked is not None:
        return text_map.by_tower(asked)
    assert text_map.ridge is not None
    return unit(text_map.ridge.by_fold(texts, fold_of(row_hashes(raw))))

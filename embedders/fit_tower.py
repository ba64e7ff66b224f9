"""Fitting a TextMap for a strand whose own model reads texts: nothing but its weight need be learnt."""

from collections.abc import Mapping

from embedders.alignment import Alignment
from embedders.encoder import Vectors
from embedders.fit_alignment import PROBES, Pairs, References, standard
from embedders.held_out_gain import held_out_gain
from embedders.hubness import hubness
from embedders.kernel_ridge import fit_kernel_ridges
from embedders.spaces import Affine, unit
from embedders.text_map import TextMap

TOWER_WEIGHTS = (0.5, 1.0, 2.0, 4.0)
UNTRIED_WEIGHT = 4.0
"""Where no pair tells: the tower's own verdict, and a little of the bridge that was made of it."""
STEEPNESS, STRENGTH = 1.0, 0.1


def fit_tower_map(
    pairs: Pairs,
    asked: Vectors,
    alignment: Alignment,
    *,
    references: References,
    reference_rows: Vectors,
    tower: Affine,
) -> tuple[TextMap, Mapping[str, float]]:
    """Return the map of texts into the own space of a strand, and figures of what was chosen.

    `asked` (n, p) are the texts of `pairs`, `reference_rows` (r, p) the `references`, both as the tower encodes
    them; `tower` maps those into the block. The weight is what lets pairs find each other best.
    """
    mapped = unit(tower(reference_rows))
    ridges = fit_kernel_ridges(references.rows, mapped, steepness=STEEPNESS, strengths=[STRENGTH])
    weight, chosen = UNTRIED_WEIGHT, {"text_map": UNTRIED_WEIGHT}
    probes = pairs.first(PROBES)
    if len(probes) > 1:
        aligned = alignment.items(probes.raw)
        shared = standard(probes.texts @ aligned.T - hubness(aligned, references.rows))
        scores = standard(unit(tower(asked[: len(probes)])) @ probes.own.T - hubness(probes.own, mapped))
        gains = {one: held_out_gain(shared + one * scores, probes.digests) for one in TOWER_WEIGHTS}
        weight = max(TOWER_WEIGHTS, key=lambda one: gains[one])
        chosen = {"text_map": weight, "gain": gains[weight]}
    return TextMap(ridges[0] if ridges else None, mapped, weight, tower), chosen

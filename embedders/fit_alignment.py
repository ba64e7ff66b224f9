"""Fitting an Alignment and a TextMap: what is learnt is what lets held-out pairs find each other best."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedders.alignment import Alignment, BridgeMap
from embedders.contrastive import train_contrastive
from embedders.encoder import Vectors
from embedders.held_out_gain import held_out_gain
from embedders.hubness import hubness
from embedders.kernel_ridge import FOLDS, KernelRidge, fit_kernel_ridges, fold_of
from embedders.spaces import Affine, in_hash_order, present, row_hashes, unit
from embedders.text_map import TextMap

STEEPNESSES = (1.0, 2.0)
STRENGTHS = (0.1, 1.0)
HEAD_STEPS = 40.0
HEAD_MARGIN = 0.02
"""A contrastive head is kept where held-out pairs gain more by it: less was no gain on pairs never looked at."""
HEAD_PROBES = 500
"""Pairs it is judged on, at most: each takes steps of training, not one equation."""
BRIDGE_WEIGHTS = (0.0, 0.25, 0.5, 1.0)
TEXT_MAP_WEIGHTS = (0.5, 1.0)
PAIRS = 20_000
"""Pairs that are learnt from, at most."""
PROBES = 1_000
"""Pairs that validation learns from and looks at, at most."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """n items that have a text and one other strand, in an order that depends on the content of the other alone.

    `texts` (n, d) and `own` (n, w) are unit blocks, `raw` (n, p) the encoder's rows of the other strand. `digests`
    (n,) are hashes of the texts as encoded: equal texts, once mapped, may differ in the last bit.
    """

    texts: Vectors
    digests: NDArray[np.uint64]
    raw: Vectors
    own: Vectors

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.raw)

    def first(self, count: int) -> "Pairs":
        """Return the first `count` pairs."""
        return Pairs(self.texts[:count], self.digests[:count], self.raw[:count], self.own[:count])


@dataclass(frozen=True, slots=True)
class References:
    """r different texts that may be asked: unit blocks `rows` (r, d), and hashes (r,) of the texts as encoded."""

    rows: Vectors
    digests: NDArray[np.uint64]


def pair_places(texts: Vectors, raw: Vectors) -> NDArray[np.int64]:
    """Return the numbers of the items that `make_pairs` takes, in their order."""
    return in_hash_order(raw, np.flatnonzero(present(texts) & present(raw)))[:PAIRS]


def make_pairs(texts: Vectors, raw: Vectors, *, shared: Affine, own: Affine) -> Pairs:
    """Return the items that have both strands, `texts` (n, q) and `raw` (n, p) as encoded, zero where missing."""
    both = pair_places(texts, raw)
    return Pairs(unit(shared(texts[both])), row_hashes(texts[both]), raw[both], unit(own(raw[both])))


def fit_alignment(
    pairs: Pairs, *, bridge: BridgeMap | None, references: References, without: Collection[str] = ()
) -> tuple[Alignment | None, Mapping[str, float]]:
    """Learn to map raw vectors into the space of the texts, for the `references` that may be asked.

    Returns None without enough pairs and without a bridge, and figures of what was chosen; `ridge` and `head` may be
    left out by `without`.
    """
    dimension = references.rows.shape[1]
    probes = pairs.first(PROBES)
    tried: list[tuple[float, dict[str, float]]] = []
    for steepness in STEEPNESSES if "ridge" not in without else ():
        ridges = fit_kernel_ridges(probes.raw, probes.texts, steepness=steepness, strengths=STRENGTHS)
        for strength, ridge in zip(STRENGTHS, ridges, strict=False):
            for weight in BRIDGE_WEIGHTS if bridge is not None else (0.0,):
                aligned = Alignment(dimension, ridge, bridge, weight).items(probes.raw)
                gain = _gain(probes, aligned, references)
                chosen = {"steepness": steepness, "strength": strength, "bridge": weight, "head": 0.0}
                tried.append((gain, chosen))
    count = {"pairs": float(len(pairs))}
    if not tried:
        return None if bridge is None else Alignment(dimension, None, bridge, 1.0), count
    gain, chosen = max(tried, key=lambda one: one[0])
    if "head" not in without and _head_gain(probes.first(HEAD_PROBES), chosen, bridge, references) > HEAD_MARGIN:
        chosen = chosen | {"head": HEAD_STEPS}
        headed = Alignment(dimension, _mapped(probes, chosen), bridge, chosen["bridge"])
        gain = _gain(probes, headed.items(probes.raw), references)
    return Alignment(dimension, _mapped(pairs, chosen), bridge, chosen["bridge"]), count | chosen | {"gain": gain}


def _head_gain(probes: Pairs, chosen: Mapping[str, float], bridge: BridgeMap | None, references: References) -> float:
    """Return what held-out pairs gain by a contrastive head, 0 where there is too little to learn from."""
    gains = []
    for steps in (0.0, HEAD_STEPS):
        ridge = _mapped(probes, {**chosen, "head": steps})
        if ridge is None:
            return 0.0
        aligned = Alignment(references.rows.shape[1], ridge, bridge, chosen["bridge"]).items(probes.raw)
        gains.append(_gain(probes, aligned, references))
    return gains[1] - gains[0]


def _gain(probes: Pairs, aligned: Vectors, references: References) -> float:
    return held_out_gain(probes.texts @ aligned.T - hubness(aligned, references.rows), probes.digests)


def _mapped(pairs: Pairs, chosen: Mapping[str, float]) -> KernelRidge | None:
    """Learn from pairs as was chosen, None where they are too few."""
    strengths = [chosen["strength"]]
    ridges = fit_kernel_ridges(pairs.raw, pairs.texts, steepness=chosen["steepness"], strengths=strengths)
    if not ridges or not chosen["head"]:
        return ridges[0] if ridges else None
    ridge = ridges[0]
    folds, steps = fold_of(row_hashes(pairs.raw)), int(chosen["head"])
    return train_contrastive(ridge, pairs.raw, pairs.texts, pairs.digests, folds=folds, steps=steps)


def fit_text_map(
    pairs: Pairs, alignment: Alignment, *, references: References
) -> tuple[TextMap | None, Mapping[str, float]]:
    """Learn to map texts into the own space of the other strand, where that finds held-out pairs better.

    Returns None where it does not, and figures of what was chosen.
    """
    probes = pairs.first(PROBES)
    if not len(probes):
        return None, {}
    aligned = alignment.items(probes.raw)
    shared = standard(probes.texts @ aligned.T - hubness(aligned, references.rows))
    tried: list[tuple[float, dict[str, float]]] = [(held_out_gain(shared, probes.digests), {"text_map": 0.0})]
    for steepness in STEEPNESSES:
        for strength, ridge in zip(STRENGTHS, _text_ridges(probes, steepness, STRENGTHS), strict=False):
            mapped = unit(ridge.by_fold(probes.texts, _folds(probes)))
            scores = standard(
                mapped @ probes.own.T - hubness(probes.own, _mapped_references(ridge, probes, references))
            )
            for weight in TEXT_MAP_WEIGHTS:
                gain = held_out_gain(shared + weight * scores, probes.digests)
                chosen = {"text_map": weight, "text_map_steepness": steepness, "text_map_strength": strength}
                tried.append((gain, chosen))
    gain, chosen = max(tried, key=lambda one: one[0])
    if not chosen["text_map"]:
        return None, chosen
    [ridge] = _text_ridges(pairs, chosen["text_map_steepness"], [chosen["text_map_strength"]])
    return TextMap(ridge, _mapped_references(ridge, pairs, references), chosen["text_map"]), chosen | {"gain": gain}


def _text_ridges(pairs: Pairs, steepness: float, strengths: Sequence[float]) -> list[KernelRidge]:
    return fit_kernel_ridges(pairs.texts, pairs.own, steepness=steepness, strengths=strengths, folds=_folds(pairs))


def _folds(pairs: Pairs) -> NDArray[np.int64]:
    # By the picture or sound, because many of them may share one text.
    return fold_of(row_hashes(pairs.raw))


def _mapped_references(ridge: KernelRidge, pairs: Pairs, references: References) -> Vectors:
    known = dict(zip(pairs.digests.tolist(), _folds(pairs).tolist(), strict=True))
    folds = [known.get(digest, FOLDS) for digest in references.digests.tolist()]
    return unit(ridge.by_fold(references.rows, np.asarray(folds, dtype=np.int64)))


def standard(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return scores with mean 0 and deviation 1."""
    deviation = float(scores.std())
    return np.asarray((scores - scores.mean()) / (deviation if deviation > 1e-6 else 1.0), dtype=np.float64)

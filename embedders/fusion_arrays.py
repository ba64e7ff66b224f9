"""A Fusion as plain arrays, for safetensors, and back."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedders.alignment import Alignment
from embedders.bridge import Bridge
from embedders.fusion import Block, Fusion, Pair
from embedders.items import Strand
from embedders.spaces import Affine

Arrays = dict[str, NDArray[Any]]
META = "meta"


def to_arrays(fusion: Fusion) -> Arrays:
    """Return everything learned as named arrays; what is no array stands as JSON in one of them."""
    arrays: Arrays = {"references": fusion.references}
    for strand, axes in fusion.own.items():
        _put(arrays, f"own.{strand}", axes)
    for strand, alignment in fusion.alignments.items():
        arrays[f"seen.{strand}"] = alignment.seen
        for place, axes in enumerate(alignment.maps):
            _put(arrays, f"map.{strand}.{place}", axes)
        if alignment.bridge is not None:
            _put(arrays, f"bridge_map.{strand}", alignment.bridge_map)
            for name in ("weight", "bias", "names"):
                arrays[f"bridge_{name}.{strand}"] = getattr(alignment.bridge, name)
    meta = {
        "blocks": [[b.strand, b.aligned, b.start, b.stop, b.hub] for b in fusion.blocks],
        "own": list(fusion.own),
        "alignments": {
            strand: [a.dimension, len(a.maps), a.bridge_weight, a.bridge.scale if a.bridge else None]
            for strand, a in fusion.alignments.items()
        },
        "pairs": [[s, place, p.mean, p.deviation, p.weight] for (s, place), p in fusion.pairs.items()],
        "report": dict(fusion.report),
    }
    arrays[META] = np.frombuffer(json.dumps(meta, sort_keys=True).encode(), dtype=np.uint8)
    return arrays


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Fusion:
    """Return the Fusion that `to_arrays` wrote."""
    meta = json.loads(arrays[META].tobytes())
    alignments = {}
    for name, (dimension, count, bridge_weight, scale) in meta["alignments"].items():
        maps = tuple(_get(arrays, f"map.{name}.{place}") for place in range(count))
        bridge, bridge_map = None, Affine(np.zeros(0, np.float32), np.zeros((0, 0), np.float32))
        if scale is not None:
            weight, bias, names = (arrays[f"bridge_{part}.{name}"] for part in ("weight", "bias", "names"))
            bridge, bridge_map = Bridge(weight, bias, scale, names), _get(arrays, f"bridge_map.{name}")
        alignments[Strand(name)] = Alignment(dimension, maps, arrays[f"seen.{name}"], bridge, bridge_map, bridge_weight)
    return Fusion(
        tuple(Block(Strand(s), aligned, start, stop, hub) for s, aligned, start, stop, hub in meta["blocks"]),
        {Strand(name): _get(arrays, f"own.{name}") for name in meta["own"]},
        alignments,
        arrays["references"],
        {(Strand(s), place): Pair(mean, dev, weight) for s, place, mean, dev, weight in meta["pairs"]},
        meta["report"],
    )


def _put(arrays: Arrays, name: str, axes: Affine) -> None:
    arrays[f"{name}.shift"], arrays[f"{name}.matrix"] = axes.shift, axes.matrix


def _get(arrays: Mapping[str, NDArray[Any]], name: str) -> Affine:
    return Affine(arrays[f"{name}.shift"], arrays[f"{name}.matrix"])

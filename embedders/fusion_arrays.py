"""A Fusion as plain arrays, for safetensors, and back."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedders.alignment import Alignment, BridgeMap
from embedders.blocks import Block, Comparison, Pair
from embedders.bridge import Bridge
from embedders.fusion import Fusion
from embedders.items import Strand
from embedders.kernel_ridge import KernelRidge
from embedders.spaces import Affine
from embedders.text_map import TextMap

Arrays = dict[str, NDArray[Any]]
META = "meta"


def to_arrays(fusion: Fusion) -> Arrays:
    """Return everything learned as named arrays; what is no array stands as JSON in one of them."""
    arrays: Arrays = {"references": fusion.references}
    for strand, axes in fusion.own.items():
        _put_affine(arrays, f"own.{strand}", axes)
    for strand, alignment in fusion.alignments.items():
        if alignment.ridge is not None:
            _put_ridge(arrays, f"align.{strand}", alignment.ridge)
        if alignment.bridge is not None:
            _put_bridge(arrays, f"bridge.{strand}", alignment.bridge)
    for strand, text_map in fusion.text_maps.items():
        if text_map.ridge is not None:
            _put_ridge(arrays, f"text_map.{strand}", text_map.ridge)
        if text_map.tower is not None:
            _put_affine(arrays, f"tower.{strand}", text_map.tower)
        arrays[f"text_map.{strand}.references"] = text_map.references
    for strand, ridge in fusion.kin.items():
        _put_ridge(arrays, f"kin.{strand}", ridge)
    arrays[META] = np.frombuffer(json.dumps(_meta(fusion), sort_keys=True).encode(), dtype=np.uint8)
    return arrays


def fingerprint(fusion: Fusion) -> str:
    """Return a hash of everything learned: equal for fusions that map and compare in the same way."""
    digest = hashlib.sha256()
    for name, array in sorted(to_arrays(fusion).items()):
        digest.update(json.dumps([name, array.shape, str(array.dtype)]).encode() + array.tobytes())
    return digest.hexdigest()


def _meta(fusion: Fusion) -> dict[str, Any]:
    # Whether a strand that has a tower has a ridge too; absent in what was written before there were towers.
    towers = {strand: m.ridge is not None for strand, m in fusion.text_maps.items() if m.tower is not None}
    return {
        **({"towers": towers} if towers else {}),
        # Absent in what was written before categories were learnt from.
        **({"kin": {strand: asdict(fusion.alike[strand]) for strand in fusion.kin}} if fusion.kin else {}),
        "blocks": [asdict(block) for block in fusion.blocks],
        "own": list(fusion.own),
        "alignments": {
            strand: [a.dimension, a.ridge is not None, a.bridge is not None, a.bridge_weight]
            for strand, a in fusion.alignments.items()
        },
        "text_maps": {strand: text_map.weight for strand, text_map in fusion.text_maps.items()},
        "pairs": [[asked, wanted, asdict(pair)] for (asked, wanted), pair in fusion.pairs.items()],
        "report": dict(fusion.report),
    }


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Fusion:
    """Return the Fusion that `to_arrays` wrote."""
    meta = json.loads(arrays[META].tobytes())
    alignments = {}
    for name, (dimension, learnt, bridged, bridge_weight) in meta["alignments"].items():
        ridge = _get_ridge(arrays, f"align.{name}") if learnt else None
        bridge = _get_bridge(arrays, f"bridge.{name}") if bridged else None
        alignments[Strand(name)] = Alignment(dimension, ridge, bridge, bridge_weight)
    towers, kin = meta.get("towers", {}), meta.get("kin", {})
    text_maps = {
        Strand(name): TextMap(
            _get_ridge(arrays, f"text_map.{name}") if towers.get(name, True) else None,
            arrays[f"text_map.{name}.references"],
            float(weight),
            _get_affine(arrays, f"tower.{name}") if name in towers else None,
        )
        for name, weight in meta["text_maps"].items()
    }
    return Fusion(
        tuple(Block(**{**block, "strand": Strand(block["strand"])}) for block in meta["blocks"]),
        {Strand(name): _get_affine(arrays, f"own.{name}") for name in meta["own"]},
        alignments,
        text_maps,
        arrays["references"],
        {(Strand(asked), Strand(wanted)): _pair(pair) for asked, wanted, pair in meta["pairs"]},
        meta["report"],
        {Strand(name): _get_ridge(arrays, f"kin.{name}") for name in kin},
        {Strand(name): _pair(pair) for name, pair in kin.items()},
    )


def _pair(values: dict[str, Any]) -> Pair:
    comparisons = tuple(Comparison(**comparison) for comparison in values["comparisons"])
    return Pair(**{**values, "comparisons": comparisons})


def _put_affine(arrays: Arrays, name: str, axes: Affine) -> None:
    arrays[f"{name}.shift"], arrays[f"{name}.matrix"] = axes.shift, axes.matrix


def _get_affine(arrays: Mapping[str, NDArray[Any]], name: str) -> Affine:
    return Affine(arrays[f"{name}.shift"], arrays[f"{name}.matrix"])


def _put_ridge(arrays: Arrays, name: str, ridge: KernelRidge) -> None:
    for part in ("shift", "support", "coefficients", "seen"):
        arrays[f"{name}.{part}"] = getattr(ridge, part)
    arrays[f"{name}.steepness"] = np.asarray([ridge.steepness])


def _get_ridge(arrays: Mapping[str, NDArray[Any]], name: str) -> KernelRidge:
    shift, support, coefficients, seen = (
        arrays[f"{name}.{part}"] for part in ("shift", "support", "coefficients", "seen")
    )
    return KernelRidge(shift, support, coefficients, seen, float(arrays[f"{name}.steepness"][0]))


def _put_bridge(arrays: Arrays, name: str, bridge: BridgeMap) -> None:
    for part in ("weight", "bias", "names"):
        arrays[f"{name}.{part}"] = getattr(bridge.bridge, part)
    arrays[f"{name}.scale"] = np.asarray([bridge.bridge.scale])
    _put_affine(arrays, f"{name}.axes", bridge.axes)


def _get_bridge(arrays: Mapping[str, NDArray[Any]], name: str) -> BridgeMap:
    weight, bias, names = (arrays[f"{name}.{part}"] for part in ("weight", "bias", "names"))
    bridge = Bridge(weight, bias, float(arrays[f"{name}.scale"][0]), names)
    return BridgeMap(bridge, _get_affine(arrays, f"{name}.axes"))

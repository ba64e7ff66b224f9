from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from embedders.bridge import Bridge
from embedders.fit_fusion import fit_fusion
from embedders.fusion import Fusion
from embedders.fusion_arrays import fingerprint, from_arrays, to_arrays
from embedders.items import Strand
from tests.embedders.planted import Planted, plant

TEXT, IMAGE, AUDIO = Strand.TEXT, Strand.IMAGE, Strand.AUDIO
PLANTED = plant(60, noise=0.3)


def bridge() -> Bridge:
    classes = plant(30, seed=77).vectors
    return Bridge(classes[IMAGE], np.zeros(30, np.float32), 25.0, classes[TEXT])


def fusions() -> dict[str, Fusion]:
    vectors = PLANTED.vectors
    return {
        "all": fit_fusion(vectors),
        "bridge": fit_fusion(vectors, bridges={IMAGE: bridge()}),
        "bridge alone": fit_fusion({IMAGE: vectors[IMAGE]}, bridges={IMAGE: bridge()}),
        "text": fit_fusion({TEXT: vectors[TEXT]}),
        "two spaces": fit_fusion({IMAGE: vectors[IMAGE], AUDIO: vectors[AUDIO]}),
        "nothing": fit_fusion({}),
    }


FUSIONS = fusions()


@pytest.mark.parametrize("name", FUSIONS)
def test_what_comes_back_from_a_file_maps_and_compares_the_same(name: str, tmp_path: Path) -> None:
    fusion = FUSIONS[name]
    save_file(to_arrays(fusion), tmp_path / "fusion.safetensors")
    back = from_arrays(load_file(tmp_path / "fusion.safetensors"))
    items, asked = plant(9, seed=2).vectors, plant(3, seed=3).vectors
    fused = fusion.fuse(items)
    np.testing.assert_array_equal(back.fuse(items), fused)
    candidates = np.broadcast_to(fused, (3, *fused.shape))
    for query in ("query", "as_query"):
        given = asked if query == "query" else fused[:3]
        one, other = getattr(fusion, query)(given), getattr(back, query)(given)
        np.testing.assert_array_equal(other.vectors, one.vectors)
        np.testing.assert_array_equal(other.rescore(candidates).parts, one.rescore(candidates).parts)
    assert back.report == fusion.report
    assert back.blocks == fusion.blocks
    assert back.strands == fusion.strands
    assert back.pairs == fusion.pairs
    assert fingerprint(back) == fingerprint(fusion)


def test_fingerprints_tell_fusions_apart_and_repeat() -> None:
    assert len({fingerprint(fusion) for fusion in FUSIONS.values()}) == len(FUSIONS)
    assert fingerprint(fit_fusion(PLANTED.vectors)) == fingerprint(FUSIONS["all"])


def test_a_little_change_is_another_fingerprint() -> None:
    changed = {strand: rows.copy() for strand, rows in PLANTED.vectors.items()}
    changed[TEXT][0] = changed[TEXT][0][::-1]
    assert fingerprint(fit_fusion(Planted(PLANTED.traits, changed).vectors)) != fingerprint(FUSIONS["all"])


def test_the_arrays_are_plain() -> None:
    for array in to_arrays(FUSIONS["bridge"]).values():
        assert array.dtype in (np.float32, np.float64, np.uint64, np.uint8)

"""Uploads: the vector of what was decoded elsewhere is that of the medium itself."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from embedders.bundles import BUNDLES, make_encoder
from embedders.decoding_process import Bounds
from embedders.items import Strand
from embedders.media import DEFAULT_LIMITS
from plait.datasets.studio import write_studio
from plait.service.decoders import Decoders


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small studio catalogue."""
    folder = tmp_path_factory.mktemp("studio")
    write_studio(folder, items=24, listeners=3)
    return folder


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    """Return processes that decode."""
    found = Decoders(2, Bounds(DEFAULT_LIMITS))
    yield found
    found.close()


@pytest.mark.parametrize(("strand", "place"), [(Strand.IMAGE, "covers"), (Strand.AUDIO, "sounds")])
def test_the_vectors_are_the_same(studio: Path, decoders: Decoders, strand: Strand, place: str) -> None:
    files = sorted((studio / place).iterdir())[:8]
    assert len(files) == 8
    encoder = make_encoder(BUNDLES["compact"].encoders[strand])
    direct = encoder.encode([str(path) for path in files])
    raw = encoder.encode([str(decoders.decoded(path, strand)) for path in files])
    np.testing.assert_array_equal(raw, direct)

"""A tokenizer that several encoders share is used by one thread at a time, whichever of them it asks."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from embedders.encoder import Vectors
from embedders.encoder_spec import EncoderSpec
from embedders.items import Strand
from embedders.loaded_model import LoadedModel
from embedders.model_encoders import PictureEncoder

MEETING = 0.3
"""Seconds that the first one inside waits for another to come in beside it."""


class Tokenizer:
    """What is inside of it at once is counted."""

    def __init__(self) -> None:
        self.most = 0
        self._inside = 0
        self._met = threading.Event()
        self._counting = threading.Lock()

    def read(self, texts: Sequence[str]) -> Vectors:
        with self._counting:
            self._inside += 1
            self.most = max(self.most, self._inside)
            if self._inside > 1:
                self._met.set()
        self._met.wait(MEETING)
        with self._counting:
            self._inside -= 1
        return np.ones((len(texts), 4), dtype=np.float32)


@pytest.fixture
def spec(tmp_path: Path) -> EncoderSpec:
    weights = tmp_path / "weights"
    weights.write_bytes(b"")
    return EncoderSpec(
        Strand.IMAGE, "open-clip", "tiny", 4, "image:tiny:1", "MIT", 0, file=str(weights), tower=True
    )  # fmt: skip


def test_towers_of_one_model_take_turns(spec: EncoderSpec) -> None:
    tokenizer = Tokenizer()
    loaded = LoadedModel(texts=tokenizer.read)
    # Two encoders of one model, as two workspaces of a service have.
    towers = [PictureEncoder(spec, lambda *_: loaded).text_tower for _ in range(2)]
    threads = [threading.Thread(target=tower.encode, args=(["words"],)) for tower in towers if tower is not None]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(threads) == 2
    assert tokenizer.most == 1


def test_a_tower_is_made_once(spec: EncoderSpec) -> None:
    loads: list[str] = []

    def load(weights: str, *_: str) -> LoadedModel:
        loads.append(weights)
        return LoadedModel(texts=lambda texts: np.ones((len(texts), 4), dtype=np.float32))

    encoder = PictureEncoder(spec, load)
    assert encoder.text_tower is encoder.text_tower
    for _ in range(3):
        tower = encoder.text_tower
        assert tower is not None
        tower.encode(["words"])
    assert loads == [spec.file]

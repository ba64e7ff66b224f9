"""bfloat16 is used where the processor has it, by large networks alone, and learns what float32 learns."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from ranker import bfloat16, sequence_training
from ranker.bfloat16 import has_bfloat16
from ranker.fit_sequence import fit_sequence
from ranker.sequence_settings import WIDE, Encoder, SequenceSettings
from ranker.sequence_training import kind_of
from tests.ranker.sequences import SMALL, circles, histories_of, vectors_of


@pytest.mark.parametrize(
    ("line", "expected"),
    [("flags\t\t: fpu sse2 avx2 fma\n", False), ("flags\t\t: fpu avx512_bf16 avx512vl\n", True), ("", False)],
)
def test_the_processor_is_asked(line: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cpuinfo").write_text(line)
    monkeypatch.setattr(bfloat16, "CPU", tmp_path / "cpuinfo")
    assert has_bfloat16.__wrapped__() is expected


def test_a_system_that_does_not_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bfloat16, "CPU", tmp_path / "absent")
    assert has_bfloat16.__wrapped__() is False


@pytest.mark.parametrize("there", [True, False])
def test_large_networks_alone_take_it(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence_training, "has_bfloat16", lambda: there)
    assert kind_of(SequenceSettings()) == torch.float32
    assert kind_of(WIDE) == (torch.bfloat16 if there else torch.float32)


@pytest.mark.parametrize("encoder", get_args(Encoder))
@pytest.mark.parametrize("sampled_from", [20_000, 9])
def test_it_learns_what_comes_next(encoder: Encoder, sampled_from: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Emulated where the processor has it not."""
    monkeypatch.setattr(sequence_training, "kind_of", lambda settings: torch.bfloat16)
    how = replace(SMALL, encoder=encoder, sampled_from=sampled_from, negatives=30)
    fit = fit_sequence(circles(60, 10, 7), vectors_of(10), settings=how, epochs=12)
    histories = histories_of(*([item, (item + 1) % 10, (item + 2) % 10] for item in range(10)))
    assert fit.model.logits(histories).argmax(axis=1).tolist() == [(item + 3) % 10 for item in range(10)]
    assert fit.model.item_factors.dtype == np.float32

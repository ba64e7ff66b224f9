"""bfloat16 on any processor: emulated where it is not built in, so that the vectors are the same."""

from pathlib import Path

import numpy as np
import pytest

from embedders import bfloat16, text
from embedders.bfloat16 import has_bfloat16, multiply_in_bfloat16
from embedders.bundles import MINILM
from embedders.text import TextEncoder

TEXTS = [
    "a warm red scarf",
    "Stock market report: shares fell on Monday",
    "tea",
    "A river in the rain, seen from a bridge, painted by somebody who had not slept. " * 4,
]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("flags\t\t: fpu sse2 avx2 fma\n", False),
        ("flags\t\t: fpu avx512f avx512_bf16 avx512vl\n", True),
        ("flags\t\t: fpu amx_bf16\n", True),
        ("Features\t: fp asimd bf16 i8mm\n", True),
        ("", False),
    ],
)
def test_the_processor_is_asked(line: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cpuinfo").write_text(line)
    monkeypatch.setattr(bfloat16, "CPU", tmp_path / "cpuinfo")
    assert has_bfloat16.__wrapped__() is expected


def test_a_system_that_does_not_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bfloat16, "CPU", tmp_path / "absent")
    assert has_bfloat16.__wrapped__() is False


def test_vectors_are_those_of_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = TextEncoder(MINILM).encode(TEXTS)
    monkeypatch.setattr(text, "has_bfloat16", lambda: True)
    halved = TextEncoder(MINILM)
    vectors = halved.encode(TEXTS)
    cosines = (vectors * exact).sum(axis=1)
    assert cosines.mean() >= 0.999
    assert cosines.min() >= 0.995
    assert np.abs(vectors - exact).max() > 1e-7, "nothing was multiplied in bfloat16"
    alone = np.concatenate([halved.encode([one]) for one in TEXTS])
    np.testing.assert_allclose(alone, vectors, atol=2e-3)


def test_attention_that_reads_its_weights_itself_is_left_alone() -> None:
    import torch

    attention = torch.nn.MultiheadAttention(4, 2, batch_first=True).eval()
    assert multiply_in_bfloat16(attention) == 0
    assert attention(*[torch.ones(1, 3, 4)] * 3)[0].dtype is torch.float32


def test_every_linear_layer_is_told() -> None:
    import torch

    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.LayerNorm(4), torch.nn.Linear(4, 2))
    assert multiply_in_bfloat16(model) == 2
    assert model[1].weight.dtype is torch.float32
    assert model(torch.ones(5, 3)).dtype is torch.float32

"""Frames pooled by what was learnt: order heard, alone as in a batch, the same again, written and read."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from embedders.bundles import LITE0_PICTURES, LITE0_SOUNDS
from embedders.frame_pooling import HIDDEN, with_pooling
from embedders.pooling_network import PoolingNetwork, learn_pooling, load_pooling, save_pooling

DIMENSION = 8


def up_and_down(count: int, *, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return frames (n, 10, 8) of sounds that go up or down between the same two notes, and which of both."""
    rng = np.random.default_rng(seed)
    low, high = np.eye(2, DIMENSION, dtype=np.float32)
    rise = np.linspace(0, 1, 10, dtype=np.float32)[:, None]
    going_up = (1 - rise) * low + rise * high
    down = np.arange(count) % 2
    frames = np.where(down[:, None, None], going_up[::-1], going_up)
    return (frames + 0.05 * rng.normal(size=frames.shape)).astype(np.float32), down.astype(np.int64)


def pooled(network: PoolingNetwork, frames: NDArray[np.float32]) -> NDArray[np.float32]:
    with torch.inference_mode():
        return np.asarray(network(torch.from_numpy(frames)).numpy())


def nearest_agree(recurrent: bool) -> float:
    frames, down = up_and_down(64, seed=1)
    texts = np.eye(2, 5, dtype=np.float32)[down]
    network = learn_pooling(frames, texts, down, recurrent=recurrent)
    others, which = up_and_down(40, seed=2)
    best = (pooled(network, others) @ pooled(network, frames).T).argmax(axis=1)
    return float((down[best] == which).mean())


def test_only_a_gru_hears_which_way_a_sound_goes() -> None:
    assert nearest_agree(recurrent=True) > 0.95
    assert nearest_agree(recurrent=False) < 0.8


@pytest.mark.parametrize("recurrent", [True, False])
@pytest.mark.parametrize("attention", [True, False])
def test_what_was_learnt_is_written_and_read(tmp_path: Path, recurrent: bool, attention: bool) -> None:
    frames, _ = up_and_down(12, seed=3)
    network = learn_pooling(frames, None, np.arange(12), recurrent=recurrent, attention=attention)
    save_pooling(network, tmp_path / "pooling.safetensors")
    other = load_pooling(str(tmp_path / "pooling.safetensors"))
    rows = pooled(network, frames)
    np.testing.assert_array_equal(pooled(other, frames), rows)
    assert rows.shape == (12, HIDDEN)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(pooled(network, frames[3:4])[0], rows[3], atol=1e-5)


def test_learning_is_the_same_again_and_leaves_chance_alone() -> None:
    frames, down = up_and_down(12, seed=4)
    torch.manual_seed(11)
    expected = torch.rand(())
    torch.manual_seed(11)
    first, second = (learn_pooling(frames, None, down, seed=5) for _ in range(2))
    assert torch.rand(()) == expected
    np.testing.assert_array_equal(pooled(first, frames), pooled(second, frames))
    assert not np.allclose(pooled(first, frames), pooled(learn_pooling(frames, None, down, seed=6), frames))


def test_attention_weighs_frames() -> None:
    network = PoolingNetwork(DIMENSION, recurrent=False).eval()
    assert network.attention is not None
    frames = torch.rand((1, 3, 64), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        read = torch.relu(network.inputs(frames))[0].numpy()
        logits = read @ network.attention.weight.numpy()[0] + network.attention.bias.numpy()[0]
        weights = np.exp(logits) / np.exp(logits).sum()
        np.testing.assert_allclose(network.pooled(frames)[0].numpy(), weights @ read, atol=1e-5)


def test_too_few_sounds() -> None:
    with pytest.raises(ValueError, match="1 sounds; expected at least 2"):
        learn_pooling(np.zeros((1, 3, 8), np.float32), None, np.zeros(1, np.int64))


def test_the_setting_names_the_file(tmp_path: Path) -> None:
    one, other = tmp_path / "one.safetensors", tmp_path / "other.safetensors"
    for seed, file in enumerate((one, other)):
        torch.manual_seed(seed)
        save_pooling(PoolingNetwork(LITE0_SOUNDS.dimension), file)
    spec = with_pooling(LITE0_SOUNDS, str(one))
    assert spec.dimension == LITE0_SOUNDS.dimension + HIDDEN
    assert spec.fingerprint.rpartition(":")[2] == LITE0_SOUNDS.fingerprint.rpartition(":")[2]
    assert len({spec.fingerprint, LITE0_SOUNDS.fingerprint, with_pooling(LITE0_SOUNDS, str(other)).fingerprint}) == 3


def test_what_is_no_pooling(tmp_path: Path) -> None:
    file = tmp_path / "pooling.safetensors"
    with pytest.raises(ValueError, match="is not a file of frame pooling"):
        with_pooling(LITE0_SOUNDS, str(file))
    file.write_bytes(b"none")
    with pytest.raises(ValueError, match="holds no pooling of frames"):
        with_pooling(LITE0_SOUNDS, str(file))
    save_pooling(PoolingNetwork(8), file)
    with pytest.raises(ValueError, match="pools frames of 8 numbers; those of tf_efficientnet_lite0 have 1296"):
        with_pooling(LITE0_SOUNDS, str(file))
    with pytest.raises(ValueError, match="has no frames to pool"):
        with_pooling(LITE0_PICTURES, str(file))

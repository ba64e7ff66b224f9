"""A GRU and attention over the frames of a sound, learnt from a catalogue. Torch is loaded with this module."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch.nn import functional

from embedders.encoder import Vectors
from embedders.frame_pooling import HIDDEN
from embedders.weights_file import read_weights

AXES = 64
"""Principal axes of the frames that are read."""
STEPS = 40
"""Of training: after 60 and 200 nearest neighbours were no better."""
BATCH = 256
RATE, DECAY = 3e-3, 1e-3
DROPPED, NOISE = 0.3, 0.3
TEMPERATURE = 0.07
LEAST_FRAMES = 6
"""Of the stretch of a sound that a step of training sees."""


class PoolingNetwork(torch.nn.Module):
    """Frames (n, t, dimension) to unit rows (n, HIDDEN): a GRU both ways, then sum_t softmax_t(v . h_t) h_t.

    (Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014; Bahdanau et al., "Neural machine
    translation by jointly learning to align and translate", 2015.) Either may be left out: without `recurrent` a
    frame is read by itself, without `attention` all frames count alike.
    """

    def __init__(self, dimension: int, *, recurrent: bool = True, attention: bool = True) -> None:
        super().__init__()
        self.shift = torch.nn.Buffer(torch.zeros(dimension))
        self.axes = torch.nn.Buffer(torch.zeros(dimension, AXES))
        self.inputs = torch.nn.Linear(AXES, HIDDEN)
        self.dropped = torch.nn.Dropout(DROPPED)
        self.gru = torch.nn.GRU(HIDDEN, HIDDEN // 2, batch_first=True, bidirectional=True) if recurrent else None
        self.attention = torch.nn.Linear(HIDDEN, 1) if attention else None

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """Return unit rows (n, HIDDEN)."""
        return functional.normalize(self.pooled((frames - self.shift) @ self.axes), dim=1)

    def pooled(self, frames: torch.Tensor) -> torch.Tensor:
        """Return rows (n, HIDDEN) of frames along the axes (n, t, AXES)."""
        read: torch.Tensor = self.dropped(torch.relu(self.inputs(frames)))
        if self.gru is not None:
            read = self.gru(read)[0]
        if self.attention is None:
            return read.mean(dim=1)
        return (torch.softmax(self.attention(read), dim=1) * read).sum(dim=1)


def learn_pooling(
    frames: NDArray[np.float32], texts: Vectors | None, digests: NDArray[np.int64], *, recurrent: bool = True,
    attention: bool = True, seed: int = 0,
) -> PoolingNetwork:  # fmt: skip
    """Learn from n sounds: `frames` (n, t, d), `texts` (n, q) their captions as encoded, None to learn without.

    InfoNCE (van den Oord et al. 2018) between a stretch of a sound and its caption, or another stretch of the same
    sound; sounds of equal `digests` (n,) are no negatives. Raises ValueError for fewer than two sounds.
    """
    if len(frames) < 2:
        raise ValueError(f"frames has {len(frames)} sounds; expected at least 2")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = PoolingNetwork(frames.shape[2], recurrent=recurrent, attention=attention)
        given = _lay_axes(network, torch.from_numpy(frames))
        wanted = None if texts is None else functional.normalize(torch.from_numpy(texts - texts.mean(axis=0)), dim=1)
        _train(network, given, wanted, torch.from_numpy(digests))
    return network.eval()


def _lay_axes(network: PoolingNetwork, frames: torch.Tensor) -> torch.Tensor:
    """Let the network read the principal axes of `frames` (n, t, d), the first of deviation one; return them so."""
    every = frames.flatten(0, 1)
    network.shift.copy_(every.mean(dim=0))
    values, axes = torch.linalg.eigh(torch.cov(every.T))
    count = min(AXES, len(values))
    network.axes[:, :count] = axes.flip(1)[:, :count] / values[-1].clamp(min=1e-12).sqrt()
    return (frames - network.shift) @ network.axes


def _train(network: PoolingNetwork, frames: torch.Tensor, wanted: torch.Tensor | None, digests: torch.Tensor) -> None:
    head = torch.nn.Linear(HIDDEN, HIDDEN if wanted is None else wanted.shape[1])
    log_scale = torch.nn.Parameter(-torch.tensor(TEMPERATURE).log())
    learnt = [*network.parameters(), *head.parameters(), log_scale]
    optimizer = torch.optim.AdamW(learnt, lr=RATE, weight_decay=DECAY)

    def side(drawn: torch.Tensor) -> torch.Tensor:
        stretch = frames[drawn]
        count = int(torch.randint(min(LEAST_FRAMES, stretch.shape[1]), stretch.shape[1] + 1, ()))
        start = int(torch.randint(0, stretch.shape[1] - count + 1, ()))
        stretch = stretch[:, start : start + count]
        pooled = network.pooled(stretch + NOISE * torch.randn_like(stretch))
        return functional.normalize(head(network.dropped(pooled)), dim=1)

    for _ in range(STEPS):
        drawn = torch.randperm(len(frames))[:BATCH]
        other = side(drawn) if wanted is None else wanted[drawn]
        same = digests[drawn][:, None] == digests[drawn]
        loss = _info_nce(log_scale.exp() * side(drawn) @ other.T, same)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()


def _info_nce(logits: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """Return the loss of `logits` (b, b), both ways; what is the `same` is no negative."""
    own = torch.arange(len(logits))
    logits = logits.masked_fill(same & ~torch.eye(len(logits), dtype=torch.bool), -torch.inf)
    return (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)) / 2


def save_pooling(network: PoolingNetwork, file: Path) -> None:
    """Write a network as safetensors."""
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, file)


def load_pooling(file: str) -> PoolingNetwork:
    """Read a network that `save_pooling` wrote. Raises ValueError where the file holds none."""
    stored = read_weights(file)
    try:
        network = PoolingNetwork(
            len(stored["shift"]), recurrent="gru.weight_hh_l0" in stored, attention="attention.weight" in stored
        )
        network.load_state_dict(stored)
    except (KeyError, RuntimeError) as error:
        raise ValueError(f"{file} holds no pooling of frames") from error
    return network.eval()

"""How a sequence is read once it is learnt: the networks of `ranker.sequence_network`, in numpy.

All functions take rows (m, places, width), read no place ahead, and return rows of the same shape; `arrays` hold the
parameters by the names that torch gives them, from `prefix` on.
"""

from collections.abc import Mapping

import numpy as np

from ranker.interactions import Floats
from ranker.sequence_settings import SequenceSettings

Arrays = Mapping[str, Floats]

SMALL = 1e-5
"""What keeps a layer norm from dividing by zero, as in torch."""


def encode(rows: Floats, arrays: Arrays, settings: SequenceSettings) -> Floats:
    """Return what is expected after each place."""
    if settings.encoder == "transformer":
        rows = rows + arrays["encoder.places"][: rows.shape[1]]
    for layer in range(settings.depth):
        prefix = f"encoder.layers.{layer}."
        if settings.encoder == "transformer":
            rows = attended(rows, arrays, prefix, settings.heads)
        elif settings.encoder == "cnn":
            rows = convolved(rows, arrays, prefix, 2**layer)
        else:
            rows = recurred(rows, arrays, prefix)
    return normed(rows, arrays, "norm")


def attended(rows: Floats, arrays: Arrays, prefix: str, heads: int) -> Floats:
    """Read by causal self-attention and a feed-forward layer."""
    users, places, width = rows.shape
    asked = linear(normed(rows, arrays, prefix + "before"), arrays, prefix + "ask")
    query, keys, values = asked.reshape(users, places, 3, heads, width // heads).transpose(2, 0, 3, 1, 4)
    odds = query @ keys.transpose(0, 1, 3, 2) * np.float32((width // heads) ** -0.5)
    odds = np.where(np.tri(places, dtype=np.bool_), odds, np.float32(-np.inf))
    odds = np.exp(odds - odds.max(axis=3, keepdims=True))
    odds /= odds.sum(axis=3, keepdims=True)
    mixed = (odds @ values).transpose(0, 2, 1, 3).reshape(users, places, width)
    rows = rows + linear(mixed, arrays, prefix + "write")
    thought = np.maximum(linear(normed(rows, arrays, prefix + "between"), arrays, prefix + "think"), 0.0)
    return rows + linear(thought, arrays, prefix + "conclude")


def convolved(rows: Floats, arrays: Arrays, prefix: str, dilation: int) -> Floats:
    """Read by a causal convolution over places `dilation` apart."""
    users, places, width = rows.shape
    kernel = arrays[prefix + "mix.weight"].shape[1] // width
    before = np.zeros((users, (kernel - 1) * dilation, width), dtype=np.float32)
    padded = np.concatenate((before, normed(rows, arrays, prefix + "before")), axis=1)
    seen = np.concatenate([padded[:, step * dilation :][:, :places] for step in range(kernel)], axis=2)
    mixed = np.maximum(linear(seen, arrays, prefix + "mix"), 0.0)
    return rows + linear(mixed, arrays, prefix + "conclude")


def recurred(rows: Floats, arrays: Arrays, prefix: str) -> Floats:
    """Read by a gated recurrent layer (Cho et al. 2014, as torch has it).

    With reset r, update z and the new n: h = (1 - z) n + z h.
    """
    inner, outer = arrays[prefix + "gates.weight_ih_l0"], arrays[prefix + "gates.weight_hh_l0"]
    outer_bias, width = arrays[prefix + "gates.bias_hh_l0"], rows.shape[2]
    given = normed(rows, arrays, prefix + "before") @ inner.T + arrays[prefix + "gates.bias_ih_l0"]
    state, states = np.zeros((len(rows), width), dtype=np.float32), np.empty_like(rows)
    for place in range(rows.shape[1]):
        mine, kept = given[:, place], state @ outer.T + outer_bias
        reset, update = np.split(_sigmoid(mine[:, : 2 * width] + kept[:, : 2 * width]), 2, axis=1)
        new = np.tanh(mine[:, 2 * width :] + reset * kept[:, 2 * width :])
        state = (1.0 - update) * new + update * state
        states[:, place] = state
    return rows + states


def normed(rows: Floats, arrays: Arrays, name: str) -> Floats:
    """Return rows of mean 0 and spread 1, scaled and moved: layer norm (Ba et al. 2016)."""
    centred = rows - rows.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(SMALL))
    return np.asarray(centred / spread * arrays[f"{name}.weight"] + arrays[f"{name}.bias"], dtype=np.float32)


def linear(rows: Floats, arrays: Arrays, name: str) -> Floats:
    """Return W x + b."""
    return np.asarray(rows @ arrays[f"{name}.weight"].T + arrays[f"{name}.bias"], dtype=np.float32)


def _sigmoid(rows: Floats) -> Floats:
    return np.asarray(0.5 * (np.tanh(0.5 * rows) + 1.0), dtype=np.float32)

"""The profile of a user: the vectors of recent items pooled by attention, `a_ti = softmax(u_t^T v_i)`."""

from dataclasses import dataclass

import numpy as np

from ranker.attention import DESIGN, Attention
from ranker.interactions import Floats, Recent


@dataclass(frozen=True, slots=True)
class Profiles:
    """Profiles (m, D) unit rows, zero for users without a liking; `attention` (m, width) over recent entries.

    Attention sums to 1 over the liked entries of a user and is 0 for all others.
    """

    vectors: Floats
    attention: Floats


def pool_profiles(recent: Recent, vectors: Floats, *, time_constant: float, attention: Attention = DESIGN) -> Profiles:
    """Pool the recent items' `vectors` (m, width, D) into one profile a user.

    u_t is the mean of the liked items, newer and stronger ones first: the query of the attention. Then
    a_ti = softmax over liked entries of what `attention` says of them, and the profile is sum_i a_ti v_i, less
    `attention.aversion` times the mean of disliked items.
    """
    fading = attention.fading(recent, time_constant)
    liked = np.where(recent.weights > 0, np.maximum(recent.weights, 1e-30) ** attention.liking, 0.0) * fading
    disliked = np.maximum(-recent.weights, 0.0) * fading
    query = _unit(_pooled(liked, vectors))
    logits = np.where(liked > 0, attention.likeness(query, vectors) + np.log(np.maximum(liked, 1e-30)), -np.inf)
    shares = softmax(logits)
    pooled = _pooled(shares, vectors)
    against = _pooled(disliked / np.maximum(disliked.sum(axis=1, keepdims=True), 1e-12), vectors)
    has_liking = (shares.sum(axis=1) > 0)[:, None]
    return Profiles(_unit((pooled - attention.aversion * against) * has_liking), shares)


def explain(attention: Floats, history: Floats, candidates: Floats) -> Floats:
    """Return (m, c, width) the share of each recent entry in each candidate's favour, summing to 1 over entries.

    `attention` (m, width), `history` (m, width, D), `candidates` (m, c, D): the attention of the profile, sharpened
    by the likeness of entry and candidate.
    """
    likeness = np.matmul(candidates, history.transpose(0, 2, 1))
    known = attention[:, None, :] > 0
    logits = np.where(known, REASON * likeness + np.log(np.maximum(attention, 1e-30))[:, None, :], -np.inf)
    return softmax(logits)


def softmax(logits: Floats) -> Floats:
    """Softmax over the last axis; a row of nothing but -inf becomes zero."""
    if not logits.shape[-1]:
        return np.zeros(logits.shape, dtype=np.float32)
    highest = logits.max(axis=-1, keepdims=True)
    odds = np.exp(logits - np.where(np.isfinite(highest), highest, 0.0))
    total = odds.sum(axis=-1, keepdims=True)
    return np.asarray(odds / np.where(total > 0, total, 1.0), dtype=np.float32)


REASON = 4.0
"""How much a reason's likeness to the item counts beside the attention it has."""


def _pooled(shares: Floats, vectors: Floats) -> Floats:
    """Return (m, D) the sums of `vectors` (m, width, D), each times its share (m, width)."""
    return np.asarray(np.matmul(shares[:, None, :], vectors)[:, 0], dtype=np.float32)


def _unit(rows: Floats) -> Floats:
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.where(norms > 1e-12, norms, 1.0), dtype=np.float32)

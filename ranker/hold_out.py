"""Holding out: the last likings of each user are hidden, so that what is learnt before them can be judged on them."""

from dataclasses import dataclass

import numpy as np

from ranker.interactions import Histories, Interactions, Rows

MOST_CHOICES = 4_000
MOST_SHARE = 0.25
"""Of a user's likings, at most this share is hidden; at least one is."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """m hidden likings: `users` (m,) whose, `targets` (m,) item rows, `histories` (m) what that user did before each.

    A user may have several. `before` is the log up to the first hidden liking of each user.
    """

    users: Rows
    targets: Rows
    histories: Histories
    before: Interactions


def hold_out(interactions: Interactions, seed: int, *, likings: int = 1) -> HeldOut:
    """Hide the last `likings` likings that have a history, of all users or as many as make MOST_CHOICES.

    Users are drawn by `seed`; what they did after the first hidden liking is not in `before`.
    """
    histories = interactions.histories()
    hidden = _hidden(histories, likings)
    owners = histories.users[hidden]
    chosen = np.unique(owners)
    if len(chosen) * likings > MOST_CHOICES:
        chosen = np.random.default_rng(seed).choice(chosen, MOST_CHOICES // likings, replace=False)
        hidden = hidden[np.isin(owners, chosen)]
        owners = histories.users[hidden]
    cut = histories.offsets[1:].copy()
    np.minimum.at(cut, owners, hidden)
    kept = np.arange(len(histories.items)) < cut[histories.users]
    before = Interactions(
        histories.users[kept], histories.items[kept], histories.times[kept], histories.weights[kept],
        interactions.user_count, interactions.item_count,
    )  # fmt: skip
    return HeldOut(owners, histories.items[hidden], _up_to(histories, hidden), before)


def _hidden(histories: Histories, likings: int) -> Rows:
    """Return the entries to hide, ascending."""
    liked = np.flatnonzero(histories.weights > 0)
    liked = liked[liked > histories.offsets[histories.users[liked]]]
    owners = histories.users[liked]
    counts = np.bincount(owners, minlength=len(histories))
    from_last = np.cumsum(counts)[owners] - np.arange(len(liked))
    allowed = np.clip((counts * MOST_SHARE).astype(np.int64), 1, likings)
    return liked[from_last <= allowed[owners]]


def _up_to(histories: Histories, entries: Rows) -> Histories:
    """Return what came before each of `entries` in its user's history; `now` is the moment of the entry."""
    starts = histories.offsets[histories.users[entries]]
    offsets = np.concatenate(([0], np.cumsum(entries - starts)))
    earlier = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], entries - starts)
    return Histories(
        offsets, histories.items[earlier], histories.times[earlier], histories.weights[earlier],
        histories.times[entries],
    )  # fmt: skip

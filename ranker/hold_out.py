"""Holding out: likings of each user are hidden, and some users whole, so that what is learnt can be judged on them."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Histories, Interactions, Rows

Horizon = Literal["next", "any", "later"]
"""Which likings are hidden: each user's last ones, any of them, or all after one moment, the same for everybody."""
HORIZONS: tuple[Horizon, ...] = get_args(Horizon)
"""The first is the usual one."""
MOST_CHOICES = 4_000
MOST_SHARE = 0.25
"""Of a user's likings, at most this share is hidden; at least one is."""
LATER_SHARE = 0.2
"""With "later", of all events the share that is after the moment."""
NEW_SHARE = 0.1
MOST_NEW = 300
"""Of the users, at most this share and this many are held out whole."""
KNOWN = (0, 1, 2, 5, 10, 20)
"""How many events of a new user are known."""
LEAST_ABLE = 100
"""Users with so many events as a new one is asked after, below which others are asked as well."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """m hidden likings: `users` (m,) whose, `targets` (m,) item rows, `histories` (m) what is known of each user.

    A user may have several. `met` (m) is all that each user ever met: those items are no wrong answers. `before` is
    what may be learnt from.
    """

    users: Rows
    targets: Rows
    histories: Histories
    met: Histories
    before: Interactions


def hold_out(interactions: Interactions, seed: int, *, likings: int = 1, horizon: Horizon = "next") -> HeldOut:
    """Hide `likings` likings that have a history, of all users or as many as make MOST_CHOICES.

    "next" hides each user's last ones: a history is what came before the liking, and what came after the first hidden
    one is not in `before`. "any" hides likings drawn by `seed`, and all other events are known. "later" hides all
    events after one moment, and asks for likings drawn from those. Users are drawn by `seed`.
    """
    if horizon == "later":
        return _hold_out_later(interactions, seed, likings)
    histories = interactions.histories()
    hidden = _hidden(histories, likings, None if horizon == "next" else np.random.default_rng(seed))
    hidden = _drawn(histories, hidden, likings, seed)
    owners = histories.users[hidden]
    if horizon == "any":
        kept = np.ones(len(histories.items), dtype=np.bool_)
        kept[hidden] = False
        known = _chosen(histories, kept)
        return HeldOut(
            owners,
            histories.items[hidden],
            known.take(owners),
            histories.take(owners),
            _log(histories, kept, interactions),
        )
    cut = histories.offsets[1:].copy()
    np.minimum.at(cut, owners, hidden)
    kept = np.arange(len(histories.items)) < cut[histories.users]
    known = _up_to(histories, hidden)
    return HeldOut(owners, histories.items[hidden], known, known, _log(histories, kept, interactions))


def hold_out_users(interactions: Interactions, seed: int, *, likings: int = 8) -> tuple[HeldOut, Interactions]:
    """Hide some users whole, drawn by `seed`, and return what they liked later than their first events, and the rest.

    For each number of KNOWN up to `likings` of those are targets, drawn as well: likings after the last of KNOWN, for
    what comes right behind the first events belongs to the same sitting. Only where hardly anybody has so many events
    it is whatever comes after the known ones. `before` is the log of all others, which is returned besides, to be held
    out of in turn.
    """
    rng = np.random.default_rng(seed)
    histories = interactions.histories()
    gap = KNOWN[-1]
    able = np.flatnonzero(_likings_after(histories, gap) > 0)
    if len(able) < LEAST_ABLE:
        gap, able = 0, np.flatnonzero(_likings_after(histories, 1) > 0)
    count = min(MOST_NEW, int(NEW_SHARE * len(able)))
    chosen = np.sort(rng.choice(able, count, replace=False)) if count else able[:0]
    rest = _log(histories, ~np.isin(histories.users, chosen), interactions)
    owners, targets, cuts = [], [], []
    for user in chosen.tolist():
        first, last = histories.offsets[user], histories.offsets[user + 1]
        for known in KNOWN:
            later = _new_likings(histories, first, first + max(known, gap), last)
            some = later if len(later) <= likings else np.sort(rng.choice(later, likings, replace=False))
            owners += [user] * len(some)
            targets += histories.items[some].tolist()
            cuts += [first + known] * len(some)
    rows = np.asarray(owners, dtype=np.int64)
    starts = histories.offsets[rows]
    known_of = _spans(histories, starts, np.asarray(cuts, dtype=np.int64))
    return HeldOut(rows, np.asarray(targets, dtype=np.int64), known_of, histories.take(rows), rest), rest


def _likings_after(histories: Histories, count: int) -> Rows:
    """Return (m,) how many likings each user has after the first `count` events."""
    places = np.arange(len(histories.items)) - histories.offsets[histories.users]
    late = (histories.weights > 0) & (places >= count)
    return np.bincount(histories.users[late], minlength=len(histories))


def _new_likings(histories: Histories, first: int, start: int, stop: int) -> Rows:
    """Return the entries from `start` to `stop` of the user who begins at `first` that like an item new to them."""
    entries = np.arange(start, stop)
    liked = entries[histories.weights[entries] > 0]
    return liked[~np.isin(histories.items[liked], histories.items[first:start])]


def _hold_out_later(interactions: Interactions, seed: int, likings: int) -> HeldOut:
    rng = np.random.default_rng(seed)
    histories = interactions.histories()
    moment = np.quantile(interactions.times, 1.0 - LATER_SHARE) if len(interactions) else 0.0
    kept = histories.times < moment
    before = np.bincount(histories.users[kept], minlength=len(histories))
    after = np.flatnonzero(~kept & (histories.weights > 0) & (before[histories.users] > 0))
    seen = _pairs(histories, interactions.item_count)
    after = after[~np.isin(seen[after], seen[kept])]
    after = _drawn(histories, _some(histories.users[after], after, likings, rng), likings, seed)
    owners = histories.users[after]
    known, log = _chosen(histories, kept), _log(histories, kept, interactions)
    return HeldOut(owners, histories.items[after], known.take(owners), histories.take(owners), log)


def _some(owners: Rows, entries: Rows, most: int, rng: np.random.Generator) -> Rows:
    """Return at most `most` entries of each owner, drawn, ascending."""
    order = np.lexsort((rng.random(len(entries)), owners))
    counts = np.bincount(owners) if len(owners) else np.empty(0, dtype=np.int64)
    place = np.arange(len(entries)) - (np.cumsum(counts) - counts)[owners[order]]
    return np.sort(entries[order][place < most])


def _pairs(histories: Histories, item_count: int) -> Rows:
    return np.asarray(histories.users * max(item_count, 1) + histories.items)


def _drawn(histories: Histories, hidden: Rows, likings: int, seed: int) -> Rows:
    """Return the hidden entries of as many users as make MOST_CHOICES."""
    chosen = np.unique(histories.users[hidden])
    if len(chosen) * likings <= MOST_CHOICES:
        return hidden
    chosen = np.random.default_rng(seed).choice(chosen, MOST_CHOICES // likings, replace=False)
    return hidden[np.isin(histories.users[hidden], chosen)]


def _hidden(histories: Histories, likings: int, rng: np.random.Generator | None) -> Rows:
    """Return the entries to hide, ascending: the last likings of each user, or drawn ones."""
    liked = np.flatnonzero(histories.weights > 0)
    if rng is None:
        liked = liked[liked > histories.offsets[histories.users[liked]]]
    else:
        liked = liked[histories.lengths[histories.users[liked]] > 1]
        liked = liked[np.lexsort((rng.random(len(liked)), histories.users[liked]))]
    owners = histories.users[liked]
    counts = np.bincount(owners, minlength=len(histories))
    from_last = np.cumsum(counts)[owners] - np.arange(len(liked))
    allowed = np.clip((counts * MOST_SHARE).astype(np.int64), 1, likings)
    return np.sort(liked[from_last <= allowed[owners]])


def _log(histories: Histories, kept: NDArray[np.bool_], interactions: Interactions) -> Interactions:
    """Return the kept entries as a log of the same users and items."""
    return Interactions(
        histories.users[kept], histories.items[kept], histories.times[kept], histories.weights[kept],
        interactions.user_count, interactions.item_count,
    )  # fmt: skip


def _chosen(histories: Histories, kept: NDArray[np.bool_]) -> Histories:
    """Return the kept entries as histories of the same users."""
    offsets = np.concatenate(([0], np.cumsum(kept)))[histories.offsets]
    return Histories(offsets, histories.items[kept], histories.times[kept], histories.weights[kept], histories.now)


def _up_to(histories: Histories, entries: Rows) -> Histories:
    """Return what came before each of `entries` in its user's history; `now` is the moment of the entry."""
    return _spans(histories, histories.offsets[histories.users[entries]], entries)


def _spans(histories: Histories, starts: Rows, stops: Rows) -> Histories:
    """Return the entries `starts[i]:stops[i]` as one history each; `now` is the moment of the entry that follows."""
    offsets = np.concatenate(([0], np.cumsum(stops - starts)))
    entries = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], stops - starts)
    return Histories(
        offsets, histories.items[entries], histories.times[entries], histories.weights[entries], histories.times[stops]
    )

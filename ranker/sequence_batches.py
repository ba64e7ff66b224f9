"""Windows of histories in batches: what is read at each place, how much it was liked, and what is wanted next."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Histories, Rows
from ranker.sequence_settings import SequenceSettings

START, HIDDEN = -1, -2
"""What is read before the first event, and in place of an item that is masked."""
OVERLAP = 0.4
"""Windows of a long history overlap by less than this share of their length."""
STRETCH = 0.2
"""A stretch that is shuffled is this share of a window, or two places."""
CROPPED = 0.6
"""A cropped window keeps at least this share."""
LEAST_STEPS = 16
LEAST_BATCH = 16
SORTED_BATCHES = 8
"""Windows of so many batches are sorted by length, so that few places are empty."""


@dataclass(frozen=True, slots=True)
class Windows:
    """w stretches of entries of histories, `starts` (w,) to `stops` (w,), of users whose first are `firsts` (w,)."""

    starts: Rows
    stops: Rows
    firsts: Rows

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.starts)

    def take(self, chosen: Rows) -> "Windows":
        """Return some of them."""
        return Windows(self.starts[chosen], self.stops[chosen], self.firsts[chosen])


@dataclass(frozen=True, slots=True)
class Batch:
    """b windows, padded behind.

    `read` (b, width) items, START or HIDDEN, `weights` (b, width) of those events, `wanted` (b, width) the item that
    was liked next, -1 where that was not a liking or there is none.
    """

    read: Rows
    weights: Floats
    wanted: Rows

    def part(self, first: int, step: int) -> "Batch":
        """Return every `step`-th window from the `first` on."""
        return Batch(self.read[first::step], self.weights[first::step], self.wanted[first::step])


def windows(histories: Histories, length: int, rng: np.random.Generator) -> Windows:
    """Cut histories into windows of at most `length` entries, so that each entry is in one; overlaps are drawn.

    A long history ends a window and is cut at drawn places before that; overlapping entries are wanted twice.
    """
    starts, stops, firsts = [], [], []
    overlap = max(int(OVERLAP * length), 1)
    for first, stop in zip(histories.offsets[:-1].tolist(), histories.offsets[1:].tolist(), strict=True):
        end = stop
        while end > first:
            start = max(end - length, first)
            starts.append(start)
            stops.append(end)
            firsts.append(first)
            end = start + int(rng.integers(overlap)) if start > first else first
    return Windows(*(np.asarray(column, dtype=np.int64) for column in (starts, stops, firsts)))


def batches(
    histories: Histories, settings: SequenceSettings, rng: np.random.Generator
) -> Iterator[tuple[float, Batch]]:
    """Yield every window of an epoch, with the share of the epoch that was before.

    Where windows are cut, their order and their changes are drawn by `rng`.
    """
    cut = windows(histories, settings.length, rng)
    alike = _alike(cut.stops - cut.starts, settings.batch, rng)
    for place, rows in enumerate(alike):
        yield place / len(alike), batch_of(histories, cut.take(rows), settings, rng)


def batch_of(histories: Histories, cut: Windows, settings: SequenceSettings, rng: np.random.Generator) -> Batch:
    """Return windows as a batch, cropped, shuffled and masked as the settings say."""
    starts = cropped(cut, settings.crop, rng)
    counts = cut.stops - starts
    width = int(counts.max(initial=0))
    used = np.arange(width) < counts[:, None]
    entries = np.where(used, starts[:, None] + np.arange(width), 0)
    entries = shuffled(entries, counts, settings.reorder, rng)
    # Before the first place stands what came before the window, so that cutting hides nothing of the last event.
    before = np.concatenate((np.where(starts > cut.firsts, starts - 1, -1)[:, None], entries[:, :-1]), axis=1)
    known = used & (before >= 0)
    read = np.where(known, histories.items[before], START)
    weights = np.where(known, histories.weights[before], 0.0).astype(np.float32)
    if settings.mask:
        read = np.where((read >= 0) & (rng.random(read.shape) < settings.mask), HIDDEN, read)
    wanted = np.where(used & (histories.weights[entries] > 0), histories.items[entries], -1)
    return Batch(read, weights, wanted)


def cropped(cut: Windows, share: float, rng: np.random.Generator) -> Rows:
    """Return (w,) where windows start once a drawn `share` of them has lost up to 1 - CROPPED of their oldest."""
    if not share:
        return cut.starts
    most = ((1.0 - CROPPED) * (cut.stops - cut.starts)).astype(np.int64)
    lost = np.where(rng.random(len(cut)) < share, (rng.random(len(cut)) * (most + 1)).astype(np.int64), 0)
    return np.asarray(cut.starts + lost)


def shuffled(entries: Rows, counts: Rows, share: float, rng: np.random.Generator) -> Rows:
    """Return (w, width) entries; in a drawn `share` of rows a stretch of neighbours stands in another order."""
    if not share:
        return entries
    chosen = rng.random(len(entries)) < share
    lengths = np.minimum(np.maximum((counts * STRETCH).astype(np.int64), 2), counts)
    starts = (rng.random(len(entries)) * (counts - lengths + 1)).astype(np.int64)
    places = np.arange(entries.shape[1])
    inside: NDArray[np.bool_] = chosen[:, None] & (places >= starts[:, None]) & (places < (starts + lengths)[:, None])
    keys = np.where(inside, starts[:, None] + rng.random(entries.shape) * lengths[:, None], places + 0.0)
    return np.take_along_axis(entries, np.argsort(keys, axis=1, kind="stable"), axis=1)


def _alike(lengths: Rows, most: int, rng: np.random.Generator) -> list[Rows]:
    """Return the windows of an epoch in batches of similar length, smaller ones where steps would be too few."""
    size = min(most, max(len(lengths) // LEAST_STEPS, LEAST_BATCH))
    order, group = rng.permutation(len(lengths)), size * SORTED_BATCHES
    groups = [order[start : start + group] for start in range(0, len(order), group)]
    parts = [rows[np.argsort(-lengths[rows], kind="stable")] for rows in groups]
    cut = [rows[start : start + size] for rows in parts for start in range(0, len(rows), size)]
    return [cut[place] for place in rng.permutation(len(cut)).tolist()]

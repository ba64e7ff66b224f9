"""SASRec: the next item read off the sequence by self-attention, trained over the whole catalogue."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from index.vector_index import Rows
from plait.evaluation.peers.early_stopping import EpochLearner, Schedule
from plait.evaluation.peers.id_rows import FittedByPlace, IdRows
from plait.evaluation.peers.peer import Fitted, Settings
from plait.evaluation.splits import Split
from ranker.interactions import Histories

if TYPE_CHECKING:
    from plait.evaluation.peers.torch_training import Batch

LENGTH = 50
"""The last events of a user that are read."""
OVERLAP = 20
"""Windows of a long history overlap by fewer events than this."""
BATCH = 128
RATE = 4e-3
SCHEDULE = Schedule(trials=[{"dropout": 0.3}], every=5, patience=2, most=25)


class SasRec(EpochLearner):
    """SASRec (Kang, McAuley 2018) with the softmax cross-entropy over all items (Klenitskiy, Vasilev 2023).

    Every event is read, disliked ones too; what is predicted at each place is the next event where that is a liking.
    An empty history is a sequence of the start token alone, from which the first item of everybody was predicted.
    """

    name = "sasrec"
    schedule = SCHEDULE

    def epochs(self, split: Split, settings: Settings, *, seed: int) -> Iterator[Fitted]:
        """Yield the model after each epoch."""
        from plait.evaluation.peers.sasrec_network import WIDTH, SasRecNetwork, loss_of
        from plait.evaluation.peers.torch_training import chance, epochs

        rows = IdRows.of(split, seed)
        histories = rows.histories()
        with chance(seed):
            width = int(settings.get("width", WIDTH))
            network = SasRecNetwork(rows.item_count, length=LENGTH, dropout=settings["dropout"], width=width)

        def batches(rng: np.random.Generator) -> Iterator["Batch"]:
            return _batches(histories, rows.item_count, rng)

        for _ in epochs(network, batches, lambda *batch: loss_of(network, *batch), rate=RATE, seed=seed):
            yield FittedByPlace(rows.items, network)


def windows(histories: Histories, item_count: int, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Cut histories into windows (n, LENGTH) of read items and of wanted ones, the next liked item or -1.

    A long history ends a window and is cut at places drawn by `rng` before that. The window that begins a history
    begins with the start token, `item_count`; places behind the end are read as the start token and want nothing.
    """
    read, wanted = [], []
    liked = np.where(histories.weights > 0, histories.items, -1)
    for start, stop in zip(histories.offsets[:-1].tolist(), histories.offsets[1:].tolist(), strict=True):
        items = np.concatenate(([item_count], histories.items[start:stop]))
        end = stop - start
        while end > 0:
            first = max(end - LENGTH, 0)
            padding = (0, LENGTH - (end - first))
            read.append(np.pad(items[first:end], padding, constant_values=item_count))
            wanted.append(np.pad(liked[start + first : start + end], padding, constant_values=-1))
            end = first + int(rng.integers(OVERLAP)) if first else 0
    return np.stack(read), np.stack(wanted)


def _batches(histories: Histories, item_count: int, rng: np.random.Generator) -> Iterator["Batch"]:
    """Yield all windows in batches; where they are cut, and their order, are drawn."""
    import torch

    from plait.evaluation.peers.torch_training import batched

    read, wanted = windows(histories, item_count, rng)
    for rows in batched(rng.permutation(len(read)), BATCH):
        yield torch.from_numpy(read[rows]), torch.from_numpy(wanted[rows])

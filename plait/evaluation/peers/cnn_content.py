"""CNN-content: convolutions over the tokens of an item's text, trained on who liked what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from index import IdMap
from index.vector_index import Rows
from plait.evaluation.peers.early_stopping import EpochLearner, Schedule
from plait.evaluation.peers.id_rows import FittedByPlace, IdRows
from plait.evaluation.peers.peer import Fitted, Settings
from plait.evaluation.peers.recent_reading import Likings, read
from plait.evaluation.splits import Split

if TYPE_CHECKING:
    import torch

    from plait.evaluation.peers.torch_training import Batch

LENGTH = 64
"""The first tokens of a text that are read."""
CANDIDATES = 256
"""Texts that are read for one step; the softmax is over these."""
BATCH = 2048
RATE, DECAY = 5e-3, 0.01
SCHEDULE = Schedule(trials=[{"time_constant": 10.0}], every=4, patience=3, most=44)


@dataclass(frozen=True, slots=True)
class CnnContent(EpochLearner):
    """A token CNN (Kim 2014) in a factor model, as in ConvMF (Kim et al. 2016) and DeepCoNN (Zheng et al. 2017).

    An item is its text alone: the word-piece embeddings of MiniLM, frozen and mapped to fewer dimensions,
    convolutions of several widths, the maximum of each over the text, a linear head. So an item nobody has met is
    ranked as any other. A user is folded in from vectors of the items met, as in `ncf`; the score is their inner
    product and a bias read off the text. Each epoch parts the catalogue at random into lots of CANDIDATES, and each
    liking is learnt once, by the softmax cross-entropy over the lot that holds it. Pictures are not read.

    `texts` are of the items `item_ids`.
    """

    item_ids: IdMap
    texts: Sequence[str]
    name: str = "cnn-content"
    schedule: ClassVar[Schedule] = SCHEDULE

    def epochs(self, split: Split, settings: Settings, *, seed: int) -> Iterator[Fitted]:
        """Yield the model after each epoch. Raises ValueError where the split has an item without a text here."""
        from torch.nn.functional import cross_entropy

        from plait.evaluation.peers.text_cnn_network import TextCnn
        from plait.evaluation.peers.torch_training import chance, epochs
        from plait.evaluation.peers.word_pieces import word_pieces

        rows = IdRows.of(split, seed)
        texts = self._texts(split.item_ids)
        pieces = word_pieces([texts[row] for row in rows.order.tolist()], length=LENGTH)
        with chance(seed):
            network = TextCnn(pieces)
        likings, time_constant = Likings.of(rows.histories()), settings["time_constant"]

        def batches(rng: np.random.Generator) -> Iterator["Batch"]:
            return _batches(likings, rows.item_count, time_constant, rng)

        def loss(*batch: "torch.Tensor") -> "torch.Tensor":
            *asked, wanted = batch
            return cross_entropy(network(*asked), wanted)

        for _ in epochs(network, batches, loss, rate=RATE, decay=DECAY, seed=seed):
            yield FittedByPlace(rows.items, network.fitted(time_constant))

    def _texts(self, item_ids: IdMap) -> list[str]:
        rows = self.item_ids.rows(list(item_ids))
        if (rows < 0).any():
            unknown = item_ids.ids(np.flatnonzero(rows < 0)[:1])[0]
            raise ValueError(f"item_ids lack {unknown!r}; expected every item of the split")
        return [self.texts[row] for row in rows.tolist()]


def lots(likings: Likings, item_count: int, rng: np.random.Generator) -> Iterator[tuple[Rows, Rows]]:
    """Yield (c,) places of a lot and (n,) the likings of these, until every item and every liking came once."""
    order = rng.permutation(item_count)
    lot_of = np.empty(item_count, dtype=np.int64)
    lot_of[order] = np.arange(item_count) // CANDIDATES
    for lot in range(-(-item_count // CANDIDATES)):
        yield np.flatnonzero(lot_of == lot), rng.permutation(np.flatnonzero(lot_of[likings.targets] == lot))


def _batches(likings: Likings, item_count: int, time_constant: float, rng: np.random.Generator) -> Iterator["Batch"]:
    """Yield places and shares of users, the lot's items, and which of these was liked."""
    import torch

    from plait.evaluation.peers.folded_users import tensors_of
    from plait.evaluation.peers.torch_training import LEAST_STEPS, batched

    steps = max(LEAST_STEPS * CANDIDATES // item_count, 1)
    for items, liked in lots(likings, item_count, rng):
        for chosen in batched(liked, BATCH, steps=min(steps, LEAST_STEPS)):
            users = read(likings.before(chosen), item_count, time_constant)
            wanted = np.searchsorted(items, likings.targets[chosen])
            yield *tensors_of(users), torch.from_numpy(items), torch.from_numpy(wanted)

"""CF-CNN: collaborative filtering and a small convolutional network in one logit, learnt jointly."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from plait.evaluation.peers.early_stopping import EpochLearner, Schedule
from plait.evaluation.peers.id_rows import IdRows
from plait.evaluation.peers.item_content import aligned
from plait.evaluation.peers.peer import Fitted, Settings
from plait.evaluation.splits import Split
from plait.flows.train import TrainingItems

RATE, DECAY = 3e-3, 0.01
SCHEDULE = Schedule(trials=[{"time_constant": 10.0}], every=3, patience=2, most=18)


@dataclass(frozen=True, slots=True)
class CfCnn(EpochLearner):
    """sigmoid(cf + cnn), cf = p_u^T q_i + b_u + b_i + b and cnn a convolutional network over p_u, q_i and f_i.

    User embedding, item embedding and f_i, a linear map of the item's fused vector and attributes, have one width k
    and lie one below the other as a picture (3, k) of one channel. Two 3x3 convolutions and a fully connected head
    make one number of it. All is learnt together by binary cross-entropy with Adam, each liking against drawn items.
    A user, who may be unknown to training, is folded in as in `ncf`.
    """

    items: TrainingItems
    name: str = "cf-cnn"
    schedule: ClassVar[Schedule] = SCHEDULE

    def epochs(self, split: Split, settings: Settings, *, seed: int) -> Iterator[Fitted]:
        """Yield the model after each epoch."""
        from plait.evaluation.peers.cf_cnn_network import CfCnnNetwork
        from plait.evaluation.peers.pair_training import pair_epochs
        from plait.evaluation.peers.torch_training import chance

        rows = IdRows.of(split, seed)
        known = aligned(self.items, split.item_ids)
        features = np.hstack([known.vectors, known.features.attributes])[rows.order]
        with chance(seed):
            network = CfCnnNetwork(features)
        yield from pair_epochs(
            network, rows, time_constant=settings["time_constant"], rate=RATE, decay=DECAY, seed=seed
        )

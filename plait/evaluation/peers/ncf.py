"""NCF: neural collaborative filtering, a product and a perceptron of user and item."""

from collections.abc import Iterator

from plait.evaluation.peers.early_stopping import EpochLearner, Schedule
from plait.evaluation.peers.id_rows import IdRows
from plait.evaluation.peers.peer import Fitted, Settings
from plait.evaluation.splits import Split

RATE, DECAY = 3e-3, 0.01
SCHEDULE = Schedule(trials=[{"time_constant": 5.0}, {"time_constant": 20.0}], every=3, patience=2, most=30)


class Ncf(EpochLearner):
    """NeuMF (He et al. 2017): GMF and MLP side by side, likings against four drawn items each, binary cross-entropy.

    There a user is a row of a table. Here users may be unknown to training, so that a user is folded in from the last
    events, newer and better liked ones first: p_u = p + sum_i share_i y_i (Koren 2008, "asymmetric"); in training it
    is what stood before the liking that is learnt. `time_constant` says in events how fast older ones fade.
    """

    name = "ncf"
    schedule = SCHEDULE

    def epochs(self, split: Split, settings: Settings, *, seed: int) -> Iterator[Fitted]:
        """Yield the model after each epoch."""
        from plait.evaluation.peers.neumf_network import NeuMf
        from plait.evaluation.peers.pair_training import pair_epochs
        from plait.evaluation.peers.torch_training import chance

        rows = IdRows.of(split, seed)
        with chance(seed):
            network = NeuMf(rows.item_count)
        yield from pair_epochs(
            network, rows, time_constant=settings["time_constant"], rate=RATE, decay=DECAY, seed=seed
        )

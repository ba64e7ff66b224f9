"""Parts of a batch, learnt from side by side, have the gradient of the whole, and draw from keys of their own."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch

from ranker import sequence_training
from ranker.fit_sequence import fit_sequence
from ranker.sequence_batches import Batch, batches
from ranker.sequence_settings import WIDE, Encoder, SequenceSettings
from ranker.sequence_training import Trainer
from tests.ranker.logs import random_log
from tests.ranker.sequences import SMALL, circles, histories_of, vectors_of

LOG = random_log(40, 15, 400)
COUNTS = np.bincount(LOG.items, minlength=15)


def _trainer(settings: SequenceSettings, parts: int) -> Trainer:
    trainer = Trainer(settings, vectors_of(15), COUNTS, seed=3)
    trainer.parts = parts
    return trainer


def _batch(settings: SequenceSettings) -> Batch:
    return next(batches(LOG.histories(), settings, np.random.default_rng(0)))[1]


def test_large_networks_alone_learn_in_parts() -> None:
    assert Trainer(SMALL, vectors_of(15), COUNTS, seed=0).parts == 1
    assert Trainer(replace(WIDE, length=4), vectors_of(15), COUNTS, seed=0).parts == sequence_training.PARTS


@pytest.mark.parametrize("parts", [2, 3])
def test_parts_move_the_network_as_the_whole_does(parts: int) -> None:
    """Without chance; one part has fewer wanted items than another."""
    how = replace(SMALL, dropout=0.0, id_dropout=0.0)
    whole, apart = _trainer(how, 1), _trainer(how, parts)
    batch = _batch(how)
    counts = [int((batch.part(part, parts).wanted >= 0).sum()) for part in range(parts)]
    assert len(set(counts)) > 1
    for place in range(3):
        whole.step(batch, 0, place)
        apart.step(batch, 0, place)
    for name, value in whole.adam.parameters.items():
        kept = torch.ones_like(value, dtype=torch.bool)
        if name.endswith(".ask.bias"):
            # A bias of keys moves no attention: its gradient is rounding alone, and Adam makes whole steps of it.
            kept[len(value) // 3 : 2 * len(value) // 3] = False
        torch.testing.assert_close(apart.adam.parameters[name][kept], value[kept], atol=2e-5, rtol=1e-4, msg=name)


def test_a_part_without_anything_wanted_has_no_say() -> None:
    how = replace(SMALL, dropout=0.0, id_dropout=0.0)
    batch = _batch(how)
    batch.wanted[1::2] = -1
    apart, alone = _trainer(how, 2), _trainer(how, 1)
    apart.step(batch, 0, 0)
    alone.step(batch.part(0, 2), 0, 0)
    for name, value in alone.adam.parameters.items():
        torch.testing.assert_close(apart.adam.parameters[name], value, atol=1e-5, rtol=1e-4, msg=name)


def test_side_by_side_the_same_is_learnt_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """With all that is drawn: dropout, negatives, items known by content alone."""
    monkeypatch.setattr(sequence_training, "WIDE", SMALL)
    how = replace(SMALL, sampled_from=9, negatives=30, mask=0.2)
    one, two = (fit_sequence(circles(60, 10, 7), vectors_of(10), settings=how, epochs=12) for _ in range(2))
    for name, array in one.model.to_arrays().items():
        np.testing.assert_array_equal(two.model.to_arrays()[name], array, err_msg=name)
    histories = histories_of(*([item, (item + 1) % 10, (item + 2) % 10] for item in range(10)))
    assert one.model.logits(histories).argmax(axis=1).tolist() == [(item + 3) % 10 for item in range(10)]


def test_parts_draw_apart() -> None:
    """Equal windows lose other numbers to dropout in each part."""
    trainer = _trainer(replace(SMALL, dropout=0.5), 2)
    batch = _batch(SMALL).part(0, 8)
    first, second = (trainer._gradients(batch, (3, 0, 0, part)) for part in range(2))
    assert first[0] is not None
    assert second[0] is not None
    assert not torch.allclose(first[0], second[0])


def test_what_goes_wrong_in_a_part_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = _trainer(SMALL, 2)
    gradients = Trainer._gradients

    def failing(self: Trainer, batch: Batch, key: tuple[int, ...]) -> tuple[torch.Tensor | None, ...]:
        if key[-1] == 1:
            raise MemoryError("no room")
        return gradients(self, batch, key)

    monkeypatch.setattr(Trainer, "_gradients", failing)
    with pytest.raises(MemoryError, match="no room"):
        trainer.step(_batch(SMALL), 0, 0)


@pytest.mark.parametrize("encoder", get_args(Encoder))
@pytest.mark.parametrize("sampled_from", [20_000, 9])
def test_a_batch_of_one_window_leaves_a_part_empty(encoder: Encoder, sampled_from: int) -> None:
    trainer = _trainer(replace(SMALL, encoder=encoder, sampled_from=sampled_from, negatives=5), 2)
    trainer.step(_batch(SMALL).part(0, 1_000), 0, 0)
    assert all(bool(torch.isfinite(value).all()) for value in trainer.adam.parameters.values())

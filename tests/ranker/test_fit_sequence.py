"""Sequence encoders under one contract: order is learnt, chance comes from the seed, rows tell nothing."""

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from ranker.fit_sequence import SequenceFit, fit_sequence
from ranker.interactions import Interactions
from ranker.sequence import SequenceModel
from ranker.sequence_adam import Adam
from ranker.sequence_batches import Batch
from ranker.sequence_settings import Embeddings, Encoder
from ranker.sequence_training import Trainer
from tests.ranker.logs import log, random_log
from tests.ranker.sequences import SMALL, circles, histories_of, vectors_of

ENCODERS = get_args(Encoder)
RANDOM = random_log(40, 15, 400)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _of(model: SequenceModel, **how: Any) -> SequenceModel:
    return replace(model, settings=replace(model.settings, **how))


def _arrays(fit: SequenceFit) -> dict[str, np.ndarray]:
    return fit.model.to_arrays()


def _same(one: SequenceFit, two: SequenceFit) -> None:
    assert one.model.settings == two.model.settings
    assert one.curve == two.curve
    assert (one.epochs, one.best) == (two.epochs, two.best)
    mine, other = _arrays(one), _arrays(two)
    assert mine.keys() == other.keys()
    for name, array in mine.items():
        np.testing.assert_array_equal(array, other[name], err_msg=name)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_what_comes_next_is_learnt(encoder: Encoder) -> None:
    fit = fit_sequence(circles(60, 10, 7), vectors_of(10), settings=replace(SMALL, encoder=encoder), epochs=12)
    assert (fit.epochs, fit.best, fit.curve, fit.complete) == (12, 12, (), True)
    histories = histories_of(*([item, (item + 1) % 10, (item + 2) % 10] for item in range(10)))
    assert fit.model.logits(histories).argmax(axis=1).tolist() == [(item + 3) % 10 for item in range(10)]


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_seed_gives_the_same_arrays_and_another_others(encoder: Encoder) -> None:
    how = replace(SMALL, encoder=encoder, crop=0.3, mask=0.2, reorder=0.3, adversarial=0.1)
    one, two, other = (fit_sequence(RANDOM, vectors_of(15), settings=how, epochs=2, seed=seed) for seed in (1, 1, 2))
    _same(one, two)
    assert not np.allclose(one.model.item_factors, other.model.item_factors)


def test_torch_draws_on_as_if_nothing_had_been() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    fit_sequence(RANDOM, vectors_of(15), settings=SMALL, epochs=1)
    torch.testing.assert_close(torch.rand(3), expected)


@pytest.mark.parametrize("epochs", [3, None])
def test_rows_of_users_and_items_tell_nothing(epochs: int | None) -> None:
    rng = np.random.default_rng(3)
    users, items, vectors = rng.permutation(40), rng.permutation(15), vectors_of(15)
    renamed = replace(RANDOM, users=users[RANDOM.users], items=items[RANDOM.items])
    how = replace(SMALL, most_epochs=3)
    one = fit_sequence(RANDOM, vectors, settings=how, epochs=epochs).model
    two = fit_sequence(renamed, vectors[np.argsort(items)], settings=how, epochs=epochs).model
    np.testing.assert_allclose(two.item_factors[items], one.item_factors, atol=1e-5)
    np.testing.assert_allclose(
        two.logits(histories_of(items[[3, 4]].tolist()))[:, items], one.logits(histories_of([3, 4])), atol=1e-3
    )


def test_the_best_epoch_is_kept() -> None:
    """Of a log of chance more epochs are worse ones: training stops, and gives the model of the best epoch back."""
    how = replace(SMALL, most_epochs=12, patience=3)
    fit = fit_sequence(RANDOM, vectors_of(15), settings=how)
    gains = dict(fit.curve)
    assert list(gains) == list(range(1, fit.epochs + 1))
    assert gains[fit.best] == max(gains.values())
    assert fit.epochs in (fit.best + 3, 12)
    assert fit.complete
    # One that is stopped where it was best is the same model.
    early = fit_sequence(RANDOM, vectors_of(15), settings=replace(how, most_epochs=fit.best))
    np.testing.assert_array_equal(early.model.item_factors, fit.model.item_factors)


def test_too_few_to_judge_are_learnt_for_the_usual_time() -> None:
    fit = fit_sequence(random_log(5, 6, 30), vectors_of(6), settings=SMALL)
    assert (fit.epochs, fit.best, fit.curve) == (20, 20, ())


@pytest.mark.parametrize("embeddings", get_args(Embeddings))
def test_an_item_that_training_never_met(embeddings: Embeddings) -> None:
    how = replace(SMALL, embeddings=embeddings)
    wider = replace(RANDOM, item_count=18)
    model = fit_sequence(wider, vectors_of(18), settings=how, epochs=1).model
    assert model.met.tolist() == [True] * 15 + [False] * 3
    np.testing.assert_allclose(model.item_factors[15:], model.embed(vectors_of(18)[15:]), atol=1e-6)
    assert bool(np.abs(model.item_factors[15:]).max() > 0) is (embeddings != "ids")


def test_an_item_that_was_never_met_is_no_wrong_answer() -> None:
    """What is learnt is the same whether the catalogue holds it or not."""
    one = fit_sequence(RANDOM, vectors_of(15), settings=SMALL, epochs=2).model
    two = fit_sequence(
        replace(RANDOM, item_count=18),
        np.concatenate((vectors_of(15), vectors_of(3, seed=9))),
        settings=SMALL,
        epochs=2,
    ).model
    np.testing.assert_allclose(two.item_factors[:15], one.item_factors, atol=1e-5)


def test_content_scores_what_was_never_met() -> None:
    """Who likes things of one kind goes on so; of new things those of that kind are better."""
    rng = np.random.default_rng(0)
    vectors = vectors_of(40)
    vectors[:, 0] = np.where(np.arange(40) % 2, 3.0, -3.0)
    events = []
    for user in range(150):
        mine = rng.permutation(np.arange(user % 2, 30, 2))[:8]
        events += [(user, int(item), float(place), 1.0) for place, item in enumerate(mine)]
    model = fit_sequence(log(*events, items=40), vectors, settings=SMALL, epochs=12).model
    logits = model.logits(histories_of([1, 3, 5, 7], [0, 2, 4, 6]))[:, 30:]
    assert logits[0, 1::2].mean() > logits[0, ::2].mean()
    assert logits[1, ::2].mean() > logits[1, 1::2].mean()


@pytest.mark.parametrize("epochs", [50_000, None])
def test_a_deadline_is_kept(epochs: int | None) -> None:
    how = replace(SMALL, most_epochs=50_000, patience=50_000)
    fit_sequence(RANDOM, vectors_of(15), settings=how, epochs=1)  # loads torch's optimizers, which takes seconds
    began = time.monotonic()
    fit = fit_sequence(RANDOM, vectors_of(15), settings=how, epochs=epochs, deadline=began + 0.5)
    assert time.monotonic() - began < 30.0
    assert not fit.complete
    assert np.isfinite(fit.model.logits(histories_of([1, 2]))).all()


def test_no_epoch_is_begun_that_cannot_be_judged_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that only steps move: what is left after the last whole epoch is left to others."""
    now, step = [0.0], Trainer.step
    how = replace(SMALL, most_epochs=3, patience=50)

    def moving(self: Trainer, batch: Batch, epoch: int, place: int, *, cooled: float) -> None:
        now[0] += 1.0
        step(self, batch, epoch, place, cooled=cooled)

    monkeypatch.setattr(Trainer, "step", moving)
    monkeypatch.setattr("ranker.fit_sequence.time.monotonic", lambda: now[0])
    whole = fit_sequence(RANDOM, vectors_of(15), settings=how)
    each, now[0] = now[0] / 3, 0.0
    assert whole.pace == pytest.approx(each)
    fit = fit_sequence(RANDOM, vectors_of(15), settings=replace(how, most_epochs=9), deadline=3.8 * each)
    assert (fit.epochs, fit.complete) == (3, False)
    assert now[0] == pytest.approx(3 * each)
    assert fit.curve == whole.curve


def test_a_deadline_that_is_past_still_gives_a_model() -> None:
    fit = fit_sequence(RANDOM, vectors_of(15), settings=SMALL, deadline=time.monotonic() - 1)
    assert (fit.epochs, fit.best, fit.curve, fit.complete) == (0, 0, (), False)
    assert fit.model.logits(histories_of([1])).shape == (1, 15)


class _KilledError(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize(("epochs", "goes_on"), [(5, False), (5, True), (None, False)])
@pytest.mark.parametrize("seconds", [0.0, 60.0])
def test_a_killed_run_goes_on_to_the_same_arrays(
    tmp_path: Path, epochs: int | None, goes_on: bool, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed in the middle of its third epoch, having written after every step or every epoch."""
    monkeypatch.setattr("ranker.fit_sequence.CHECKPOINT_SECONDS", seconds)
    how = replace(SMALL, most_epochs=5)
    start = fit_sequence(RANDOM, vectors_of(15), settings=how, epochs=1, seed=7).model if goes_on else None
    fit = partial(fit_sequence, RANDOM, vectors_of(15), settings=how, epochs=epochs, start=start)
    whole = fit()
    step = Trainer.step

    def dying(self: Trainer, batch: Batch, epoch: int, place: int, *, cooled: float) -> None:
        if (epoch, place) == (2, 2):
            raise _KilledError
        step(self, batch, epoch, place, cooled=cooled)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", dying)
        with pytest.raises(_KilledError):
            fit(checkpoint=tmp_path)
    said: list[str] = []
    again = fit(checkpoint=tmp_path, progress=said.append)
    assert "going on after epoch 2" in said[0]
    _same(again, whole)


def test_a_run_that_met_its_deadline_goes_on(tmp_path: Path) -> None:
    """With what time is left it makes some steps at least; the next run makes the rest."""
    whole = fit_sequence(RANDOM, vectors_of(15), settings=SMALL, epochs=6)
    for tried in range(200):
        seconds = 0.05 * (1 + tried / 10)  # the slower the machine, the longer it takes to begin
        fit = fit_sequence(
            RANDOM,
            vectors_of(15),
            settings=SMALL,
            epochs=6,
            checkpoint=tmp_path,
            deadline=time.monotonic() + seconds,
        )
        if fit.complete:
            break
    _same(fit, whole)


def test_a_run_that_is_over_is_not_run_again(tmp_path: Path) -> None:
    one = fit_sequence(RANDOM, vectors_of(15), settings=SMALL, epochs=3, checkpoint=tmp_path)
    said: list[str] = []
    two = fit_sequence(RANDOM, vectors_of(15), settings=SMALL, epochs=3, checkpoint=tmp_path, progress=said.append)
    assert len(said) == 1
    _same(one, two)


@pytest.mark.parametrize("changed", ["seed", "settings", "log", "vectors", "epochs", "start"])
def test_a_checkpoint_of_another_run_is_left_alone(tmp_path: Path, changed: str) -> None:
    fit_sequence(RANDOM, vectors_of(15), settings=SMALL, epochs=1, checkpoint=tmp_path)
    interactions: Interactions = replace(RANDOM, weights=-RANDOM.weights) if changed == "log" else RANDOM
    vectors = vectors_of(15, seed=int(changed == "vectors"))
    how = replace(SMALL, dropout=0.2) if changed == "settings" else SMALL
    epochs, seed = 1 + (changed == "epochs"), int(changed == "seed")
    start = fit_sequence(RANDOM, vectors, settings=how, epochs=1).model if changed == "start" else None
    fit = partial(fit_sequence, interactions, vectors, settings=how, epochs=epochs, seed=seed, start=start)
    expected = fit()
    said: list[str] = []
    found = fit(checkpoint=tmp_path, progress=said.append)
    assert not any("going on" in line for line in said)
    _same(found, expected)


def test_a_broken_checkpoint_is_left_alone(tmp_path: Path) -> None:
    fit_sequence(RANDOM, vectors_of(15), settings=SMALL, epochs=1, checkpoint=tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:200])
    expected = fit_sequence(RANDOM, vectors_of(15), settings=SMALL, epochs=1)
    _same(fit_sequence(RANDOM, vectors_of(15), settings=SMALL, epochs=1, checkpoint=tmp_path), expected)


@pytest.mark.parametrize("embeddings", get_args(Embeddings))
def test_what_goes_on_begins_where_the_start_is(embeddings: Embeddings) -> None:
    """At a rate of next to nothing it stays there, though the log names the items in another order."""
    how = replace(SMALL, embeddings=embeddings)
    vectors = vectors_of(15)
    start = fit_sequence(RANDOM, vectors, settings=how, epochs=2).model
    other = replace(RANDOM, items=RANDOM.items[::-1].copy())
    model = fit_sequence(other, vectors, settings=replace(how, rate=1e-9), epochs=1, start=_of(start, rate=1e-9)).model
    # Without a table the mean of the other log's content is another, which moves all items alike.
    histories = histories_of([1, 2, 3], [4])
    told, expected = model.logits(histories), start.logits(histories)
    np.testing.assert_allclose(
        told - told.mean(axis=1, keepdims=True), expected - expected.mean(axis=1, keepdims=True), atol=1e-4
    )
    if embeddings != "content":
        np.testing.assert_allclose(model.item_factors, start.item_factors, atol=1e-5)


def test_going_on_cools_down_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    start = fit_sequence(RANDOM, vectors_of(15), settings=SMALL, epochs=1).model
    rates: list[float] = []
    step = Adam.step

    def told(self: Adam, rate: float) -> None:
        rates.append(rate)
        step(self, rate)

    monkeypatch.setattr(Adam, "step", told)
    fit_sequence(RANDOM, vectors_of(15), settings=SMALL, epochs=3, start=start)
    each = len(rates) // 3
    warm = rates[SMALL.warm_up :]
    assert warm == sorted(warm, reverse=True)
    assert rates[each] == pytest.approx(SMALL.rate * 2 / 3, rel=0.05)
    assert rates[-1] < SMALL.rate / each


def test_an_impossible_start_is_refused() -> None:
    start = fit_sequence(RANDOM, vectors_of(15), settings=SMALL, epochs=1).model
    with pytest.raises(ValueError, match="start has 15 rows; expected one for each of 18 items"):
        fit_sequence(replace(RANDOM, item_count=18), vectors_of(18), settings=SMALL, epochs=1, start=start)
    with pytest.raises(ValueError, match="start is a model of other settings"):
        fit_sequence(RANDOM, vectors_of(15), settings=replace(SMALL, dropout=0.3), epochs=1, start=start)


def test_bad_logs_are_refused_or_learnt() -> None:
    only_bad = log((0, 0, 1.0, -1.0), (1, 1, 2.0, 0.0))
    with pytest.raises(ValueError, match="no liking"):
        fit_sequence(only_bad, vectors_of(2), settings=SMALL)
    with pytest.raises(ValueError, match="vectors has 3 rows; expected one for each of 15 items"):
        fit_sequence(RANDOM, vectors_of(3), settings=SMALL)
    for odd in (log((0, 0, 1.0, 1.0)), log(*((0, 0, float(place), 1.0) for place in range(9)), items=3)):
        model = fit_sequence(odd, vectors_of(odd.item_count), settings=SMALL).model
        assert isinstance(model, SequenceModel)
        assert np.isfinite(model.logits(histories_of([0], []))).all()


def test_vectors_of_no_columns_leave_the_ids() -> None:
    model = fit_sequence(RANDOM, np.zeros((15, 0), dtype=np.float32), settings=SMALL, epochs=1).model
    assert model.embed(np.zeros((2, 0), dtype=np.float32)).shape == (2, SMALL.width)
    assert np.abs(model.item_factors).max() > 0


def test_drawn_items_teach_as_the_whole_catalogue_does() -> None:
    """Of 40 items 30 are drawn a batch, the frequent ones more often; nobody is misled by that."""
    how = replace(SMALL, encoder="cnn", sampled_from=39, negatives=30)
    fit = fit_sequence(circles(80, 40, 7), vectors_of(40), settings=how, epochs=25)
    histories = histories_of(*([item, (item + 1) % 40, (item + 2) % 40] for item in range(40)))
    right = fit.model.logits(histories).argmax(axis=1) == (np.arange(40) + 3) % 40
    assert right.mean() > 0.9


@pytest.fixture(scope="module")
def plain() -> SequenceModel:
    settings = replace(SMALL, encoder="cnn")
    return fit_sequence(circles(60, 10, 7), vectors_of(10), settings=settings, epochs=12).model


@pytest.mark.parametrize("how", [{"adversarial": 0.3}, {"mask": 0.2}, {"reorder": 0.3}, {"crop": 0.5}, {"decay": 0.0}])
def test_each_regulariser_changes_what_is_learnt_and_none_keeps_from_learning(
    how: dict[str, Any], plain: SequenceModel
) -> None:
    settings = replace(SMALL, encoder="cnn", **how)
    other = fit_sequence(circles(60, 10, 7), vectors_of(10), settings=settings, epochs=12).model
    assert not np.allclose(plain.item_factors, other.item_factors, atol=1e-4)
    ends = histories_of(*([(item + 8) % 10, (item + 9) % 10, item] for item in range(10)))
    assert (other.logits(ends).argmax(axis=1) == (np.arange(10) + 1) % 10).mean() >= 0.8

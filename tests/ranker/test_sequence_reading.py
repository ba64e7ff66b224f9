"""The readers in numpy say what the networks say, for every encoder, and never read ahead."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch

from ranker.interactions import Histories
from ranker.sequence import SequenceModel
from ranker.sequence_network import SequenceNetwork
from ranker.sequence_rows import Met
from ranker.sequence_settings import Embeddings, Encoder, SequenceSettings
from tests.ranker.logs import log, random_log
from tests.ranker.sequences import SMALL, vectors_of

ITEMS = 12
ENCODERS = get_args(Encoder)


def _met() -> Met:
    everything = log(*((0, item, float(item), 1.0) for item in range(ITEMS)))
    return Met.of(everything, vectors_of(ITEMS))


def _twins(settings: SequenceSettings) -> tuple[SequenceNetwork, SequenceModel]:
    """Return a network of random parameters, and its twin."""
    torch.manual_seed(0)
    met = _met()
    network = SequenceNetwork(settings, ITEMS, torch.from_numpy(met.content)).eval()
    with torch.no_grad():
        for value in network.parameters():
            value.copy_(torch.randn_like(value) * 0.4)
    learnt = {name: value.detach().numpy() for name, value in network.named_parameters()}
    return network, met.model(learnt, settings, vectors_of(ITEMS))


def _one(items: list[int], weights: list[float]) -> Histories:
    times = np.arange(len(items), dtype=np.float64)
    offsets = np.asarray([0, len(items)])
    return Histories(offsets, np.asarray(items, np.int64), times, np.asarray(weights, np.float32), np.asarray([99.0]))


def _by_the_network(network: SequenceNetwork, histories: Histories) -> np.ndarray:
    """Return the states one history at a time, the slow way."""
    states = []
    for start, stop in zip(histories.offsets[:-1], histories.offsets[1:], strict=True):
        items = [-1, *histories.items[start:stop].tolist()][-network.settings.length :]
        weights = [0.0, *histories.weights[start:stop].tolist()][-network.settings.length :]
        with torch.inference_mode():
            read = network(network.embeddings(), torch.tensor([items]), torch.tensor([weights]))
        states.append(read[0, -1].numpy())
    return np.stack(states)


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("embeddings", get_args(Embeddings))
def test_the_twin_agrees(encoder: Encoder, embeddings: Embeddings) -> None:
    settings = replace(SMALL, encoder=encoder, embeddings=embeddings, layers=3)
    network, model = _twins(settings)
    histories = random_log(20, ITEMS, 120).histories()
    assert histories.lengths.min() < settings.length < histories.lengths.max()
    expected = _by_the_network(network, histories)
    np.testing.assert_allclose(model.states(histories), expected, atol=1e-4)
    logits = expected @ network.embeddings().detach().numpy().T + network.bias.detach().numpy()
    np.testing.assert_allclose(model.logits(histories), logits, atol=1e-3)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_no_place_reads_ahead(encoder: Encoder) -> None:
    network, _ = _twins(replace(SMALL, encoder=encoder))
    one, two = torch.tensor([[-1, 0, 1, 2, 3]]), torch.tensor([[-1, 0, 1, 7, 8]])
    with torch.inference_mode():
        first, second = (network(network.embeddings(), read, torch.ones(1, 5)) for read in (one, two))
    torch.testing.assert_close(first[:, :3], second[:, :3])
    assert not torch.allclose(first[:, 3], second[:, 3], atol=1e-3)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_an_empty_history_reads_the_start_and_others_do_not_disturb_it(encoder: Encoder) -> None:
    _, model = _twins(replace(SMALL, encoder=encoder))
    alone = model.states(_one([], []))
    both = model.states(random_log(3, ITEMS, 20).histories())
    assert alone.shape == (1, SMALL.width)
    empty = Histories(np.asarray([0, 2, 2]), np.asarray([1, 2]), np.zeros(2), np.ones(2, np.float32), np.zeros(2))
    np.testing.assert_allclose(model.states(empty)[1], alone[0], atol=1e-5)
    assert not np.allclose(both[0], alone[0], atol=1e-2)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_an_unknown_item_is_skipped(encoder: Encoder) -> None:
    _, model = _twins(replace(SMALL, encoder=encoder))
    known, with_unknown = _one([1, 2, 3], [1.0, -0.5, 0.3]), _one([1, -1, 2, -1, 3, -1], [1.0, 1.0, -0.5, 0.2, 0.3, 1])
    np.testing.assert_allclose(model.states(with_unknown), model.states(known), atol=1e-5)
    np.testing.assert_allclose(model.states(_one([-1, -1], [1, 1])), model.states(_one([], [])), atol=1e-5)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_new_item_is_read_by_its_content(encoder: Encoder) -> None:
    """With content alone an item of known content is that item, whether training met it or not."""
    _, model = _twins(replace(SMALL, encoder=encoder, embeddings="content"))
    extended = np.concatenate((model.item_factors, model.embed(vectors_of(ITEMS)[[4]])))
    old, new = _one([1, 4, 3], [1.0] * 3), _one([1, ITEMS, 3], [1.0] * 3)
    np.testing.assert_allclose(model.states(new, factors=extended), model.states(old), atol=1e-4)
    with pytest.raises(ValueError, match="item 12; expected items below 12"):
        model.states(new)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_the_weight_of_an_event_is_read_where_asked_for(encoder: Encoder) -> None:
    liked, disliked = _one([1, 2], [1.0, 1.0]), _one([1, 2], [1.0, -1.0])
    for reads in (True, False):
        _, model = _twins(replace(SMALL, encoder=encoder, reads_weights=reads))
        assert np.allclose(model.states(liked), model.states(disliked), atol=1e-4) is not reads


@pytest.mark.parametrize("limit", [1, 3, 8, 20])
def test_recent_entries_are_read_as_histories_are(limit: int) -> None:
    _, model = _twins(SMALL)
    histories = random_log(9, ITEMS, 90).histories()
    spans = zip(histories.offsets[:-1].tolist(), histories.offsets[1:].tolist(), strict=True)
    cut = [range(max(stop - limit, start), stop) for start, stop in spans]
    entries = np.asarray([entry for span in cut for entry in span])
    offsets = np.concatenate(([0], np.cumsum([len(span) for span in cut])))
    alone = Histories(
        offsets, histories.items[entries], histories.times[entries], histories.weights[entries], histories.now
    )
    np.testing.assert_allclose(model.states(histories.recent(limit)), model.states(alone), atol=1e-5)


def test_arrays_round_trip() -> None:
    _, model = _twins(SMALL)
    again = SequenceModel.from_arrays(model.settings_json(), model.to_arrays())
    histories = random_log(5, ITEMS, 40).histories()
    np.testing.assert_array_equal(again.logits(histories), model.logits(histories))
    np.testing.assert_array_equal(again.met, model.met)
    assert again.settings == model.settings

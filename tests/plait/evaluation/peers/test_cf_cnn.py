"""CF-CNN: the logits beside whole pictures convolved one at a time."""

import numpy as np
import torch
from torch import nn

from plait.evaluation.peers.cf_cnn_network import WIDTH, CfCnnNetwork
from plait.evaluation.peers.folded_users import tensors_of
from plait.evaluation.peers.recent_reading import Readings

READINGS = Readings(np.asarray([[0, 2], [1, 5]]), np.asarray([[0.5, 0.2], [0.4, 0.0]], np.float32))


def _network() -> CfCnnNetwork:
    torch.manual_seed(0)
    network = CfCnnNetwork(np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32)).eval()
    nn.init.normal_(network.item_biases)
    return network


def test_logits_beside_whole_pictures() -> None:
    network = _network()
    found = network(*tensors_of(READINGS), torch.tensor([[0, 3, 3], [1, 4, 0]]))
    users, biases = network.users(*tensors_of(READINGS)), network.user_biases(*tensors_of(READINGS))
    for user, row in enumerate([[0, 3, 3], [1, 4, 0]]):
        for place, item in enumerate(row):
            vector = network.items.weight[item]
            picture = torch.stack([users[user], vector, network.of_features(network.features[item])])
            assert picture.shape == (3, WIDTH)
            cnn = network.head(network.second(torch.relu(network.first(picture[None, None]))))[0, 0]
            cf = users[user] @ vector + biases[user, 0] + network.item_biases[item] + network.bias
            torch.testing.assert_close(found[user, place], cf + cnn)


def test_candidates_of_all_are_those_of_each() -> None:
    network = _network()
    everything = torch.arange(5)
    torch.testing.assert_close(
        network(*tensors_of(READINGS), everything), network(*tensors_of(READINGS), everything.expand(2, -1))
    )


def test_features_reach_the_logits() -> None:
    network = _network()
    before = network(*tensors_of(READINGS), torch.arange(5)).detach()
    network.features[2] += 1.0
    moved = (network(*tensors_of(READINGS), torch.arange(5)).detach() - before).abs().amax(0) > 1e-4
    assert moved.tolist() == [False, False, True, False, False]

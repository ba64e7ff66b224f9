"""NeuMF: its logits beside the formula, one pair at a time; and users folded in."""

import numpy as np
import torch

from plait.evaluation.peers.folded_users import FoldedUsers, tensors_of
from plait.evaluation.peers.neumf_network import NeuMf
from plait.evaluation.peers.pair_training import FittedPairs
from plait.evaluation.peers.recent_reading import HISTORY, Readings, read
from ranker.interactions import Histories

READINGS = Readings(np.asarray([[0, 2], [1, 5], [5, 5]]), np.asarray([[0.5, 0.2], [0.4, 0.0], [0.0, 0.0]], np.float32))
"""Three users and five items; 5 is padding."""


def _network() -> NeuMf:
    torch.manual_seed(0)
    return NeuMf(5).eval()


def test_a_user_is_the_sum_of_shares() -> None:
    torch.manual_seed(0)
    users = FoldedUsers(5, 3)
    found = users(*tensors_of(READINGS))
    torch.testing.assert_close(found[0], users.nobody + 0.5 * users.said[0] + 0.2 * users.said[2])
    torch.testing.assert_close(found[2], users.nobody.detach(), check_stride=False)
    assert users(torch.zeros((2, 0), dtype=torch.int64), torch.zeros((2, 0))).shape == (2, 3)


def test_logits_beside_the_formula() -> None:
    network = _network()
    found = network(*tensors_of(READINGS), torch.tensor([[0, 3], [1, 4], [2, 2]]))
    users, readers = (table(*tensors_of(READINGS)) for table in (network.users, network.readers))
    for user, row in enumerate([[0, 3], [1, 4], [2, 2]]):
        for place, item in enumerate(row):
            side_by_side = torch.cat([readers[user], network.read.weight[item]])
            whole = torch.cat([network.of_user.weight, network.of_item.weight], dim=1)
            mlp = network.rest(whole @ side_by_side + network.of_user.bias)
            gmf = users[user] * network.items.weight[item]
            torch.testing.assert_close(found[user, place], network.together(torch.cat([gmf, mlp]))[0])


def test_candidates_of_all_are_those_of_each() -> None:
    network = _network()
    everything = torch.arange(5)
    torch.testing.assert_close(
        network(*tensors_of(READINGS), everything), network(*tensors_of(READINGS), everything.expand(3, -1))
    )


def test_scores_are_the_logits_of_the_readings() -> None:
    network = _network()
    histories = Histories(
        np.asarray([0, 2, 2, 3]), np.asarray([0, 3, 4]), np.zeros(3), np.asarray([1.0, -0.5, 0.5], np.float32),
        np.zeros(3),
    )  # fmt: skip
    with torch.inference_mode():
        expected = network(*tensors_of(read(histories.recent(HISTORY), 5, 7.0)), torch.arange(5))
    np.testing.assert_allclose(FittedPairs(network, 5, 7.0).scores(histories), expected.numpy(), rtol=1e-5)

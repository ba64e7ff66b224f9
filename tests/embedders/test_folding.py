"""Folded batch normalisation: the same network, or the network as it was."""

import pytest
import torch
from torch import nn

from embedders.folding import fold_batch_norms


def seasoned(network: nn.Module) -> nn.Module:
    """Give batch normalisations the statistics and weights of a long training."""
    chance = torch.Generator().manual_seed(3)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.running_mean, module.running_var, module.weight.data, module.bias.data):
                if tensor is not None:
                    tensor.copy_(torch.rand(tensor.shape, generator=chance) + 0.3)
    return network.eval()


def norms(network: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())


@pytest.mark.parametrize("architecture", ["test_efficientnet", "test_resnet"])
def test_the_folded_network_says_the_same_in_fewer_steps(architecture: str) -> None:
    import timm

    torch.manual_seed(0)
    network = seasoned(timm.create_model(architecture, pretrained=False))
    folded = fold_batch_norms(network)
    assert norms(network) > 0
    assert norms(folded) == 0
    pictures = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        torch.testing.assert_close(folded(pictures), network(pictures), rtol=1e-3, atol=1e-4)


def test_the_numbers_of_a_fold() -> None:
    network = nn.Sequential(nn.Conv2d(3, 1, 1), nn.BatchNorm2d(1, eps=0.0)).eval()
    conv, norm = network
    assert isinstance(conv, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    assert conv.bias is not None
    assert norm.running_mean is not None
    assert norm.running_var is not None
    conv.weight.data.copy_(torch.tensor([1.0, 2.0, 3.0])[None, :, None, None])
    conv.bias.data.fill_(5.0)
    norm.running_mean.fill_(1.0)
    norm.running_var.fill_(4.0)
    norm.weight.data.fill_(6.0)
    norm.bias.data.fill_(7.0)
    folded = fold_batch_norms(network)
    state = folded.state_dict()
    torch.testing.assert_close(state["0.weight"].flatten(), torch.tensor([3.0, 6.0, 9.0]))
    torch.testing.assert_close(state["0.bias"], torch.tensor([19.0]))  # (5 - 1) * 6 / 2 + 7


class _ReadTwice(nn.Module):
    """What the convolution makes is normalised, and read once more as it is: it must not be scaled."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self.conv(pictures)
        normal: torch.Tensor = self.norm(made)
        return normal + made.flip(1)


@pytest.mark.parametrize(
    "network",
    [
        _ReadTwice(),
        nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 2, 1)),
        nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2, track_running_stats=False)),
    ],
)
def test_what_cannot_be_folded_stays(network: nn.Module) -> None:
    seasoned(network)
    left = fold_batch_norms(network)
    assert norms(left) == 1
    pictures = torch.rand(1, 3, 224, 224)
    with torch.inference_mode():
        torch.testing.assert_close(left(pictures), network(pictures))

"""Batch normalisation folded into the convolutions before it: the same network in fewer steps."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

SIDE = 224
"""Pixels a side of the noise that the network is followed with: of the pictures it will be given."""
LIKENESS = 0.99999


def fold_batch_norms(network: "torch.nn.Module") -> "torch.nn.Module":
    """Return the network, in evaluation mode, with each batch normalisation folded into the convolution it follows.

    conv(x) * s + (b - mean * s), s = weight / sqrt(variance + eps), is a convolution with weights scaled by s
    (Jacob et al., Quantization and Training of Neural Networks, 2018, section 3.2). Which follows which is seen on
    noise; where the folded network says something else than the given one did, the given one is returned.
    """
    import copy

    import torch

    folded = copy.deepcopy(network)
    noise = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected, pairs = _followed(folded, noise)
        for conv, norm in pairs:
            _scale(conv, norm)
            _replace(folded, norm, _after(norm))
        got: torch.Tensor = folded(noise)
    likeness = torch.nn.functional.cosine_similarity(expected.flatten(1), got.flatten(1))
    return folded if bool((likeness > LIKENESS).all()) else network


def _followed(
    network: "torch.nn.Module", noise: "torch.Tensor"
) -> "tuple[torch.Tensor, list[tuple[torch.nn.Conv2d, torch.nn.BatchNorm2d]]]":
    """Return what the network says, and each batch normalisation that reads what a convolution has just made."""
    import torch

    made: list[tuple[torch.Tensor, torch.nn.Conv2d]] = []  # holds the tensors, so that none takes another's place
    pairs: list[tuple[torch.nn.Conv2d, torch.nn.BatchNorm2d]] = []

    def note(module: torch.nn.Module, given: tuple[object, ...], output: object) -> None:
        if isinstance(module, torch.nn.Conv2d) and isinstance(output, torch.Tensor):
            made.append((output, module))
        elif isinstance(module, torch.nn.BatchNorm2d) and module.running_mean is not None:
            pairs.extend((conv, module) for tensor, conv in made if tensor is given[0])

    kinds = (torch.nn.Conv2d, torch.nn.BatchNorm2d)
    hooks = [module.register_forward_hook(note) for module in network.modules() if isinstance(module, kinds)]
    said: torch.Tensor = network(noise)
    for hook in hooks:
        hook.remove()
    return said, pairs


def _scale(conv: "torch.nn.Conv2d", norm: "torch.nn.BatchNorm2d") -> None:
    from torch.nn.utils.fusion import fuse_conv_bn_weights

    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None:
        raise ValueError("norm has no statistics of its own; expected a mean and a variance to fold")
    conv.weight, conv.bias = fuse_conv_bn_weights(
        conv.weight, conv.bias, mean, variance, norm.eps, norm.weight, norm.bias
    )


def _after(norm: "torch.nn.BatchNorm2d") -> "torch.nn.Module":
    """Return what a layer does besides the normalisation: timm's activate as well."""
    import torch

    activation = getattr(norm, "act", None)
    return activation if isinstance(activation, torch.nn.Module) else torch.nn.Identity()


def _replace(network: "torch.nn.Module", old: "torch.nn.Module", new: "torch.nn.Module") -> None:
    for parent in network.modules():
        for name, child in list(parent.named_children()):
            if child is old:
                setattr(parent, name, new)

"""The convolutional network that pictures and spectrograms share: loaded from a file or a timm name."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedders.class_head import ClassHead
from embedders.device import Device, resolve
from embedders.encoder import Vectors
from embedders.folding import fold_batch_norms
from embedders.weights_file import read_weights

if TYPE_CHECKING:
    import torch

FEATURE_NORMS = {"tf_efficientnet_lite0": 17.0}
"""The usual norm of a network's pooled features on photographs: what a unit row was divided by."""

POOLED_FEATURES = {"tf_efficientnet_lite0": 1280}
"""How many of the numbers of `CnnModel.features` are the network's pooled features; the stages stand behind them."""

STAGES = 2
BANDS = 3
LOWER_STAGES = 3
LOWER_WEIGHT = 0.6
"""The length of each of the LOWER_STAGES beside the pooled features, whose length is 1. Measured, stamps found by a
caption that is hidden: .747 by the pooled features alone, .778 with three stages, the same with four."""
Pooling = Callable[["torch.Tensor"], "torch.Tensor"]
"""Frames (n, frames, dimension) to unit rows."""


def load_cnn(architecture: str, weights: str, *, allow_download: bool = False) -> "torch.nn.Module":
    """Return a timm model in evaluation mode.

    `weights` is a file (.pth or .safetensors; tensors are matched by name, or else in order by shape), or "" for
    timm's own weights, which are fetched only if `allow_download`. Raises ValueError where they do not fit.
    """
    import timm

    if not weights:
        if not allow_download:
            raise ValueError(f"weights of {architecture} are not on this machine; --allow-download fetches them")
        return timm.create_model(architecture, pretrained=True).eval()
    model = timm.create_model(architecture, pretrained=False)
    wanted = model.state_dict()
    stored = read_weights(weights)
    if len(stored) != len(wanted):
        raise ValueError(f"weights {weights} do not fit {architecture}: {len(stored)} tensors, expected {len(wanted)}")
    if set(stored) != set(wanted):
        stored = dict(zip(wanted, stored.values(), strict=True))
    unfit = [name for name, tensor in wanted.items() if stored[name].shape != tensor.shape]
    if unfit:
        raise ValueError(f"weights {weights} do not fit {architecture}: {unfit[0]} has another shape")
    model.load_state_dict(stored)
    return model.eval()


class CnnModel:
    """A CNN without its classifier, loaded at first use."""

    def __init__(
        self, architecture: str, weights: str, *, dimension: int, device: Device, allow_download: bool
    ) -> None:
        self.architecture = architecture
        self.weights = weights
        self.dimension = dimension
        self._device: Device = device
        self._allow_download = allow_download

    @cached_property
    def _loaded(self) -> Any:  # a timm model: a torch module with features, head and settings of its own
        import torch

        model = load_cnn(self.architecture, self.weights, allow_download=self._allow_download)
        return fold_batch_norms(model).to(resolve(self._device)).to(memory_format=torch.channels_last)

    def features(self, pictures: NDArray[np.float32]) -> Vectors:
        """Return unit rows (n, dimension) of pictures (n, 3, height, width) in 0..1.

        The network's pooled features stand first, beside them what its last LOWER_STAGES stages see: what things are
        is in the features, how they look in the stages, each one's map averaged over the picture. Raises ValueError
        where the network gives vectors of another dimension than it was said to, and for one that has no such maps.
        """
        import torch

        model = self._staged()
        with torch.inference_mode():
            last, maps = model.forward_intermediates(self._batch(pictures), indices=LOWER_STAGES)
            pooled = torch.nn.functional.normalize(model.forward_head(last, pre_logits=True).float(), dim=1)
            lower = [LOWER_WEIGHT * torch.nn.functional.normalize(m.float().mean(dim=(2, 3)), dim=1) for m in maps]
            return self._unit(torch.cat([pooled, *lower], dim=1))

    def bands(self, pictures: NDArray[np.float32], *, pooling: "Pooling | None" = None) -> Vectors:
        """Return unit rows (n, dimension) of what the last STAGES stages see in BANDS bands, top to bottom.

        Each stage's map (channels, height, width), as timm's `forward_intermediates` tells it, is averaged over the
        width and over the heights of a band; the bands of a stage, scaled to one, stand side by side, and so do stages.
        With a `pooling` of frames, what it makes of them stands beside, as long as all the bands together.
        Raises ValueError as `features`.
        """
        import torch

        with torch.inference_mode():
            maps = self._maps(pictures)
            rows = torch.cat([_banded(stage) for stage in maps], dim=1)
            if pooling is not None:
                rows = torch.cat([torch.nn.functional.normalize(rows, dim=1), pooling(_frames(maps))], dim=1)
            return self._unit(rows)

    def frames(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return unit rows (n, frames, dimension), left to right, of what `bands` averages over the width.

        There are as many frames as the widest map of the stages has columns. Raises ValueError as `bands`.
        """
        import torch

        with torch.inference_mode():
            return _frames(self._maps(pictures)).cpu().numpy()

    def _maps(self, pictures: NDArray[np.float32]) -> "list[torch.Tensor]":
        maps = self._staged().forward_intermediates(self._batch(pictures), indices=STAGES, intermediates_only=True)
        return [stage.float() for stage in maps]

    def _staged(self) -> Any:
        """Return the network. Raises ValueError where it does not tell what its stages see."""
        if not hasattr(self._loaded, "forward_intermediates"):
            raise ValueError(f"{self.architecture} tells no maps; expected a timm network with forward_intermediates")
        return self._loaded

    def _batch(self, pictures: NDArray[np.float32]) -> "torch.Tensor":
        """Return the pictures as the network was trained on: their colours moved and scaled."""
        import torch

        model = self._loaded
        expected = model.pretrained_cfg
        batch = torch.from_numpy(pictures).to(next(model.parameters()).device)
        mean, deviation = (torch.tensor(expected[name], device=batch.device) for name in ("mean", "std"))
        scaled = (batch - mean[:, None, None]) / deviation[:, None, None]
        return scaled.contiguous(memory_format=torch.channels_last)

    def _unit(self, rows: "torch.Tensor") -> Vectors:
        import torch

        if rows.shape[1] != self.dimension:
            raise ValueError(f"dimension is {self.dimension}, but {self.architecture} gives {rows.shape[1]}")
        return torch.nn.functional.normalize(rows.float(), dim=1).cpu().numpy()

    def class_head(self) -> ClassHead | None:
        """Return the classifier on top of `features`, which looks at the pooled ones alone.

        None where it does not tell ImageNet's thousand classes or its scale is not known.
        """
        from timm.data.imagenet_info import ImageNetInfo

        state = self._loaded.state_dict()
        weight, bias = state.get("classifier.weight"), state.get("classifier.bias")
        known = ImageNetInfo()
        names = tuple(known.label_descriptions())
        norm = FEATURE_NORMS.get(self.architecture)
        if weight is None or bias is None or norm is None or len(weight) != len(names):
            return None
        # A detailed description is the name, a colon and the definition.
        detailed = zip(names, known.label_descriptions(detailed=True), strict=True)
        definitions = tuple(told.removeprefix(f"{name}: ") for name, told in detailed)
        wide = np.zeros((len(names), self.dimension), dtype=np.float32)
        wide[:, : weight.shape[1]] = weight.float().cpu().numpy()
        share = 1.0 / np.sqrt(1.0 + LOWER_STAGES * LOWER_WEIGHT**2)
        return ClassHead(names, definitions, wide, bias.float().cpu().numpy(), float(norm / share))


def _frames(maps: "Sequence[torch.Tensor]") -> "torch.Tensor":
    """Return unit rows (n, width, channels * BANDS of all maps) of maps (n, channels, height, width)."""
    import torch

    width, sides = max(stage.shape[3] for stage in maps), []
    for stage in maps:
        heights = torch.tensor_split(stage, BANDS, dim=2)
        columns = torch.cat([band.mean(dim=2) for band in heights], dim=1)
        widened = torch.nn.functional.interpolate(columns, size=width, mode="nearest")
        sides.append(torch.nn.functional.normalize(widened, dim=1).transpose(1, 2))
    return torch.nn.functional.normalize(torch.cat(sides, dim=2), dim=2)


def _banded(stage: "torch.Tensor") -> "torch.Tensor":
    """Return unit rows (n, channels * BANDS) of a map (n, channels, height, width)."""
    import torch

    heights = torch.tensor_split(stage.mean(dim=3), BANDS, dim=2)
    return torch.nn.functional.normalize(torch.cat([band.mean(dim=2) for band in heights], dim=1), dim=1)

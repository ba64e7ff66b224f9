"""The convolutional network that pictures and spectrograms share: loaded from a file or a timm name."""

from pathlib import Path
from typing import TYPE_CHECKING

from embedders.class_head import ClassHead
from embedders.device import Device, resolve
from embedders.encoder import Vectors

if TYPE_CHECKING:
    import torch

FEATURE_SCALE = 17.0
"""The usual norm of pooled features of EfficientNet-Lite0 on photographs: what a unit row was divided by."""


def load_cnn(architecture: str, weights: str, *, allow_download: bool = False) -> "torch.nn.Module":
    """Return a timm model in evaluation mode.

    `weights` is a file (.pth or .safetensors; tensors are matched by name, or else in order by shape), or "" for
    timm's own weights, which are fetched only if `allow_download`. Raises ValueError where they do not fit.
    """
    import timm
    import torch

    if not weights:
        if not allow_download:
            raise ValueError(f"weights of {architecture} are not on this machine; --allow-download fetches them")
        return timm.create_model(architecture, pretrained=True).eval()
    model = timm.create_model(architecture, pretrained=False)
    if Path(weights).suffix == ".safetensors":
        from safetensors.torch import load_file

        stored = load_file(weights)
    else:
        stored = torch.load(weights, map_location="cpu", weights_only=True)
    wanted = model.state_dict()
    if set(stored) != set(wanted):
        if [tensor.shape for tensor in stored.values()] != [tensor.shape for tensor in wanted.values()]:
            raise ValueError(f"{weights} does not fit {architecture}: its {len(stored)} tensors have other shapes")
        stored = dict(zip(wanted, stored.values(), strict=True))
    model.load_state_dict(stored)
    return model.eval()


class CnnModel:
    """A CNN without its classifier, loaded at first use."""

    def __init__(self, architecture: str, weights: str, *, device: Device, allow_download: bool) -> None:
        self.architecture = architecture
        self.weights = weights
        self._device: Device = device
        self._allow_download = allow_download
        self._model: torch.nn.Module | None = None

    def loaded(self) -> "torch.nn.Module":
        """Return the network on its device."""
        if self._model is None:
            import torch

            model = load_cnn(self.architecture, self.weights, allow_download=self._allow_download)
            on_cpu = resolve(self._device) == "cpu"
            self._model = model.to(memory_format=torch.channels_last) if on_cpu else model.to("cuda")
        return self._model

    def features(self, pictures: Vectors) -> Vectors:
        """Return unit rows (n, dimension) of normalised pictures (n, 3, height, width)."""
        import torch

        model = self.loaded()
        with torch.inference_mode():
            batch = torch.from_numpy(pictures).to(next(model.parameters()).device)
            batch = batch.contiguous(memory_format=torch.channels_last)
            pooled = model.forward_head(model.forward_features(batch), pre_logits=True)  # type: ignore[operator]
            unit = torch.nn.functional.normalize(pooled.float(), dim=1)
        return unit.cpu().numpy()

    def class_head(self) -> ClassHead | None:
        """Return the classifier, None for a network that does not tell ImageNet's thousand classes."""
        from timm.data.imagenet_info import ImageNetInfo

        state = self.loaded().state_dict()
        weight, bias = state.get("classifier.weight"), state.get("classifier.bias")
        names = tuple(ImageNetInfo().label_descriptions())
        if weight is None or bias is None or len(weight) != len(names):
            return None
        return ClassHead(
            names,
            weight.float().cpu().numpy(),
            bias.float().cpu().numpy(),
            FEATURE_SCALE,
        )

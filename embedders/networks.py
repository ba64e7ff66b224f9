"""Networks of timm and torchvision: pictures, and sounds as spectrograms, to the features before the classifier."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embedders.encoder import Vectors
from embedders.loaded_model import LoadedModel, Samples
from embedders.mel import SAMPLE_RATE
from embedders.spectrogram import WINDOW_SECONDS, picture
from embedders.transformers_loading import loading
from embedders.weights_file import read_weights

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

SIDE = 224
IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the photographs that torchvision's networks learnt from."""


@lru_cache(maxsize=2)
def load_timm(weights: str, architecture: str, device: str, _fingerprint: str) -> LoadedModel:
    """Load a folder as timm saves it, or a file of weights of a known `architecture`.

    Raises ValueError where the weights do not fit.
    """
    import timm
    import torch
    from timm.data import config as data_config

    resolve: Callable[[Any], dict[str, Any]] = data_config.resolve_model_data_config
    with loading(weights):
        if Path(weights).is_dir():
            model = timm.create_model(f"local-dir:{weights}", pretrained=True, num_classes=0)
        else:
            model = timm.create_model(architecture, pretrained=False, num_classes=0)
            _fill(model, read_weights(weights), weights)
        settings = resolve(model)
    size, mean, deviation = settings["input_size"][1:], settings["mean"], settings["std"]
    return _loaded(model.to(device).eval(), size, mean, deviation, device, torch)


@lru_cache(maxsize=2)
def load_torchvision(weights: str, architecture: str, device: str, _fingerprint: str) -> LoadedModel:
    """Load a file of weights of a torchvision classifier; its last linear layer is taken off.

    Raises ValueError where the weights do not fit.
    """
    import torch
    from torchvision.models import get_model

    name = architecture.partition("/")[0]
    with loading(weights):
        model = get_model(name, weights=None, **({"aux_logits": True} if name == "googlenet" else {}))
        place, _ = _last_linear(model, name)
        model.set_submodule(place, torch.nn.Identity())
        stored = read_weights(weights)
        _fill(model, {key: value for key, value in stored.items() if not key.startswith(f"{place}.")}, weights)
    return _loaded(model.to(device).eval(), (SIDE, SIDE), IMAGENET_MEAN, IMAGENET_DEVIATION, device, torch)


def torchvision_url(architecture: str) -> str:
    """Return where the weights NAME/TAG, such as resnet18/IMAGENET1K_V1, come from; nothing is fetched.

    Raises ValueError for weights that torchvision does not know.
    """
    from torchvision.models import get_model_weights

    name, _, tag = architecture.partition("/")
    try:
        return str(get_model_weights(name)[tag].url)
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"torchvision knows no weights {architecture}; expected such as resnet18/IMAGENET1K_V1"
        ) from error


def torchvision_hash(architecture: str) -> str:
    """Return the start of the sha256 of the weights NAME/TAG, with which torchvision ends the name of their file.

    What is fetched is held against it. Raises ValueError as `torchvision_url`.
    """
    return Path(torchvision_url(architecture)).stem.rpartition("-")[2]


def find_torchvision(architecture: str, *, allow_download: bool, what: str) -> str:
    """Return the file of the weights NAME/TAG out of torchvision's cache.

    Fetched, and its hash checked, where it is not there and that is allowed; ValueError otherwise.
    """
    import torch

    url = torchvision_url(architecture)
    file = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]
    if not file.is_file():
        if not allow_download:
            raise ValueError(f"{what} is not on this machine; --allow-download fetches it")
        with loading(url):
            torch.hub.load_state_dict_from_url(url, check_hash=True, weights_only=True, map_location="cpu")
    return str(file)


def network_dimension(kind: str, architecture: str) -> int:
    """Return the number of features of a network of `kind` "timm" or "torchvision"; it is laid out without weights.

    Raises ValueError for an architecture that is not known.
    """
    import torch

    with loading(architecture), torch.device("meta"):
        if kind == "timm":
            import timm

            model: Any = timm.create_model(architecture.rsplit("/", 1)[-1], pretrained=False, num_classes=0)
            return int(getattr(model, "head_hidden_size", model.num_features))
        from torchvision.models import get_model

        name = architecture.partition("/")[0]
        return int(_last_linear(get_model(name, weights=None), name)[1].in_features)


def _fill(model: Any, stored: "dict[str, torch.Tensor]", weights: str) -> None:
    """Give a network its weights; those of a classifier that it lacks are passed over."""
    wanted = model.state_dict()
    lacking = sorted(set(wanted) - set(stored))
    unfit = [name for name, tensor in wanted.items() if name in stored and stored[name].shape != tensor.shape]
    if lacking or unfit:
        raise ValueError(f"weights do not fit: {(lacking + unfit)[0]} is missing or has another shape")
    model.load_state_dict({name: stored[name] for name in wanted})


def _last_linear(model: Any, name: str) -> tuple[str, Any]:
    import torch

    linear = [(place, layer) for place, layer in model.named_modules() if isinstance(layer, torch.nn.Linear)]
    if not linear or name.startswith("squeezenet"):
        raise ValueError(f"{name} has no classifier of one linear layer to take off")
    return linear[-1]


def _loaded(
    model: Any, size: tuple[int, int], mean: Sequence[float], deviation: Sequence[float], device: str, torch: Any
) -> LoadedModel:
    def features(squares: Vectors) -> Vectors:
        shift, scale = (np.asarray(values, np.float32)[:, None, None] for values in (mean, deviation))
        with torch.inference_mode():
            encoded = model(torch.from_numpy((squares - shift) / scale).to(device))
        return np.asarray(encoded.flatten(1).float().cpu().numpy(), dtype=np.float32)

    def pictures(batch: "Sequence[Image]") -> Vectors:
        return features(np.stack([_square(one, size) for one in batch]))

    def sounds(batch: Sequence[Samples]) -> Vectors:
        return features(np.stack([_fitted(picture(samples), size) for samples in batch]))

    return LoadedModel(pictures=pictures, sounds=sounds, sample_rate=SAMPLE_RATE, seconds=WINDOW_SECONDS)


def _square(one: "Image", size: tuple[int, int]) -> Vectors:
    """Return the whole picture, squeezed, as (3, height, width) in 0..1."""
    from PIL import Image

    squeezed = one.resize(size[::-1], Image.Resampling.BICUBIC)
    return np.asarray(squeezed, dtype=np.float32).transpose(2, 0, 1) / np.float32(255.0)


def _fitted(spectrogram: Vectors, size: tuple[int, int]) -> Vectors:
    from PIL import Image

    if spectrogram.shape[1:] == size:
        return spectrogram
    layers = [Image.fromarray(layer).resize(size[::-1], Image.Resampling.BILINEAR) for layer in spectrogram]
    return np.stack([np.asarray(layer, dtype=np.float32) for layer in layers])

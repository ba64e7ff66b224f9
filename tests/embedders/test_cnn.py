"""The picture encoder: weights that fit, the whole picture, the classifier on top."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from embedders.bundles import LITE0_PICTURES
from embedders.cnn import ImageCnnEncoder
from embedders.cnn_model import CnnModel, load_cnn
from embedders.media import MediaError, MediaLimits, read_image
from tests.embedders.media_files import stripes

SMALL = "test_efficientnet"  # timm's own miniature of the family
WIDTH = 400  # 256 pooled, and 32, 48 and 64 of the last three stages


@pytest.fixture(scope="module")
def lite0() -> ImageCnnEncoder:
    return ImageCnnEncoder(
        "tf_efficientnet_lite0", LITE0_PICTURES.weights(), dimension=LITE0_PICTURES.dimension, fingerprint="lite0"
    )


@pytest.fixture(scope="module")
def small_weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    import timm

    torch.manual_seed(0)
    return {name: tensor.clone() for name, tensor in timm.create_model(SMALL).state_dict().items()}


def saved(folder: Path, weights: dict[str, torch.Tensor], suffix: str) -> str:
    path = folder / f"weights{suffix}"
    if suffix == ".safetensors":
        save_file(weights, path)
    else:
        torch.save(weights, path)
    return str(path)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_weights_come_back_by_name(tmp_path: Path, small_weights: dict[str, torch.Tensor], suffix: str) -> None:
    backwards = dict(reversed(small_weights.items()))
    loaded = load_cnn(SMALL, saved(tmp_path, backwards, suffix)).state_dict()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in small_weights.items())


def test_weights_of_other_names_are_taken_in_order(tmp_path: Path, small_weights: dict[str, torch.Tensor]) -> None:
    renamed = {f"their_name_{place}": tensor for place, tensor in enumerate(small_weights.values())}
    model = load_cnn(SMALL, saved(tmp_path, renamed, ".pth"))
    assert not model.training
    loaded = model.state_dict()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in small_weights.items())


@pytest.mark.parametrize("damage", ["fewer", "more", "other shape", "other order"])
def test_weights_that_do_not_fit_are_refused(
    tmp_path: Path, small_weights: dict[str, torch.Tensor], damage: str
) -> None:
    tensors = list(small_weights.values())
    match damage:
        case "fewer":
            tensors = tensors[:-1]
        case "more":
            tensors.append(torch.zeros(3))
        case "other shape":
            tensors[0] = torch.zeros(3)
        case "other order":
            tensors = tensors[::-1]
    renamed = {f"t{place}": tensor.clone() for place, tensor in enumerate(tensors)}
    with pytest.raises(ValueError, match=f"do not fit {SMALL}") as caught:
        load_cnn(SMALL, saved(tmp_path, renamed, ".pth"))
    assert "\n" not in str(caught.value)


def test_nothing_is_fetched_unasked() -> None:
    with pytest.raises(ValueError, match="not on this machine; --allow-download fetches"):
        load_cnn(SMALL, "")


def test_a_pickle_that_is_more_than_tensors_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return (Path.touch, (tmp_path / "touched",))

    torch.save({"weight": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(Exception, match="eights"):
        load_cnn(SMALL, str(tmp_path / "evil.pth"))
    assert not (tmp_path / "touched").exists()


def test_a_wrong_dimension_is_told(tmp_path: Path, small_weights: dict[str, torch.Tensor]) -> None:
    weights = saved(tmp_path, small_weights, ".pth")
    model = CnnModel(SMALL, weights, dimension=7, device="cpu", allow_download=False)
    with pytest.raises(ValueError, match=f"dimension is 7, but {SMALL} gives {WIDTH}"):
        model.features(np.zeros((1, 3, 64, 64), dtype=np.float32))


def test_bands_are_the_last_maps_averaged_by_height(tmp_path: Path, small_weights: dict[str, torch.Tensor]) -> None:
    weights = saved(tmp_path, small_weights, ".safetensors")
    pictures = np.random.default_rng(0).random((2, 3, 160, 96), dtype=np.float32)
    model: Any = load_cnn(SMALL, weights)
    mean, deviation = (torch.tensor(model.pretrained_cfg[name])[:, None, None] for name in ("mean", "std"))
    with torch.inference_mode():
        maps = model.forward_intermediates((torch.from_numpy(pictures) - mean) / deviation, intermediates_only=True)
    rows = []
    for picture in range(2):
        stages = []
        for stage in (maps[-2][picture].numpy(), maps[-1][picture].numpy()):
            bands = np.concatenate([part.mean(axis=(1, 2)) for part in np.array_split(stage, 3, axis=1)])
            stages.append(bands / np.linalg.norm(bands))
        rows.append(np.concatenate(stages) / np.sqrt(2))
    dimension = len(rows[0])
    cnn = CnnModel(SMALL, weights, dimension=dimension, device="auto", allow_download=False)
    np.testing.assert_allclose(cnn.bands(pictures), np.stack(rows), atol=1e-5)
    with pytest.raises(ValueError, match=f"dimension is 7, but {SMALL} gives {dimension}"):
        CnnModel(SMALL, weights, dimension=7, device="auto", allow_download=False).bands(pictures)


def test_features_are_the_pooled_ones_beside_three_stages(
    tmp_path: Path, small_weights: dict[str, torch.Tensor]
) -> None:
    weights = saved(tmp_path, small_weights, ".pth")
    pictures = np.random.default_rng(0).random((3, 3, 64, 64), dtype=np.float32)
    model: Any = load_cnn(SMALL, weights)
    mean, deviation = (torch.tensor(model.pretrained_cfg[name]).view(3, 1, 1) for name in ("mean", "std"))
    assert mean[0] != mean[1], "this network has means of its own"
    scaled = (torch.from_numpy(pictures) - mean) / deviation
    with torch.inference_mode():
        parts = [model.global_pool(model.forward_features(scaled)).numpy()]
        maps = model.forward_intermediates(scaled, intermediates_only=True)
    parts += [stage.numpy().mean(axis=(2, 3)) for stage in maps[-3:]]
    lengths = np.array([1.0, 0.6, 0.6, 0.6]) / np.sqrt(1.0 + 3 * 0.36)
    expected = [size * p / np.linalg.norm(p, axis=1, keepdims=True) for size, p in zip(lengths, parts, strict=True)]
    features = CnnModel(SMALL, weights, dimension=WIDTH, device="auto", allow_download=False).features(pictures)
    np.testing.assert_allclose(features, np.concatenate(expected, axis=1), atol=1e-5)


def test_the_bundled_weights_recognise(tmp_path: Path, lite0: ImageCnnEncoder) -> None:
    """A drawn tennis ball and a chequered board are not much, yet more than chance says of a thousand classes."""
    head = lite0.class_head()
    assert head is not None
    board = np.kron(np.indices((8, 8)).sum(axis=0) % 2, np.ones((28, 28))) * 255
    Image.fromarray(board.astype(np.uint8)).save(tmp_path / "board.png")
    Image.new("RGB", (224, 224), "white").save(tmp_path / "nothing.png")
    rows = lite0.encode([str(tmp_path / "board.png"), str(tmp_path / "nothing.png")])
    logits = head.scale * rows @ head.weight.T + head.bias
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    squares = [place for place, name in enumerate(head.names) if "crossword" in name or "window screen" in name]
    assert odds[0, squares].sum() > 10 * odds[1, squares].sum()
    assert odds.max() < 0.9999


def test_the_head_is_the_networks_own(lite0: ImageCnnEncoder, picture_files: list[str]) -> None:
    head = lite0.class_head()
    assert head is not None
    assert len(head.names) == 1000
    assert head.names[1] == "goldfish, Carassius auratus"
    assert head.definitions[1].startswith("small golden or orange-red freshwater fishes")
    assert len(head.definitions) == 1000
    assert all(head.definitions)
    assert (head.weight.shape, head.bias.shape) == ((1000, LITE0_PICTURES.dimension), (1000,))
    model: Any = load_cnn("tf_efficientnet_lite0", LITE0_PICTURES.weights())
    pixels = np.asarray(read_image(picture_files[0]).resize((224, 224), Image.Resampling.BICUBIC), dtype=np.float32)
    batch = torch.from_numpy(pixels.transpose(2, 0, 1)[None] / 127.5 - 1)
    with torch.inference_mode():
        pooled = model.forward_head(model.forward_features(batch), pre_logits=True)
        expected = model(batch).numpy()[0]
    row = lite0.encode(picture_files[:1])[0]
    # The unit row holds the pooled features at this length, beside what the stages see.
    length = float(np.linalg.norm(row[:1280]))
    np.testing.assert_allclose(head.weight @ (float(pooled.norm()) / length * row) + head.bias, expected, atol=1e-3)
    assert 0.4 < float(pooled.norm()) / length / head.scale < 2.5


def test_a_network_of_other_classes_has_no_head(tmp_path: Path, small_weights: dict[str, torch.Tensor]) -> None:
    weights = saved(tmp_path, small_weights, ".pth")
    encoder = ImageCnnEncoder(SMALL, weights, dimension=WIDTH, fingerprint="small")
    assert encoder.class_head() is None


def test_the_whole_picture_counts(tmp_path: Path, lite0: ImageCnnEncoder) -> None:
    wide = Image.new("RGB", (400, 100), "white")
    wide.save(tmp_path / "plain.png")
    wide.paste("red", (0, 0, 30, 100))
    wide.save(tmp_path / "edge.png")
    plain, edge = lite0.encode([str(tmp_path / "plain.png"), str(tmp_path / "edge.png")])
    assert plain @ edge < 0.99, "a centre crop would not see the edge"


def test_format_and_size_hardly_count(tmp_path: Path, lite0: ImageCnnEncoder) -> None:
    path = stripes(tmp_path, 3)[2]
    with Image.open(path) as picture:
        picture.save(tmp_path / "same.webp", lossless=True)
        picture.resize((900, 900), Image.Resampling.BICUBIC).save(tmp_path / "larger.png")
    png, webp, larger = lite0.encode([path, str(tmp_path / "same.webp"), str(tmp_path / "larger.png")])
    np.testing.assert_allclose(png, webp, atol=1e-6)
    assert png @ larger > 0.9


def test_limits_are_kept(picture_files: list[str]) -> None:
    encoder = ImageCnnEncoder("tf_efficientnet_lite0", LITE0_PICTURES.weights(), dimension=LITE0_PICTURES.dimension,
                              fingerprint="x", limits=MediaLimits(max_pixels=10))  # fmt: skip
    with pytest.raises(MediaError, match="expected at most 10 pixels"):
        encoder.encode(picture_files[:1])

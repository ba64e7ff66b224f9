"""What the files of a model say of its vectors and prompts, without the model being loaded."""

import importlib.util
import json
from pathlib import Path
from typing import Any

from embedders.encoder_spec import EncoderSpec


def model_dimension(spec: EncoderSpec, library: str, root: Path | None) -> int:
    """Return the length of the vectors of a model whose files are in `root`, None for an architecture alone.

    Raises ValueError where no file tells it; it names the number where the library knows it.
    """
    found = 0
    if library == "open_clip":
        found = _open_clip(spec, root)
    elif library == "timm" and root is not None:
        found = int(read_json(root / "config.json").get("num_features", 0))
    elif root is not None:
        found = _by_modules(root) if (root / "modules.json").is_file() else _by_config(read_json(root / "config.json"))
    if not found and library in ("timm", "torchvision"):
        from embedders.networks import network_dimension

        known = network_dimension(library, spec.model)
        raise ValueError(f"{library} model {spec.model} has vectors of {known}: say dimension = {known}")
    if not found:
        raise ValueError(
            f"{spec.strand} model {spec.model} does not say its dimension: say dimension = N beside its name"
        )
    return found


def saved_prompts(root: Path | None) -> tuple[str, str]:
    """Return the prompts (for queries, for documents) that a sentence-transformers folder names, "" for none."""
    file = root / "config_sentence_transformers.json" if root is not None else None
    if file is None or not file.is_file():
        return "", ""
    config = read_json(file)
    prompts = config.get("prompts") or {}
    default = prompts.get(config.get("default_prompt_name") or "", "")
    document = next((prompts[name] for name in ("document", "passage") if prompts.get(name)), default)
    return str(prompts.get("query") or default), str(document)


def read_json(path: Path) -> Any:
    """Return what a JSON file holds. Raises ValueError in one line where it cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is no JSON file: {str(error).splitlines()[0]:.100}") from error


def known_to_open_clip(library: str, model: str) -> bool:
    """Return whether `model` is an ARCHITECTURE, or ARCHITECTURE/TAG, that open_clip describes itself."""
    return library == "open_clip" and _architecture_file(model).is_file()


def _open_clip(spec: EncoderSpec, root: Path | None) -> int:
    if root is not None:
        return int(read_json(root / "open_clip_config.json").get("model_cfg", {}).get("embed_dim", 0))
    known = _architecture_file(spec.model)
    return int(read_json(known).get("embed_dim", 0)) if known.is_file() else 0


def _architecture_file(model: str) -> Path:
    """Return the file in which open_clip describes an architecture; looking for it imports no torch."""
    package = importlib.util.find_spec("open_clip")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "model_configs" / f"{model.partition('/')[0]}.json"


def _by_config(config: Any) -> int:
    """Return the width of what a transformers model gives: projected, pooled, or of its last layer."""
    if "vision_config" in config and "siglip" in str(config.get("model_type")):
        return int(config["vision_config"].get("hidden_size", 0))
    parts = [config, *(config[name] for name in ("vision_config", "audio_config") if name in config)]
    for name in ("projection_dim", "hidden_size", "embed_dim", "d_model"):
        for part in parts:
            if isinstance(part.get(name), int) and part[name]:
                return int(part[name])
    widths = config.get("hidden_sizes") or [0]
    return int(widths[-1])


def _by_modules(root: Path) -> int:
    """Return the dimension said by the last module that changes it, or else by the transformer itself."""
    modules = read_json(root / "modules.json")
    first = root / modules[0]["path"] / "config.json"
    config = first if first.is_file() else root / "config.json"
    dimension = _by_config(read_json(config)) if config.is_file() else 0
    for module in modules:
        kind = str(module["type"]).rsplit(".", 1)[-1]
        if kind == "Pooling":
            dimension = _pooled(read_json(root / module["path"] / "config.json"), dimension)
        elif kind == "Dense":
            dimension = int(read_json(root / module["path"] / "config.json")["out_features"])
    return dimension


def _pooled(settings: Any, dimension: int) -> int:
    """Return the dimension after pooling, several ways of it side by side, as older or newer releases say it."""
    token = int(settings.get("embedding_dimension", settings.get("word_embedding_dimension", dimension)))
    if "pooling_mode" in settings:
        return token * (1 if isinstance(settings["pooling_mode"], str) else len(settings["pooling_mode"]))
    return token * sum(bool(on) for name, on in settings.items() if name.startswith("pooling_mode_"))

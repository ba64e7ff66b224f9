"""A text model of one's own: what a folder of sentence-transformers or transformers holds, known without loading it."""

import hashlib
import json
from pathlib import Path
from typing import Any

from embedders.bundles import EncoderSpec
from embedders.items import Strand

WEIGHTS = (".safetensors", ".bin")
SETTINGS = (".json", ".txt", ".model")


def local_text_spec(folder: str, *, licence: str = "unknown") -> EncoderSpec:
    """Return the spec of the text model in `folder`.

    The fingerprint is a hash of weights, tokenizer and settings; all of them are read once. Raises ValueError for a
    folder that holds no such model.
    """
    root = Path(folder).resolve()
    files = sorted(path for path in root.rglob("*") if path.suffix in WEIGHTS + SETTINGS and path.is_file())
    weights = [path for path in files if path.suffix in WEIGHTS]
    if not weights or not (root / "config.json").is_file():
        raise ValueError(f"text model {folder} is no folder with config.json and weights ({', '.join(WEIGHTS)})")
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            digest.update(f"{path.relative_to(root)}\0".encode() + hashlib.file_digest(stream, "sha256").digest())
    return EncoderSpec(
        strand=Strand.TEXT,
        kind="sentence-transformers",
        model=str(root),
        dimension=_dimension(root),
        fingerprint=f"text:{root.name}:{digest.hexdigest()[:16]}:1",
        licence=licence,
        size=sum(path.stat().st_size for path in weights),
    )


def _dimension(root: Path) -> int:
    """Return the dimension said by the last module that changes it, or else by the transformer itself."""
    dimension = int(_read(root / "config.json").get("hidden_size", 0))
    modules = root / "modules.json"
    for module in _read(modules) if modules.is_file() else []:
        kind = str(module["type"]).rsplit(".", 1)[-1]
        if kind == "Pooling":
            dimension = _pooled(_read(root / module["path"] / "config.json"), dimension)
        elif kind == "Dense":
            dimension = int(_read(root / module["path"] / "config.json")["out_features"])
    if not dimension:
        raise ValueError(f"text model {root.name} does not say its dimension: expected hidden_size in config.json")
    return dimension


def _pooled(settings: Any, dimension: int) -> int:
    """Return the dimension after pooling, several ways of it side by side, as older or newer releases say it."""
    token = int(settings.get("embedding_dimension", settings.get("word_embedding_dimension", dimension)))
    if "pooling_mode" in settings:
        return token * (1 if isinstance(settings["pooling_mode"], str) else len(settings["pooling_mode"]))
    return token * sum(bool(on) for name, on in settings.items() if name.startswith("pooling_mode_"))


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))

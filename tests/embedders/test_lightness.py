"""Importing embedders, and every module of it, is cheap: what is heavy waits for the first call."""

import subprocess
import sys
from pathlib import Path

import embedders

HEAVY = {"torch", "transformers", "sentence_transformers", "timm", "open_clip", "PIL", "scipy", "soundfile", "soxr",
         "faiss", "implicit"}  # fmt: skip
FOREIGN = {"plait", "index", "ranker"}


def loaded_by(statement: str) -> set[str]:
    script = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


def test_the_package_exports_light_names() -> None:
    assert not loaded_by("import embedders") & (HEAVY | FOREIGN)
    assert sorted(embedders.__all__) == embedders.__all__
    assert all(hasattr(embedders, name) for name in embedders.__all__)


def test_every_encoders_module_is_light() -> None:
    names = ("blocks", "frame_pooling", "spec_encoder",
             "bundles", "class_head", "clip", "cnn", "cnn_model", "device", "encoding", "media", "mel",
             "pictures", "sounds", "spectrogram", "text", "vector_cache", "clap", "encoder_spec", "kept_words",
             "loaded_model", "model_encoders", "model_hub", "networks", "own_dimension", "own_encoder", "tower",
             "transformers_loading", "transformers_media")  # fmt: skip
    folder = Path(embedders.__file__).parent
    assert all((folder / f"{name}.py").is_file() for name in names)
    assert not loaded_by("import " + ", ".join(f"embedders.{name}" for name in names)) & (HEAVY | FOREIGN)

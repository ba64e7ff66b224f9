"""Models by their name on the Hugging Face hub: found in its local cache, fetched only when told to."""

import json
from pathlib import Path

INDEX = ".index.json"
"""Ends the name of a file that says which weights are in which of several files."""
WEIGHT_FILES = (
    "model.safetensors", "model.safetensors.index.json", "open_clip_model.safetensors", "pytorch_model.bin",
    "pytorch_model.bin.index.json", "open_clip_pytorch_model.bin",
)  # fmt: skip
"""Names of weights, the better first; a .bin is read by torch with weights_only."""
SETTINGS = ("*.json", "*.txt", "*.model", "*.jinja")
UNUSED = ("onnx/*", "openvino/*", "*.onnx", "coreml/*")


def find_folder(repository: str, revision: str = "", file: str = "") -> str:
    """Return the folder of a model in the local cache, "" where it is not there with all its weights.

    No connection is tried. `file` names the weights, "" for any that is usual; `revision` "" means the main branch
    as it was when it was fetched.
    """
    from huggingface_hub import try_to_load_from_cache

    for name in (file,) if file else WEIGHT_FILES:
        try:
            found = try_to_load_from_cache(repository, name, revision=revision or None)
        except ValueError:  # what is no name of the hub is not in its cache
            return ""
        if isinstance(found, str):
            if name.endswith(INDEX) and not _has_shards(Path(found)):
                continue
            folder = Path(found)
            for _ in Path(name).parts:
                folder = folder.parent
            return str(folder)
    return ""


def _has_shards(index: Path) -> bool:
    """Return whether all files that an index names are beside it; a download that broke off left some out."""
    try:
        shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # the index itself is torn
        return False
    return bool(shards) and all((index.parent / str(shard)).is_file() for shard in shards)


def fetch_folder(repository: str, revision: str = "", file: str = "") -> str:
    """Fetch settings and weights of a model, no more, and return their folder.

    Raises ValueError in one line where that fails.
    """
    from huggingface_hub import snapshot_download

    for weights in (file,) if file else ("*.safetensors", "*.bin"):
        try:
            snapshot_download(
                repository, revision=revision or None, allow_patterns=[*SETTINGS, weights], ignore_patterns=[*UNUSED]
            )
        except Exception as error:  # the hub's client, its transport and the disk each have errors of their own
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ValueError(f"model {repository} could not be fetched: {reason:.200}") from error
        if found := find_folder(repository, revision, file):
            return found
    raise ValueError(f"model {repository} could not be fetched: it holds none of {', '.join(WEIGHT_FILES)}")

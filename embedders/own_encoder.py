"""An encoder of one's own choice: by the name its library knows it by, or out of a folder, known without loading it."""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from embedders.clip import SETTINGS as OPEN_CLIP
from embedders.clip import clip_repository
from embedders.encoder_spec import EncoderSpec, Kind
from embedders.items import Strand
from embedders.own_dimension import known_to_open_clip, model_dimension, read_json, saved_prompts

Library = Literal["sentence-transformers", "transformers", "timm", "torchvision", "open_clip"]
LIBRARIES: tuple[Library, ...] = ("sentence-transformers", "transformers", "timm", "torchvision", "open_clip")
WEIGHTS = (".safetensors", ".bin", ".pth", ".pt")
HASHED = (".safetensors", ".bin", ".json", ".txt", ".model")
KINDS: dict[tuple[Strand, Library], Kind] = {
    (Strand.TEXT, "sentence-transformers"): "sentence-transformers",
    (Strand.TEXT, "transformers"): "sentence-transformers",
    (Strand.TEXT, "open_clip"): "open-clip-text",
    (Strand.IMAGE, "sentence-transformers"): "sentence-transformers-image",
    (Strand.IMAGE, "transformers"): "transformers-image",
    (Strand.IMAGE, "timm"): "timm-image",
    (Strand.IMAGE, "torchvision"): "torchvision-image",
    (Strand.IMAGE, "open_clip"): "open-clip",
    (Strand.AUDIO, "transformers"): "transformers-audio",
    (Strand.AUDIO, "timm"): "timm-audio",
    (Strand.AUDIO, "torchvision"): "torchvision-audio",
}


@dataclass(frozen=True, slots=True)
class EncoderChoice:
    """What was chosen: a folder, or a name with its `library`; "" and 0 and None stand for what the model says.

    A folder is an absolute path or begins with `~`; any other path is a name, so that none depends on the current
    directory. `weights` is the absolute path of a file, for a name that is an architecture. `dimension` is
    needed where no file tells it.
    """

    model: str
    library: Library | None = None
    revision: str = ""
    weights: str = ""
    dimension: int = 0
    truncate_dim: int = 0
    query_prompt: str | None = None
    document_prompt: str | None = None
    licence: str = "unknown"


def own_spec(strand: Strand, choice: EncoderChoice, *, allow_download: bool = False) -> EncoderSpec:
    """Return the spec of an own encoder of `strand`.

    Files of a folder are all read once: the fingerprint is a hash of weights, tokenizer and settings; that of a name
    is the name with its commit, so that a name whose files are not on this machine is fetched where that is allowed.
    Weights of torchvision are known by the hash that it holds what it fetches against, and wait for the first encoding.
    Raises ValueError in one line for a folder that holds no such model, a name that is not on this machine, and a
    library that has no encoder for the strand.
    """
    folder = _folder(strand, choice)
    library = choice.library or _library_of(strand, folder, choice)
    if (strand, library) not in KINDS:
        known = ", ".join(name for at, name in KINDS if at is strand)
        raise ValueError(f"{library} has no encoder for {strand}; expected one of {known}")
    if library in ("timm", "open_clip") and folder is None and ":" in choice.model:
        # These libraries would read hf-hub:NAME from the hub by themselves, asked or not.
        raise ValueError(f"{strand} model {choice.model} has a prefix; expected a name of {library} without one")
    if choice.revision and (folder is not None or choice.weights):
        raise ValueError(f"{strand} revision {choice.revision} is of a name; {choice.weights or folder} is on the disk")
    spec = EncoderSpec(
        strand, KINDS[strand, library], str(folder or choice.model), choice.dimension, "", choice.licence, 1,
        file=choice.weights, revision=choice.revision,
    )  # fmt: skip
    if choice.weights and not (Path(choice.weights).is_absolute() and Path(choice.weights).is_file()):
        raise ValueError(f"{strand} weights {choice.weights} are no file")
    if folder is not None or choice.weights:
        return _completed(spec, choice, library, str(folder or ""), version="")
    if library == "torchvision":
        from embedders.networks import torchvision_hash

        return _completed(spec, choice, library, "", version=torchvision_hash(choice.model))
    if library == "timm" and not spec.local:
        _check_timm_name(choice.model)
    # Even where the dimension is told: the commit and the prompts, and so the fingerprint, are known by the files.
    described = known_to_open_clip(library, choice.model)
    wanted = replace(spec, model=clip_repository(choice.model)) if described else spec
    held = wanted.require(allow_download=allow_download)
    # The hub's cache names the folder by the commit that was fetched.
    return _completed(spec, choice, library, "" if described else held, version=Path(held).name)


def _check_timm_name(model: str) -> None:
    """Raise ValueError for a name that timm gives no weights to; one with an owner is the hub's to know."""
    from difflib import get_close_matches

    from timm.models import is_model_pretrained, list_pretrained

    if "/" in model or is_model_pretrained(model):
        return
    known: list[str] = list_pretrained()
    near = get_close_matches(model, [*known, *{name.partition(".")[0] for name in known}], n=3)
    raise ValueError(f"timm knows no weights {model}" + (f"; did you mean {' or '.join(near)}?" if near else ""))


def _completed(spec: EncoderSpec, choice: EncoderChoice, library: Library, held: str, *, version: str) -> EncoderSpec:
    """Return the spec with what the files in the folder `held` say, "" where there is none.

    `version` is the commit or hash of what a name stands for, "" for a folder or file, which are hashed.
    """
    root = Path(held) if held else None
    prompts = saved_prompts(root) if spec.kind == "sentence-transformers" else ("", "")
    query = prompts[0] if choice.query_prompt is None else choice.query_prompt
    document = prompts[1] if choice.document_prompt is None else choice.document_prompt
    dimension = choice.dimension or model_dimension(spec, library, root)
    if choice.truncate_dim > dimension:
        raise ValueError(f"truncate_dim {choice.truncate_dim} is more than the {dimension} numbers of {choice.model}")
    truncated = 0 < choice.truncate_dim < dimension
    settings: list[str | int] = [query, document, choice.truncate_dim if truncated else 0]
    kind = spec.kind
    if kind == "transformers-audio" and root is not None and _model_type(root) == "clap":
        kind = "clap"
    return replace(
        spec,
        kind=kind,
        dimension=choice.truncate_dim if truncated else dimension,
        truncated=truncated,
        query_prompt=query,
        document_prompt=document,
        size=_size(root, choice) or 1,
        tower=kind in ("open-clip", "clap", "sentence-transformers-image") or _has_text_tower(kind, root),
        fingerprint=f"{spec.strand}:{_identity(spec, library, root, version)}:{_hashed(settings)}1",
    )


def _folder(strand: Strand, choice: EncoderChoice) -> Path | None:
    """Return the folder that was chosen, None for a name."""
    path = Path(choice.model).expanduser()
    if path.is_absolute() and path.is_dir() and not choice.weights:
        root = path.resolve()
        files = [one for one in root.iterdir() if one.suffix in WEIGHTS and one.is_file()]
        if (
            not (root / "config.json").is_file()
            and not (root / OPEN_CLIP).is_file()
            and not (root / "modules.json").is_file()
        ):
            files = []
        if not files and not (root / "modules.json").is_file():
            raise ValueError(
                f"{strand} model {choice.model} is no folder with config.json and weights ({', '.join(WEIGHTS)})"
            )
        return root
    if path.is_absolute() or choice.model.startswith((".", "~")):
        raise ValueError(
            f"{strand} model {choice.model} is no folder with config.json and weights ({', '.join(WEIGHTS)})"
        )
    return None


def _library_of(strand: Strand, folder: Path | None, choice: EncoderChoice) -> Library:
    """Return the library that a folder was saved by; names of texts are those of sentence-transformers."""
    if folder is None:
        if strand is Strand.TEXT and not choice.weights:
            return "sentence-transformers"
        raise ValueError(
            f"{strand} model {choice.model} is no folder; a name needs its library, one of {', '.join(LIBRARIES)}"
        )
    if (folder / OPEN_CLIP).is_file():
        return "open_clip"
    if (folder / "modules.json").is_file() or strand is Strand.TEXT:
        return "sentence-transformers"
    return "timm" if "pretrained_cfg" in read_json(folder / "config.json") else "transformers"


def _identity(spec: EncoderSpec, library: Library, root: Path | None, version: str) -> str:
    """Return what names the weights: a name with its version, or a hash of what a folder or file holds."""
    if version:
        return f"{library}:{spec.model}@{version}"
    path = Path(spec.file or spec.model)
    hashed = HASHED if spec.kind == "sentence-transformers" else HASHED + WEIGHTS
    return f"{root.name if root is not None else spec.model}:{_digest(path, hashed)}"


def _digest(path: Path, suffixes: tuple[str, ...]) -> str:
    """Return the start of the sha256 of a file, or of all weights and settings under a folder."""
    if path.is_file():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:16]
    digest = hashlib.sha256()
    for file in sorted(one for one in path.rglob("*") if one.suffix in suffixes and one.is_file()):
        with file.open("rb") as stream:
            digest.update(f"{file.relative_to(path)}\0".encode() + hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]


def _hashed(settings: list[str | int]) -> str:
    """Return a hash of settings with a colon, "" where none of them says anything."""
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:8] + ":" if any(settings) else ""


def _size(root: Path | None, choice: EncoderChoice) -> int:
    if choice.weights:
        return Path(choice.weights).stat().st_size
    return sum(one.stat().st_size for one in root.rglob("*") if one.suffix in WEIGHTS) if root is not None else 0


def _model_type(root: Path) -> str:
    return str(read_json(root / "config.json").get("model_type", ""))


def _has_text_tower(kind: Kind, root: Path | None) -> bool:
    if kind != "transformers-image" or root is None:
        return False
    if "siglip" in _model_type(root):
        return True
    config: Any = read_json(root / "config.json")
    return {"text_config", "vision_config", "projection_dim"} <= set(config)

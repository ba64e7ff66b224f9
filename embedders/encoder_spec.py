"""EncoderSpec: what an encoder is, known without loading it, and where its weights are."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from embedders.items import Strand
from embedders.model_hub import fetch_folder, find_folder

Kind = Literal[
    "sentence-transformers", "image-cnn", "spectrogram-cnn", "open-clip", "open-clip-text", "clap", "clap-text",
    "transformers-image", "transformers-audio", "transformers-text-tower", "sentence-transformers-image",
    "sentence-transformers-text-tower", "timm-image", "timm-audio", "torchvision-image", "torchvision-audio",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """What an encoder is, known without loading it.

    The weights are `file`, inside the installed `package` where one is named; without a package they are the file
    `file`, or the folder `model`, both absolute paths and neither where there is a `bundle` or `revision`; or what the
    model hub calls `model` at `revision`, whose weights are its `file`. `size` is in bytes, of all that is fetched.
    Where `truncated`, a vector is the first `dimension` numbers of a longer one (Kusupati et al., "Matryoshka
    representation learning", 2022). Prompts stand before each text. `tower` says that the model has a text tower whose
    vectors lie in the space of its pictures or sounds; `pooling` is a file of frame pooling, "" for none.
    """

    strand: Strand
    kind: Kind
    model: str
    dimension: int
    fingerprint: str
    licence: str
    size: int
    package: str = ""
    file: str = ""
    revision: str = ""
    query_prompt: str = ""
    document_prompt: str = ""
    truncated: bool = False
    tower: bool = False
    bundle: str = ""
    pooling: str = ""

    def weights(self) -> str:
        """Return the path of the file or folder of weights, "" where it is not on this machine."""
        if self.package:
            folder = _package_folder(self.package)
            path = folder / self.file if folder is not None else None
            return str(path) if path is not None and path.exists() else ""
        # What the hub has by a revision, and a bundle's name, are no paths; no path depends on the current directory.
        if not self.bundle and not self.revision:
            if Path(self.file).is_absolute() and Path(self.file).is_file():
                return self.file
            if Path(self.model).is_absolute() and Path(self.model).is_dir():
                return self.model
        return find_folder(self.repository, self.revision, self.file)

    @property
    def local(self) -> bool:
        """Whether the weights are on this machine, so that nothing needs to be fetched."""
        return bool(self.weights())

    @property
    def repository(self) -> str:
        """The name by which the model hub knows the model."""
        if "/" in self.model or self.package:
            return self.model
        return {"sentence-transformers": "sentence-transformers/", "timm-image": "timm/", "timm-audio": "timm/"}.get(
            self.kind, ""
        ) + self.model

    def require(self, *, allow_download: bool) -> str:
        """Return the path of the weights, fetched where that is allowed and needed.

        Raises ValueError, in one line, where they are not on this machine and may or can not be fetched.
        """
        weights = self.weights()
        if weights:
            return weights
        what = f"bundle {self.bundle}: " if self.bundle else ""
        what += f"{self.strand} model {self.model}" + (f" ({megabytes(self.size)})" if self.size > 1 else "")
        if self.package:
            raise ValueError(f"{what} is missing: install the package {self.package.replace('_', '-')}")
        if not allow_download:
            raise ValueError(f"{what} is not on this machine; --allow-download fetches it")
        return fetch_folder(self.repository, self.revision, self.file)


def megabytes(size: int) -> str:
    """Return a number of bytes for people, in units of 10^6."""
    return f"{size / 1e6:,.0f} MB"


def _package_folder(package: str) -> Path | None:
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found is not None and found.origin else None

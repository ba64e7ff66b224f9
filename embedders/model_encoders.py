"""Encoders around a loaded model: batches in, unit rows out, whichever library the model is of."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice

import numpy as np

from embedders.device import Device, resolve
from embedders.encoder import Encoder, Vectors
from embedders.encoder_spec import EncoderSpec, Kind
from embedders.items import Strand
from embedders.loaded_model import LoadedModel, Loader, Samples
from embedders.media_limits import DEFAULT_LIMITS, MediaLimits
from embedders.pictures import read_image
from embedders.spaces import unit
from embedders.spec_encoder import SpecEncoder
from embedders.text import readable

BATCH = 16
TOWERS: dict[Kind, Kind] = {
    "open-clip": "open-clip-text", "clap": "clap-text", "transformers-image": "transformers-text-tower",
    "sentence-transformers-image": "sentence-transformers-text-tower",
}  # fmt: skip


class _ModelEncoder(SpecEncoder):
    """What encoders of pictures, sounds and texts by a loaded model share: the spec, and loading at first use."""

    def __init__(
        self, spec: EncoderSpec, load: Loader, *, device: Device = "auto", allow_download: bool = False,
        limits: MediaLimits = DEFAULT_LIMITS,
    ) -> None:  # fmt: skip
        """Name the model; its weights are loaded by the first `encode`, and fetched only if `allow_download`."""
        super().__init__(spec, device=device, allow_download=allow_download)
        self._load = load
        self._limits = limits

    @cached_property
    def text_tower(self) -> Encoder | None:
        """The encoder of texts into the same space, one object as long as this one lives, None where there is none."""
        if not self.spec.tower:
            return None
        return TowerTextEncoder(
            tower_spec(self.spec), self._load, device=self._device, allow_download=self._allow_download
        )

    @cached_property
    def _model(self) -> LoadedModel:
        weights = self._weights()
        architecture = self.spec.model if weights != self.spec.model else ""
        # Without the strand, so that towers share what was loaded.
        content = self.spec.fingerprint.partition(":")[2]
        return self._load(weights, architecture, resolve(self._device), content)

    def _weights(self) -> str:
        """Return the path of the weights; a name of torchvision or open_clip is looked up there first."""
        spec = self.spec
        if spec.kind.startswith("torchvision") and not spec.file:
            from embedders.networks import find_torchvision

            what = f"{spec.strand} model {spec.model}"
            return find_torchvision(spec.model, allow_download=self._allow_download, what=what)
        if spec.kind in ("open-clip", "open-clip-text") and not spec.file:
            from embedders.clip import clip_repository

            spec = replace(spec, model=clip_repository(spec.model))
        return spec.require(allow_download=self._allow_download)

    def _rows(self, encoded: Vectors) -> Vectors:
        if encoded.shape[1] != self.dimension:
            raise ValueError(f"dimension is {self.dimension}, but {self.spec.model} gives {encoded.shape[1]}")
        return unit(np.asarray(encoded, dtype=np.float32))


class PictureEncoder(_ModelEncoder):
    """Encodes picture files."""

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Encode picture files to (n, dimension) unit rows.

        Raises MediaError for the first that cannot be read, ValueError where the model gives another dimension.
        """
        vectors = np.zeros((len(contents), self.dimension), dtype=np.float32)
        for start in range(0, len(contents), BATCH):
            pictures = [read_image(path, self._limits) for path in contents[start : start + BATCH]]
            read = self._model.pictures
            if read is None:
                raise ValueError(f"image model {self.spec.model} reads no pictures")
            vectors[start : start + BATCH] = self._rows(read(pictures))
        return vectors


class SoundEncoder(_ModelEncoder):
    """Encodes sound files; a longer one is cut into windows whose vectors are averaged by length."""

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Encode sound files to (n, dimension) unit rows.

        Raises MediaError for the first that cannot be read, ValueError where the model gives another dimension.
        """
        totals = np.zeros((len(contents), self.dimension), dtype=np.float32)
        windows = self._windows(contents)
        while batch := list(islice(windows, BATCH)):
            read = self._model.sounds
            if read is None:
                raise ValueError(f"audio model {self.spec.model} reads no sounds")
            rows = self._rows(read([samples for _, samples in batch]))
            for (place, samples), row in zip(batch, rows, strict=True):
                totals[place] += len(samples) * row
        return unit(totals)

    def _windows(self, contents: Sequence[str]) -> Iterator[tuple[int, Samples]]:
        from embedders.sounds import audio_windows

        for place, path in enumerate(contents):
            rate, seconds = self._model.sample_rate, self._model.seconds
            for samples in audio_windows(path, sample_rate=rate, seconds=seconds, limits=self._limits):
                yield place, samples


class TowerTextEncoder(_ModelEncoder):
    """Encodes texts with the text tower of a model of pictures or sounds, into that model's space."""

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Encode texts to (n, dimension) unit rows; long texts are cut at the model's own bound.

        Raises ValueError where the model gives another dimension.
        """
        vectors = np.zeros((len(contents), self.dimension), dtype=np.float32)
        for start in range(0, len(contents), BATCH):
            with self._model.tokenizing:
                read = self._model.texts
                if read is None:
                    raise ValueError(f"model {self.spec.model} has no text tower")
                vectors[start : start + BATCH] = self._rows(read(readable(contents[start : start + BATCH])))
        return vectors


def tower_spec(spec: EncoderSpec) -> EncoderSpec:
    """Return the spec of the text tower of the model of `spec`."""
    _, name = spec.fingerprint.split(":", 1)
    return replace(spec, strand=Strand.TEXT, kind=TOWERS[spec.kind], fingerprint=f"{Strand.TEXT}:{name}", tower=False)

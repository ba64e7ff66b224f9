"""Workspace: a folder that holds everything Plait knows of one catalogue."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import URL

from embedders.device import Device
from embedders.encoder import Encoder, Vectors
from embedders.items import Strand
from embedders.media import MediaLimits
from embedders.text_windows import windowed
from embedders.vector_cache import VectorCache
from plait.assembly import bundle_named, encoder_of
from plait.config import FILE as CONFIG
from plait.config import Config, read_config, write_default_config
from plait.durable import replace_text
from plait.errors import BadData, WrongCall
from plait.first_settings import check_bundle, check_settings
from plait.own_vectors import own_dimension
from plait.store import Store
from plait.store.places import Place
from plait.store.url import place_of, store_url
from plait.store_settings import STORE as STORE
from plait.store_settings import StoreSettings, settings_of, with_store

CACHE = "vectors"
INDEX = "index"
MODELS = "models"
ONLINE = "online"
Fence = Callable[[], AbstractContextManager[None]]
COMPACTOR = "compactor"
"""The lease under which snapshots of index and models are published."""
LEARNER = "learner"
"""The lease under which what is learnt online is published."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where encoders run, and whether weights may be fetched."""

    device: Device = "auto"
    allow_download: bool = False


class OwnEncoder:
    """Stands for a strand whose vectors the caller brought: it has a dimension and cannot encode."""

    def __init__(self, strand: Strand, dimension: int, fingerprint: str) -> None:
        self.strand = strand
        self.dimension = dimension
        self.fingerprint = fingerprint

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Raise WrongCall: nothing says how these vectors were made."""
        raise WrongCall(f"the {self.strand} strand holds own vectors; there is no encoder to make more of them")


class Workspace:
    """An open workspace: its configuration, store, encoders, vector cache and snapshot folders."""

    def __init__(self, folder: Path, store: Store, config: Config, machine: Machine) -> None:
        """Use `open` or `create`."""
        self.folder = folder
        self.index_folder = folder / INDEX
        """The folder of index snapshots."""
        self.store = store
        self.config = config
        self.machine = machine
        self._encoders: dict[Strand, Encoder] = {}
        self.made_settings = False
        """Whether `create` wrote the settings just now."""

    @classmethod
    def create(
        cls, folder: Path, *, bundle: str | None = None, machine: Machine | None = None, store: str | None = None
    ) -> "Workspace":
        """Make a workspace in `folder`, or open the one that is there; `store` is the URL of one that is no file here.

        Raises WrongCall where the folder holds other things, or a workspace of another bundle or in another store, and
        where the store at the URL is one already.
        """
        said = read_config(folder).store
        place, named = _chosen(folder, said, store)
        if Store.exists(place):
            workspace = cls(folder, Store.open(place), read_config(folder), machine or Machine())
            check_bundle(workspace, bundle)
            return workspace
        if folder.exists() and (not folder.is_dir() or not all(_is_own(path.name) for path in folder.iterdir())):
            raise WrongCall(f"{folder} is not a workspace and not an empty folder")
        if bundle is not None:
            bundle_named(bundle)
        folder.mkdir(parents=True, exist_ok=True)
        # A settings file may be there already: written by hand, or by a build that was killed right after.
        made = not (folder / CONFIG).exists()
        if made:
            write_default_config(folder, bundle=bundle, store=named)
        elif named != said:
            replace_text(folder / CONFIG, with_store((folder / CONFIG).read_text(encoding="utf-8"), named))
        config = read_config(folder)
        check_settings(folder, config, bundle)
        workspace = cls(folder, _made_store(place), config, machine or Machine())
        workspace.made_settings = made
        return workspace

    @classmethod
    def open(cls, folder: Path, *, machine: Machine | None = None, store: str | None = None) -> "Workspace":
        """Open the workspace in `folder`; `store` is the URL that its settings name, where it holds a password.

        Raises WrongCall where there is none.
        """
        if not (folder / STORE).is_file() and not (folder / CONFIG).is_file():
            raise _no_workspace(folder)
        config = read_config(folder)
        place, _ = _chosen(folder, config.store, store)
        if isinstance(place, Path) and not place.is_file():
            raise _no_workspace(folder)
        return cls(folder, Store.open(place), config, machine or Machine())

    @property
    def models_folder(self) -> Path:
        """The folder of model snapshots."""
        return self.folder / MODELS

    @property
    def online_folder(self) -> Path:
        """The folder of snapshots of what was learnt since a model was trained."""
        return self.folder / ONLINE

    @property
    def snapshots(self) -> dict[str, Path]:
        """The folders of snapshots: of the `index`, the `model`, and what was learnt `online` since."""
        return {"index": self.index_folder, "model": self.models_folder, "online": self.online_folder}

    @property
    def media_limits(self) -> MediaLimits:
        """What a medium may cost."""
        media = self.config.media
        return MediaLimits(**media.model_dump())

    @cached_property
    def cache(self) -> VectorCache:
        """Vectors by content hash."""
        return VectorCache(self.folder / CACHE)

    def encoder(self, strand: Strand) -> Encoder:
        """Return the encoder of `strand`, one object for the life of this workspace; no weights are loaded."""
        if strand not in self._encoders:
            self._encoders[strand] = self._make_encoder(strand)
        return self._encoders[strand]

    def _make_encoder(self, strand: Strand) -> Encoder:
        kept = self.store.meta(f"own.{strand}")
        if kept is not None and (dimension := own_dimension(kept)) is not None:
            return OwnEncoder(strand, dimension, kept)
        device, download = self.machine.device, self.machine.allow_download
        encoder = encoder_of(
            self.config.encoders, strand, folder=self.folder, device=device, allow_download=download,
            limits=self.media_limits,
        )  # fmt: skip
        return windowed(encoder) if strand is Strand.TEXT else encoder

    def use_own(self, strand: Strand, fingerprint: str, dimension: int) -> None:
        """Let a strand hold own vectors, here until `own` is stored. Raises BadData where it holds others."""
        if self.store.item_count() and self.encoder(strand).fingerprint != fingerprint:
            raise BadData(f"the {strand} strand holds {self.encoder(strand).fingerprint}; got {fingerprint}")
        self._encoders[strand] = OwnEncoder(strand, dimension, fingerprint)

    @property
    def own(self) -> dict[str, str]:
        """What the store's meta says of the strands that hold own vectors; `build` stores it with the items."""
        used = [encoder for encoder in self._encoders.values() if isinstance(encoder, OwnEncoder)]
        return {f"own.{encoder.strand}": encoder.fingerprint for encoder in used}

    def fingerprints(self) -> dict[str, str]:
        """Return what each strand is encoded with; asking loads no weights."""
        return {strand.value: self.encoder(strand).fingerprint for strand in Strand}

    def check_encoders(self, recorded: Mapping[str, str], *, anew: bool = False) -> None:
        """Raise BadData when the index was `recorded` with other encoders than the configuration names.

        What an earlier version of an encoder made is other, too, unless all is encoded `anew`.
        """
        for name, fingerprint in self.fingerprints().items():
            known = recorded.get(name, fingerprint)
            if known == fingerprint or (anew and _is_earlier(known, fingerprint)):
                continue
            if _is_earlier(known, fingerprint):
                raise BadData(
                    f"{self.folder} holds {name} vectors of an earlier version, {known}: `plait build` with the items' "
                    f"table, or `plait check --repair`, makes those of {fingerprint}"
                )
            raise BadData(
                f"{self.folder} was built with the {name} encoder {known}, its plait.toml names "
                f"{fingerprint}: change plait.toml back, or make all vectors anew by `plait build {self.folder} "
                "--reencode`"
            )

    def of_encoders(self, recorded: Mapping[str, str]) -> "Workspace":
        """Return this workspace with the encoders of an index that was `recorded` with them, itself where it has them.

        They are those that plait.toml names by now, whose other sections are not read again. Encoders that stay are
        the same objects. Raises BadData where plait.toml names others.
        """
        if all(recorded.get(name, known) == known for name, known in self.fingerprints().items()):
            return self
        fresh = self.as_now_named()
        fresh.check_encoders(recorded)
        return fresh

    def as_now_named(self) -> "Workspace":
        """Return this workspace with the encoders that plait.toml names by now."""
        config = self.config.model_copy(update={"encoders": read_config(self.folder).encoders})
        fresh = Workspace(self.folder, self.store, config, self.machine)
        fresh.index_folder = self.index_folder
        for strand in Strand:
            if fresh.encoder(strand).fingerprint == self.encoder(strand).fingerprint:
                fresh._encoders[strand] = self.encoder(strand)
        return fresh

    def with_index_in(self, folder: Path) -> "Workspace":
        """Return this workspace with its index snapshots in another folder: for one made beside that in use."""
        beside = copy(self)
        beside.index_folder = folder
        return beside

    @contextmanager
    def publishing(self) -> Iterator[Fence]:
        """Hold the lease under which snapshots are published, and give the fence for `snapshot.publish`.

        Raises BadData while another process holds the lease.
        """
        with self.store.lease(COMPACTOR) as lease:
            if lease is None:
                raise BadData(f"{self.folder} is being built or trained by another process; try again when it is done")
            yield lambda: self.store.fence(lease)


def _is_own(name: str) -> bool:
    """Return whether a file is what a first build writes before its store is there."""
    return name.startswith((CONFIG, STORE))


def _no_workspace(folder: Path) -> WrongCall:
    return WrongCall(f"{folder} is not a workspace: expected a folder made by `plait build`")


def _chosen(folder: Path, said: StoreSettings, store: str | None) -> tuple[Place, StoreSettings]:
    """Return where the store is, or is to be, and the settings that say so.

    Raises WrongCall where the URL of a call names another place than the settings, or the store of another folder.
    """
    if store is None:
        return said.place(folder), said
    url = store_url(store)
    if (folder / STORE).exists():
        raise WrongCall(
            f"{folder} holds {STORE}; `plait backup` and `plait restore --store` move it to {place_of(url)}"
        )
    if said != StoreSettings():
        place = said.place(folder)
        if not isinstance(place, URL) or place_of(place) != place_of(url):
            raise WrongCall(f"{folder / CONFIG} names another store than {place_of(url)}")
        return url, said
    if Store.exists(url):
        raise WrongCall(f"{place_of(url)} is a store already; expected another ?schema=, or the folder that it is of")
    return url, settings_of(url)


def _made_store(place: Place) -> Store:
    """Make a store, or open the one that another first build has made meanwhile."""
    try:
        return Store.create(place)
    except BadData:
        if not Store.exists(place):
            raise
        return Store.open(place)


def _is_earlier(known: str, now: str) -> bool:
    """Return whether a fingerprint is that of the same weights, read or prepared as an earlier version did."""
    (weights, _, version), (others, _, latest) = known.rpartition(":"), now.rpartition(":")
    return weights == others and version.isdecimal() and latest.isdecimal() and int(version) < int(latest)

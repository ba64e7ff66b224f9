"""Warming: what answers need is loaded before the service says that it is ready."""

import logging
import threading
import wave
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from embedders.items import Strand
from plait.errors import BadData, WrongCall
from plait.flows.search import Query, encode_queries, encode_towers
from plait.recommender import Recommender
from plait.service.decoders import Decoders

LOGGER = logging.getLogger("plait.service")
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between tries to load what could not be loaded; each is twice as long as the one before."""


class Warmth:
    """Whether the snapshot is in memory and the encoders have encoded once; `reason` says why not, "" when ready.

    What fails is tried again, ever less often: a database may have been gone, settings may be mended.
    """

    def __init__(self, recommender: Recommender, strands: Sequence[Strand], decoders: Decoders) -> None:
        self._recommender = recommender
        self._decoders = decoders
        self._strands = strands
        self._stopped = threading.Event()
        self._tried = threading.Event()
        self._thread = threading.Thread(target=self._load, name="warming", daemon=True)
        self.reason = "the snapshot is not loaded yet"

    def begin(self) -> None:
        """Load in a thread of its own."""
        self._thread.start()

    def await_first(self) -> None:
        """Wait until everything is loaded, or could not be for the first time; it must have begun."""
        self._tried.wait()

    def close(self) -> None:
        """Let the strand that is loading end; no other is begun."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _load(self) -> None:
        pause, loaded = FIRST_PAUSE, False
        while not loaded:
            try:
                loaded = self._is_loaded()
            finally:
                self._tried.set()
            if loaded or self._stopped.wait(pause):
                break
            pause = min(2 * pause, LONGEST_PAUSE)

    def _is_loaded(self) -> bool:
        """Load, and return whether that could be done; why not is said, and logged where it was not before."""
        try:
            if {Strand.IMAGE, Strand.AUDIO} & set(self._strands) & set(self._recommender.live.refresh().fusion.strands):
                self._decoders.begin()
            warm(self._recommender, self._strands, self._stopped)
        except BaseException as error:
            # An extension module that panics raises no Exception.
            reason = f"loading failed: {error}"
            if reason != self.reason:
                LOGGER.exception("warming failed", extra={"fields": {"said": str(error)}})
            self.reason = reason
            return False
        self.reason = ""
        return True


def warm(recommender: Recommender, strands: Sequence[Strand], stopped: threading.Event) -> None:
    """Load the snapshot, and encode one text, picture and sound with what the workspace has encoders for.

    Nothing more is begun once it is `stopped`.
    """
    recommender.check_rules()
    fusion, workspace = recommender.live.refresh().fusion, recommender.workspace
    with TemporaryDirectory() as folder:
        for strand in strands:
            if stopped.is_set():
                return
            if strand not in fusion.strands:
                continue
            query = _sample(strand, Path(folder))
            try:
                asked = encode_queries(workspace, [query])
            except (WrongCall, BadData):
                # Own vectors, or weights that are not on this machine: words and ids answer all the same.
                continue
            encode_towers(workspace, fusion, [query], asked)


def _sample(strand: Strand, folder: Path) -> Query:
    """Return something small to encode."""
    if strand is Strand.TEXT:
        return Query(text="warm")
    if strand is Strand.IMAGE:
        from PIL import Image

        path = folder / "warm.png"
        Image.new("RGB", (32, 32), "white").save(path)
        return Query(image=str(path))
    path = folder / "warm.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 22_050, 0, "NONE", ""))
        sound.writeframes(b"\0\0" * 22_050)
    return Query(audio=str(path))

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


class Warmth:
    """Whether the snapshot is in memory and the encoders have encoded once; `reason` says why not, "" when ready."""

    def __init__(self, recommender: Recommender, strands: Sequence[Strand], decoders: Decoders) -> None:
        self._recommender = recommender
        self._decoders = decoders
        self._strands = strands
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._load, name="warming", daemon=True)
        self.reason = "the snapshot is not loaded yet"

    def begin(self) -> threading.Thread:
        """Load in a thread of its own, which is returned."""
        self._thread.start()
        return self._thread

    def close(self) -> None:
        """Let the strand that is loading end; no other is begun."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _load(self) -> None:
        try:
            if {Strand.IMAGE, Strand.AUDIO} & set(self._strands) & set(self._recommender.live.refresh().fusion.strands):
                self._decoders.begin()
            warm(self._recommender, self._strands, self._stopped)
        except Exception as error:
            LOGGER.exception("warming failed", extra={"fields": {"said": str(error)}})
            self.reason = f"loading failed: {error}"
        else:
            self.reason = ""


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

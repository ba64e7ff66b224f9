"""VectorCache: vectors by what they were made of, so that nothing is encoded twice."""

import hashlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedders.items import Strand
from embedders.sqlite_place import keep_log, uri_of
from embedders.text_windows import LONG

FILE = "vectors.db"
BUSY_SECONDS = 60.0
"""How long others may write before one gives up."""
CHUNK = 500
SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    fingerprint TEXT NOT NULL, content TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (fingerprint, content)
) WITHOUT ROWID
"""


WINDOWED = "\0windows 1\0"
"""Before a long text when it is hashed: caches of earlier versions have vectors of its beginning alone."""


def content_hash(strand: Strand, content: str) -> str:
    """Return the sha256 of a text, or of a media file's bytes, so that a renamed file is the same content."""
    if strand is Strand.TEXT:
        content = content if len(content) <= LONG else WINDOWED + content
        return hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()
    with Path(content).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def combined_hash(hashes: Sequence[str]) -> str:
    """Return the hash of several contents that make one vector; of one it is its own."""
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("+".join(hashes).encode()).hexdigest()


@dataclass(slots=True)
class Lookups:
    """How many contents a process has looked up in caches of vectors."""

    hits: int = 0
    misses: int = 0


LOOKUPS = Lookups()
"""Those of this process; for metrics, which may lack a few where threads count at once."""


class CacheError(OSError):
    """The cache cannot be opened, read or written: a full disk, a folder that is read-only, a damaged file."""


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Raise CacheError, one line that names the file, for what SQLite refuses."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_SHMSIZE
        raise CacheError(f"{path}: {'the disk is full' if full else error}") from error


class VectorCache:
    """A table of (encoder fingerprint, content hash) -> float32 vector in one SQLite file.

    Several processes may write at once; a killed one loses at most its last batch. All of it can be deleted and
    comes back by encoding, except own vectors, which no encoder makes. What the disk refuses is a CacheError.
    """

    def __init__(self, folder: Path) -> None:
        """Open the cache in `folder`, made where absent; one on a disk mounted read-only can be read."""
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._path = folder / FILE
        with refusals(self._path):
            self._connection = sqlite3.connect(
                uri_of(self._path), uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            keep_log(self._connection, seconds=BUSY_SECONDS)
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute(SCHEMA)

    def get(self, fingerprint: str, hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors that are there, by content hash."""
        found: dict[str, NDArray[np.float32]] = {}
        wanted = list(dict.fromkeys(hashes))
        with refusals(self._path), self._lock:
            for start in range(0, len(wanted), CHUNK):
                chunk = wanted[start : start + CHUNK]
                marks = ",".join("?" * len(chunk))
                statement = f"SELECT content, vector FROM vectors WHERE fingerprint = ? AND content IN ({marks})"  # noqa: S608
                for content, blob in self._connection.execute(statement, (fingerprint, *chunk)):
                    found[content] = np.frombuffer(blob, dtype=np.float32)
        LOOKUPS.hits += len(found)
        LOOKUPS.misses += len(wanted) - len(found)
        return found

    def put(self, fingerprint: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep vectors by content hash, in one transaction; none for nothing."""
        if not vectors:
            return
        rows = [(fingerprint, content, vector.astype(np.float32).tobytes()) for content, vector in vectors.items()]
        with refusals(self._path), self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

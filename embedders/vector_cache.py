"""VectorCache: vectors by what they were made of, so that nothing is encoded twice."""

import hashlib
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedders.items import Strand
from embedders.text_windows import LONG

FILE = "vectors.db"
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


class VectorCache:
    """A table of (encoder fingerprint, content hash) -> float32 vector in one SQLite file.

    Several processes may write at once; a killed one loses at most its last batch. All of it can be deleted and
    comes back by encoding, except own vectors, which no encoder makes.
    """

    def __init__(self, folder: Path) -> None:
        """Open the cache in `folder`, made where absent."""
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(folder / FILE, timeout=60.0, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(SCHEMA)

    def get(self, fingerprint: str, hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors that are there, by content hash."""
        found: dict[str, NDArray[np.float32]] = {}
        wanted = list(dict.fromkeys(hashes))
        with self._lock:
            for start in range(0, len(wanted), CHUNK):
                chunk = wanted[start : start + CHUNK]
                marks = ",".join("?" * len(chunk))
                statement = f"SELECT content, vector FROM vectors WHERE fingerprint = ? AND content IN ({marks})"  # noqa: S608
                for content, blob in self._connection.execute(statement, (fingerprint, *chunk)):
                    found[content] = np.frombuffer(blob, dtype=np.float32)
        return found

    def put(self, fingerprint: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep vectors by content hash, in one transaction; none for nothing."""
        if not vectors:
            return
        rows = [(fingerprint, content, vector.astype(np.float32).tobytes()) for content, vector in vectors.items()]
        with self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

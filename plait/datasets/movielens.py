"""MovieLens-100k, fetched when it is asked for and turned into Plait's tables.

From GroupLens's own address, or, where that cannot be reached, out of the recbole wheel on the package index. The data
is for research only and may not be passed on (GroupLens).
"""

import hashlib
import io
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from plait.datasets.dataset import write_dataset
from plait.datasets.movielens_layouts import (
    ATOMIC_ENDS,
    HEADERS,
    RAW_ENCODING,
    RAW_FILES,
    MovieTables,
    read_atomic,
    read_raw,
)
from plait.errors import BadData

ADDRESS = "https://files.grouplens.org/datasets/movielens/ml-100k.zip"
SHA256 = "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229"
ARCHIVE_BYTES = 4_924_029
TIMEOUT_SECONDS = 10.0
PIP_SECONDS = 180.0
COUNTS = {"items": 1_682, "interactions": 100_000, "users": 943}
LARGEST_MEMBER = 20_000_000
"""Bytes of a file in an archive; the largest real one has a tenth of that."""


def find_movielens(folder: Path) -> bool:
    """Return whether items.csv, interactions.csv and users.csv stand in `folder`."""
    return all((folder / f"{name}.csv").is_file() for name in HEADERS)


def fetch_movielens(folder: Path) -> str:
    """Write items.csv, interactions.csv and users.csv into `folder` and say where they came from.

    Tables that are there already are kept; an unpacked ml-100k (u.data, u.item, u.user) in `folder` is read before
    anything is fetched. Raises BadData where no source can be reached, or one holds something else.
    """
    if find_movielens(folder):
        return "tables kept from before"
    folder.mkdir(parents=True, exist_ok=True)
    if all((folder / name).is_file() for name in RAW_FILES):
        texts = {name: (folder / name).read_text(encoding=RAW_ENCODING) for name in RAW_FILES}
        source, tables = f"u.data, u.item and u.user in {folder}", read_raw(texts)
    elif (archive := _grouplens_archive()) is not None:
        source, tables = "files.grouplens.org", read_raw_archive(archive)
    else:
        source, tables = "the recbole wheel", read_recbole_wheel(_recbole_wheel())
    for name, rows in tables.by_name().items():
        if len(rows) != COUNTS[name]:
            raise BadData(f"MovieLens-100k from {source}: {len(rows)} {name}; expected {COUNTS[name]}")
    write_dataset(tables.dataset(), folder)
    return source


def read_raw_archive(archive: bytes) -> MovieTables:
    """Read GroupLens's zip. Raises BadData where a file is missing or too large."""
    texts = _members(archive, {name: name for name in RAW_FILES}, folder="ml-100k", encoding=RAW_ENCODING)
    return read_raw(texts)


def read_recbole_wheel(wheel: bytes) -> MovieTables:
    """Read the copy inside a recbole wheel. Raises BadData where a file is missing or too large."""
    names = {end: f"ml-100k{end}" for end in ATOMIC_ENDS}
    return read_atomic(_members(wheel, names, folder="recbole/dataset_example/ml-100k", encoding="utf-8"))


def _members(archive: bytes, names: Mapping[str, str], *, folder: str, encoding: str) -> dict[str, str]:
    """Return the texts of members named exactly; nothing is unpacked, so no name can lead out of a folder."""
    texts = {}
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as held:
            for key, name in names.items():
                member = held.getinfo(str(PurePosixPath(folder, name)))
                if member.file_size > LARGEST_MEMBER:
                    raise BadData(f"{member.filename}: {member.file_size} bytes; expected at most {LARGEST_MEMBER}")
                texts[key] = held.read(member).decode(encoding)
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise BadData(f"the archive of MovieLens-100k cannot be read: {error}") from error
    return texts


def _grouplens_archive() -> bytes | None:
    """Return GroupLens's zip, or None where it cannot be reached or is another file."""
    try:
        with urllib.request.urlopen(ADDRESS, timeout=TIMEOUT_SECONDS) as answer:
            archive: bytes = answer.read(ARCHIVE_BYTES + 1)
    except OSError:
        return None
    return archive if hashlib.sha256(archive).hexdigest() == SHA256 else None


def _recbole_wheel() -> bytes:
    """Return the newest recbole wheel of the package index, which pip is asked for."""
    with tempfile.TemporaryDirectory(prefix="plait-") as name:
        folder = Path(name)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                   "--only-binary", ":all:", "--dest", str(folder), "recbole"]  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603 - constants
                command, capture_output=True, text=True, check=False, timeout=PIP_SECONDS
            )
            reason = (done.stderr.strip().splitlines() or ["no wheel came"])[-1]
        except subprocess.TimeoutExpired:
            reason = f"pip took more than {PIP_SECONDS:.0f} s"
        wheels = sorted(folder.glob("recbole-*.whl"))
        if wheels:
            return wheels[0].read_bytes()
    raise BadData(f"MovieLens-100k cannot be fetched: neither {ADDRESS} nor recbole from the index ({reason})")

"""Archive: a folder as one tar file, with a manifest in front that says size and SHA-256 of each file."""

import errno
import io
import json
import os
import tarfile
from collections.abc import Mapping
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any

from plait.durable import sync
from plait.errors import BadData

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 64 << 20
AT_ONCE = 1 << 20
OF_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""What a disk says of a file that is written, never of one that is read."""


def write_archive(folder: Path, file: Path, says: Mapping[str, Any]) -> None:
    """Write all files below `folder` into `file`, which must not be there, and flush it; `says` is for the manifest.

    No names of owners and no times are kept.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    listed = {name: {"size": path.stat().st_size, "sha256": _digest(path)} for name, path in names.items()}
    manifest = json.dumps({"format": FORMAT, **says, "files": listed}, ensure_ascii=False).encode()
    with file.open("xb") as stream:
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
            archive.addfile(_member(MANIFEST, len(manifest)), io.BytesIO(manifest))
            for name, path in names.items():
                with path.open("rb") as content:
                    archive.addfile(_member(name, path.stat().st_size), content)
        stream.flush()
        os.fsync(stream.fileno())


def extract_archive(file: Path, folder: Path) -> dict[str, Any]:
    """Write the files of an archive into the new `folder`, flushed, and return its manifest.

    Raises BadData for what is no archive, of a newer format, or not what its manifest says: a file too many or too
    few, other bytes, a name that leads out of the folder, a link; OSError where the folder's disk refuses. What was
    written then is the caller's to remove.
    """
    try:
        with tarfile.open(file, mode="r:") as archive:
            manifest = _manifest(archive, file)
            left = dict(manifest["files"])
            while (member := archive.next()) is not None:
                said = left.pop(member.name, None)
                if said is None or not member.isreg() or not _is_inside(member.name):
                    raise BadData(f"{file} holds {member.name!r}, which its manifest does not list as a file")
                _extract(archive, member, folder / member.name, said, file)
    except (tarfile.TarError, OSError, EOFError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, OSError) and error.errno in OF_WRITING:
            raise
        raise BadData(f"{file} cannot be read as a backup: {' '.join(str(error).split())}") from error
    if left:
        raise BadData(f"{file} lacks {min(left)!r}, which its manifest lists")
    return manifest


def _manifest(archive: tarfile.TarFile, file: Path) -> dict[str, Any]:
    """Return the manifest, which comes first."""
    member = archive.next()
    stream = None if member is None or member.name != MANIFEST else archive.extractfile(member)
    if member is None or stream is None or member.size > LARGEST_MANIFEST:
        raise BadData(f"{file} is no backup: expected {MANIFEST} first")
    try:
        manifest: dict[str, Any] = json.loads(stream.read())
        newer = int(manifest["format"]) > FORMAT
    except (ValueError, KeyError, TypeError) as error:
        raise BadData(f"{file} is no backup: its {MANIFEST} cannot be read") from error
    if newer:
        raise BadData(f"{file} has format {manifest['format']}; this Plait knows up to {FORMAT}: upgrade Plait")
    return manifest


def _extract(
    archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path, said: Mapping[str, Any], file: Path
) -> None:
    stream = archive.extractfile(member)
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = sha256()
    with path.open("xb") as out:
        while stream is not None and (piece := _read(stream)):
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    if member.size != said["size"] or digest.hexdigest() != said["sha256"]:
        raise BadData(f"{file}: {member.name} does not match its checksum; nothing was restored")
    sync(path.parent)


def _read(stream: IO[bytes]) -> bytes:
    return stream.read(AT_ONCE)


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not PurePosixPath(name).is_absolute() and ".." not in parts and "\\" not in name


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    return member


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()

"""DatasetSource: the files of a data set, in a folder or still in the zip they came in."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TextIO

from plait.errors import BadData, WrongCall


class DatasetSource:
    """Text files by their names; nothing is unpacked, so that no name in an archive can lead out of a folder."""

    def __init__(self, path: Path) -> None:
        """Look at a folder, or at a zip. Raises WrongCall for anything else, BadData for a zip that is broken."""
        self.path = path
        self._zip = path.suffix.lower() == ".zip" and path.is_file()
        if path.is_dir():
            self._members = {entry.name: entry.name for entry in path.iterdir() if entry.is_file()}
        elif self._zip:
            try:
                with zipfile.ZipFile(path) as held:
                    self._members = {PurePosixPath(name).name: name for name in held.namelist()}
            except (zipfile.BadZipFile, OSError) as error:
                raise BadData(f"{path} cannot be read: {error}") from error
        else:
            raise WrongCall(f"{path}: expected a folder or a .zip file")

    def __contains__(self, name: str) -> bool:
        """Return whether there is a file of this name."""
        return name in self._members

    @contextmanager
    def opened(self, name: str, *, encoding: str) -> Iterator[TextIO]:
        """Open a file as text, line ends as they are. Raises BadData for one that is no such text."""
        member = self._members[name]
        try:
            if not self._zip:
                with (self.path / member).open(encoding=encoding, newline="") as stream:
                    yield stream
                return
            with zipfile.ZipFile(self.path) as held, held.open(member) as packed:
                yield io.TextIOWrapper(packed, encoding=encoding, newline="")
        except (UnicodeDecodeError, zipfile.BadZipFile, OSError) as error:
            raise BadData(f"{self.path}, {name}: {error}") from error

    def text(self, name: str, *, encoding: str) -> str:
        """Return the whole text of a small file."""
        with self.opened(name, encoding=encoding) as stream:
            return stream.read()

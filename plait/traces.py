"""Traces: which files of a folder hold a text, in any of the ways in which files of a workspace could."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

AT_ONCE = 1 << 20
"""Bytes read at once."""
LEAST = 8
"""Bytes of a text below which finding it says nothing: something like it stands in any large file."""


def spellings(text: str) -> list[bytes]:
    """Return a text as bytes: UTF-8, UTF-16 in both orders, and as JSON writes it, with and without escapes."""
    said = [text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]]
    encoded = [one.encode("utf-8", "surrogatepass") for one in said]
    encoded += [text.encode(order, "surrogatepass") for order in ("utf-16-le", "utf-16-be")]
    return list(dict.fromkeys(encoded))


def files_that_hold(folder: Path, text: str) -> list[str]:
    """Return the files below `folder`, by their paths in it, whose bytes or name hold `text`, sorted.

    A process of its own reads them: POSIX takes all locks on a file from a process that closes it once, so that reading
    an open store here would take SQLite's, and what is written afterwards would be lost. Raises ValueError where a file
    cannot be read.
    """
    call = [sys.executable, "-I", __file__]
    asked = json.dumps([str(folder), text])
    outcome = subprocess.run(call, input=asked, capture_output=True, text=True, check=False)  # noqa: S603 - this file
    if outcome.returncode:
        raise ValueError(f"{folder} cannot be searched: {outcome.stderr.strip().rpartition(chr(10))[2]}")
    return [str(name) for name in json.loads(outcome.stdout)]


def search(folder: Path, text: str) -> list[str]:
    """Return what `files_that_hold` does, read by this process, which must have none of the files open.

    Bytes are searched as they lie: what is packed or encrypted is not looked into.
    """
    wanted = spellings(text)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in files]
    return [name for name, path in zip(names, files, strict=True) if text in name or _holds(path, wanted)]


def _holds(path: Path, wanted: Sequence[bytes]) -> bool:
    overlap = max(map(len, wanted)) - 1
    try:
        with path.open("rb") as stream:
            tail = b""
            while piece := stream.read(AT_ONCE):
                seen = tail + piece
                if any(one in seen for one in wanted):
                    return True
                tail = seen[-overlap:] if overlap else b""
    except FileNotFoundError:
        # It was retired while the others were read.
        return False
    return False


if __name__ == "__main__":
    folder_asked, text_asked = json.load(sys.stdin)
    json.dump(search(Path(folder_asked), text_asked), sys.stdout)

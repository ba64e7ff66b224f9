"""A lexical index on disk: one .npy an array, and lexical.json."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.lexical import MAIN, NOBODY, LexicalIndex, Segment
from index.mapped_array import mapped_array
from index.postings import FIELD_WEIGHTS, Postings

FORMAT = 1
"""Also the format of the words: when `index.words` gives others for a text, this grows."""
HEAD = "lexical.json"
ARRAYS: dict[str, type[np.generic]] = {
    "tokens": np.uint64,
    "starts": np.int64,
    "rows": np.int32,
    "frequencies": np.uint8,
    "lengths": np.float32,
    "digests": np.uint64,
}


def write_lexical(folder: Path, index: LexicalIndex) -> None:
    """Write an index of one segment, as `build_lexical` and `compacted` make it, to `folder`, made where absent.

    Nothing is synced to disk or checksummed: who publishes the folder does that. Raises FileExistsError where the
    folder holds one, ValueError for an index with changes.
    """
    if len(index.segments) != 1 or index.segments[0].dead:
        raise ValueError(
            f"index has {len(index.segments)} segments; expected one without changes, as `compacted` gives"
        )
    postings = index.segments[0].postings
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[Any]] = {
        "tokens": postings.tokens, "starts": postings.starts, "rows": postings.rows,
        "frequencies": postings.frequencies, "lengths": index.lengths, "digests": index.digests,
    }  # fmt: skip
    head = {"format": FORMAT, "fields": list(FIELD_WEIGHTS), "items": index.row_count}
    with (folder / HEAD).open("x", encoding="utf-8") as file:
        json.dump(head, file)
    for name, array in arrays.items():
        with _path(folder, name).open("xb") as file:
            np.save(file, array, allow_pickle=False)


def has_lexical(folder: Path) -> bool:
    """Return whether `folder` has a lexical index of the format that `read_lexical` reads; no array is opened."""
    try:
        _read_head(folder / HEAD)
    except ValueError:
        return False
    return True


def read_lexical(folder: Path) -> LexicalIndex:
    """Open the lexical index in `folder`; its postings stay on disk, memory-mapped.

    Raises ValueError naming the file that is missing, truncated, corrupt or does not belong to the others.
    """
    count = _read_head(folder / HEAD)
    found = {name: _read_array(_path(folder, name), kind) for name, kind in ARRAYS.items()}
    starts, rows = np.array(found["starts"]), found["rows"]
    sizes = {"tokens": len(starts) - 1, "frequencies": len(rows), "lengths": count, "digests": count}
    for name, size in sizes.items():
        if len(found[name]) != size:
            raise _broken(_path(folder, name), f"holds {len(found[name])} numbers; expected {size}")
    # Numpy would read other rows, or fail in the middle of an answer.
    if starts[0] != 0 or starts[-1] != len(rows) or (np.diff(starts) <= 0).any():
        raise _broken(_path(folder, "starts"), f"do not divide {len(rows)} rows")
    if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < count:
        raise _broken(_path(folder, "rows"), f"holds {rows.min()}..{rows.max()}; expected 0..{count - 1}")
    postings = Postings(found["tokens"], starts, rows, found["frequencies"])
    held = found["digests"] != 0
    main = Segment(MAIN, postings, int(np.count_nonzero(held)))
    holders = np.where(held, MAIN, NOBODY).astype(np.int32)
    return LexicalIndex((main,), holders, np.array(found["lengths"]), np.array(found["digests"]))


def _read_head(path: Path) -> int:
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
        if head["format"] != FORMAT or head["fields"] != list(FIELD_WEIGHTS):
            raise ValueError(f"format is {head['format']!r}; this version reads {FORMAT}: build the index again")
        return int(head["items"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _broken(path, error) from error


def _read_array(path: Path, kind: type[np.generic]) -> NDArray[Any]:
    try:
        array = mapped_array(path)
        if array.dtype != kind or array.ndim != 1:
            raise ValueError(f"holds {array.dtype} {array.shape}; expected {kind.__name__} (n,)")
    except (OSError, ValueError, EOFError) as error:
        raise _broken(path, error) from error
    return np.asarray(array)


def _path(folder: Path, name: str) -> Path:
    return folder / f"lexical-{name}.npy"


def _broken(path: Path, error: object) -> ValueError:
    return ValueError(f"{path} cannot be read as a part of a lexical index: {error}")

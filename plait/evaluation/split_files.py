"""Splits in a folder: a file each, and a list with the hash of each, by which a changed one is found."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from plait.arrays_file import read_arrays
from plait.durable import replace_text
from plait.errors import BadData, WrongCall
from plait.evaluation.split_arrays import from_arrays, to_arrays
from plait.evaluation.splits import Split
from plait.evaluation.whole_files import write_whole

FORMAT = 1
LIST = "splits.json"


@dataclass(frozen=True, slots=True)
class SavedSplits:
    """The splits of a protocol by salt, all of one catalogue."""

    protocol: str
    by_salt: Mapping[int, list[Split]]


def save_splits(folder: Path, protocol: str, splits: Iterable[Split]) -> dict[str, str]:
    """Write splits into a folder, made where absent, and return the sha256 of each by its title.

    The list is written last: a folder without it was not finished.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hashes, files = {}, {}
    for split in splits:
        file = f"{split.title.replace(', ', '-').replace(' ', '-')}.safetensors"
        write_whole(folder / file, to_arrays(split))
        hashes[split.title], files[split.title] = split.fingerprint, file
    listed = {title: {"file": files[title], "sha256": hashes[title]} for title in hashes}
    about = {"format": FORMAT, "protocol": protocol, "splits": listed}
    replace_text(folder / LIST, json.dumps(about, indent=1))
    return hashes


def load_splits(folder: Path) -> SavedSplits:
    """Read what `save_splits` wrote.

    Raises BadData where the list or a file is missing, broken or of another format, where a split's hash is not the
    one listed, and where the splits are not all of the same items.
    """
    path = folder / LIST
    if not path.is_file():
        raise WrongCall(f"{folder} holds no {LIST}; expected a folder that --save-splits wrote")
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        listed = {
            title: (folder / Path(entry["file"]).name, entry["sha256"]) for title, entry in about["splits"].items()
        }
        known, protocol = about["format"] == FORMAT, str(about["protocol"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadData(f"{path} cannot be read: {error!r}; expected what --save-splits wrote") from error
    if not known or not listed:
        raise BadData(f"{path} has the format {about['format']} and {len(listed)} splits; expected format {FORMAT}")
    by_salt: dict[int, list[Split]] = {}
    for file, sha256 in listed.values():
        split = _load(file, sha256)
        by_salt.setdefault(split.salt, []).append(split)
    if len({tuple(split.item_ids) for parts in by_salt.values() for split in parts}) > 1:
        raise BadData(f"{folder}: its splits have different items; expected those of one catalogue")
    return SavedSplits(protocol, by_salt)


def _load(file: Path, sha256: str) -> Split:
    try:
        split = from_arrays(read_arrays(file))
        found = split.fingerprint
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise error if isinstance(error, BadData) else BadData(f"{file} holds no split: {error}") from error
    if not len(split):
        raise BadData(f"{file}: its split judges nobody; expected one that --save-splits wrote")
    if found != sha256:
        raise BadData(f"{file} was changed: its split has the hash {found[:12]}, {LIST} says {sha256[:12]}")
    return split

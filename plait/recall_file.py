"""How much of the exact answer searches were last found to find: a small file beside the index snapshots."""

import json
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from plait.errors import BadData

FILE = "RECALL"


@dataclass(frozen=True, slots=True)
class MeasuredRecall:
    """Recall of the ten nearest of the index snapshot `index`, with its 95 % interval from `low` to `high`.

    `queries` were asked `at` a moment in Unix seconds; `floor` is what plait.toml wants; `did` says how an index that
    found too little was repaired, "" where nothing was done.
    """

    index: int
    recall: float
    low: float
    high: float
    queries: int
    floor: float
    at: float
    did: str = ""

    @property
    def is_low(self) -> bool:
        """Whether even the upper end of the interval is below the floor."""
        return self.high < self.floor

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON knows it."""
        return asdict(self)


def write_recall(folder: Path, found: MeasuredRecall) -> None:
    """Write what was measured into the `folder` of index snapshots, in the place of what was before.

    Any process may: each reader sees one measurement whole. Raises BadData where the disk refuses.
    """
    fresh = folder / f"{FILE}.{secrets.token_hex(4)}.new"
    try:
        fresh.write_text(json.dumps(found.to_json()), encoding="utf-8")
        fresh.replace(folder / FILE)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise BadData(f"{folder / FILE} cannot be written: {error.strerror or error}") from error


def read_recall(folder: Path) -> MeasuredRecall | None:
    """Return what was last measured; None where nothing was, or the file is broken: it is of use and never needed."""
    try:
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return MeasuredRecall(**{one.name: said[one.name] for one in fields(MeasuredRecall)})
    except (OSError, ValueError, KeyError, TypeError):
        return None

"""ItemFeatures: what is known of items without any event."""

from collections.abc import Mapping
from dataclasses import dataclass

from ranker.interactions import Floats, Rows


@dataclass(frozen=True, slots=True)
class ItemFeatures:
    """What is known of n items without any event: one matrix (n, d) a strand, attributes (n, f).

    A zero row of a strand is a missing strand. A column of attributes is the share of a value, at least 0, or else
    a number in standard deviations from the mean of the catalogue. `columns` names for each attribute the column of
    the catalogue it is of, "" for flags of what is missing; empty where that is not known.
    """

    strands: Mapping[str, Floats]
    attributes: Floats
    columns: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.attributes)

    def take(self, rows: Rows) -> "ItemFeatures":
        """Return the features of the items at `rows`."""
        strands = {name: matrix[rows] for name, matrix in self.strands.items()}
        return ItemFeatures(strands, self.attributes[rows], self.columns)

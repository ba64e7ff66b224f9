"""Folds: which items hide a strand, for the protocol cross-modal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from embedders.encoder import Vectors
from embedders.items import Strand
from embedders.spaces import present
from embedders.tower import Tower
from index.vector_index import Rows
from plait.errors import BadData
from plait.evaluation.salted import salted

SHARE = 0.3
"""Of the items that have both strands, how many are hidden."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """n items: ids, raw vectors (n, dimension) by strand with zero rows where one is missing, categories, groups.

    `groups` (n,) is the value of the --hide-by column, "" for none; None where a share is hidden instead. `queries`
    are raw vectors by strand of the contents as they are asked, where that differs from `vectors`; `towers` are what
    the text towers of other strands say of the items' texts.
    """

    item_ids: Sequence[str]
    vectors: Mapping[Strand, Vectors]
    categories: Sequence[tuple[str, ...]]
    groups: Sequence[str] | None = None
    queries: Mapping[Strand, Vectors] = field(default_factory=dict)
    towers: Mapping[Strand, Tower] = field(default_factory=dict)


def folds(catalogue: Catalogue, pair: tuple[Strand, Strand], salts: Sequence[int]) -> Iterator[tuple[str, Rows]]:
    """Yield the name of each fold and its hidden items, ascending rows (h,) of items that have both strands.

    A fold is a group of the catalogue, or for each of the `salts` the SHARE of the items whose salted hashes are
    smallest, so that the order of the catalogue does not matter. Raises BadData where no item can be hidden.
    """
    for strand in pair:
        if strand not in catalogue.vectors:
            raise BadData(f"no item has the strand {strand}; cross-modal {':'.join(pair)} needs items with both")
    usable = np.flatnonzero(np.logical_and(*(present(catalogue.vectors[strand]) for strand in pair)))
    if not len(usable):
        raise BadData(f"no item has both {pair[0]} and {pair[1]}; cross-modal needs some that do")
    if catalogue.groups is not None:
        yield from _by_group(np.asarray(catalogue.groups, dtype=object), usable)
        return
    hidden = max(1, round(SHARE * len(usable)))
    for salt in salts:
        order = np.argsort(salted(salt, [catalogue.item_ids[row] for row in usable.tolist()]))
        yield f"salt {salt}", np.sort(usable[order[:hidden]])


def _by_group(groups: "np.ndarray[tuple[int], np.dtype[np.object_]]", usable: Rows) -> Iterator[tuple[str, Rows]]:
    names = sorted(set(groups[usable].tolist()) - {""})
    if not names:
        raise BadData("no item with both strands has a group to hide; expected a column that some of them fill")
    for name in names:
        yield name, usable[groups[usable] == name]

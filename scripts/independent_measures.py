"""Write what RecTools and LensKit measure of random lists, which the tests hold Plait's own measures against.

They ask for an older numpy and pandas than Plait has, so they are no development dependency: make an environment of
their own (`pip install rectools lenskit`) and run `python -m scripts.independent_measures FILE`. The lists and the
catalogue stand in the file beside the measures.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from lenskit.data import ItemList
from lenskit.metrics import ListGini
from numpy.typing import NDArray
from rectools.metrics import AvgRecPopularity, CatalogCoverage, IntraListDiversity, MeanInvUserFreq
from scipy.spatial.distance import cdist

USERS, ITEMS, SHOWN, CUT = 40, 60, 8, 5
CATEGORIES, DIMENSION, MET = 9, 6, 12
LIBRARIES = ("rectools", "lenskit")

Rows = NDArray[np.int64]
Numbers = NDArray[np.float64]


class Distances:
    """What IntraListDiversity asks for: the distances of pairs of items, out of a matrix."""

    def __init__(self, matrix: Numbers) -> None:
        self.matrix = matrix

    def __getitem__(self, pairs: tuple[Rows, Rows]) -> Numbers:
        """Return the distance of each pair of two columns."""
        return np.asarray(self.matrix[pairs[0].astype(int), pairs[1].astype(int)], dtype=np.float64)


def main(path: Path) -> None:
    """Draw lists and a catalogue, measure them, and write all of it."""
    rng = np.random.default_rng(7)
    odds = rng.permutation(1.0 / np.arange(1, ITEMS + 1))
    # The last items are ones nobody met.
    met = [rng.choice(ITEMS - 10, MET, replace=False, p=odds[:-10] / odds[:-10].sum()) for _ in range(USERS)]
    slates = np.stack([rng.choice(ITEMS, SHOWN, replace=False, p=odds / odds.sum()) for _ in range(USERS)])
    vectors = rng.normal(size=(ITEMS, DIMENSION))
    owned = rng.random((ITEMS, CATEGORIES)) < 0.3
    owned[np.arange(ITEMS), rng.integers(0, CATEGORIES, ITEMS)] = True
    found = {
        "libraries": {name: version(name) for name in LIBRARIES},
        "cut": CUT,
        "items": ITEMS,
        "slates": slates.tolist(),
        "met": [sorted(each.tolist()) for each in met],
        "vectors": vectors.tolist(),
        "categories": [np.flatnonzero(row).tolist() for row in owned],
        "measures": _measures(slates, met, vectors, owned),
    }
    path.write_text(json.dumps(found) + "\n", encoding="utf-8")


def _measures(
    slates: Rows, met: Sequence[Rows], vectors: Numbers, owned: NDArray[np.bool_]
) -> Mapping[str, object]:  # fmt: skip
    shown, history = _table(list(slates)), _table(met)
    popularity = AvgRecPopularity(k=ITEMS)
    by_content = Distances(cdist(vectors, vectors, metric="cosine"))
    by_category = Distances(cdist(owned.astype(np.float64), owned.astype(np.float64), metric="jaccard"))
    lists = [ItemList(item_ids=row, ordered=True) for row in slates]
    gini = ListGini(CUT, items=ITEMS)
    return {
        "novelty": MeanInvUserFreq(k=CUT).calc_per_user(shown, history).sort_index().tolist(),
        "list_popularity": AvgRecPopularity(k=CUT).calc_per_user(shown, history).sort_index().tolist(),
        "history_popularity": popularity.calc_per_user(history, history).sort_index().tolist(),
        "content_diversity": IntraListDiversity(CUT, by_content).calc_per_user(shown).sort_index().tolist(),
        "category_diversity": IntraListDiversity(CUT, by_category).calc_per_user(shown).sort_index().tolist(),
        "coverage": CatalogCoverage(k=CUT, normalize=True).calc(shown, range(ITEMS)),
        "gini": float(gini.global_aggregate([gini.compute_list_data(each, each) for each in lists])),
    }


def _table(lists: Sequence[Rows]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(len(lists)), [len(each) for each in lists]),
            "item_id": np.concatenate(lists),
            "rank": np.concatenate([np.arange(1, len(each) + 1) for each in lists]),
        }
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))

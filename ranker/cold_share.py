"""How much popularity should say beside taste, judged on items taken for new."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ranker.content_ridge import spread_sample
from ranker.interactions import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SHARES = (0.01, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 3.0)
"""The least is as good as none, and yet something by which first events can lift an item (`ranker.warm_up`)."""
JUDGES = 1_000
"""Users who judge."""
NEW = 0.2
"""Of the items met, how many are new at a time: an item stands behind this share of those that score higher."""
CUT = 10


def best_share(tastes: Floats, likings: Floats, liked: "csr_matrix") -> float:
    """Return the share under which `tastes + share * likings` ranks what was liked highest.

    `tastes` (m, a) are scores of items for users, each as if the item were new, `likings` (a,) what popularity says
    of it, `liked` (m, a) who liked it.
    """
    gains = [cold_gain(tastes + np.float32(share) * likings, liked) for share in SHARES]
    return SHARES[int(np.argmax(gains))]


def cold_gain(scores: Floats, liked: "csr_matrix") -> float:
    """Return the NDCG at CUT that users have in the mean where the share NEW of the items is ranked, as expected.

    Users who liked nothing are passed over.
    """
    wanted = liked.tocsr()
    counts = np.diff(wanted.indptr)
    owners = np.repeat(np.arange(len(counts)), counts)
    places = _places(scores)[owners, wanted.indices] * NEW
    gains = np.bincount(owners, weights=np.where(places < CUT, 1.0 / np.log2(2.0 + places), 0.0), minlength=len(counts))
    ideal = np.concatenate([[0.0], np.cumsum(1.0 / np.log2(2.0 + np.arange(CUT)))])
    best = np.interp(np.minimum(NEW * counts, CUT), np.arange(CUT + 1), ideal)
    judged = counts > 0
    return float((NEW * gains[judged] / np.maximum(best[judged], 1e-9)).mean()) if judged.any() else 0.0


def judges(events: "csr_matrix") -> NDArray[np.int64]:
    """Return the rows of at most JUDGES users, spread evenly over the lengths of their histories."""
    return spread_sample(np.diff(events.indptr), JUDGES)


def _places(scores: Floats) -> NDArray[np.float64]:
    """Return (m, a) how many items score higher, those that score the same counting half."""
    ordered = np.sort(scores, axis=1)
    count = scores.shape[1]
    found = np.empty(scores.shape)
    for row, (mine, sorted_) in enumerate(zip(scores, ordered, strict=True)):
        below, upto = np.searchsorted(sorted_, mine, side="left"), np.searchsorted(sorted_, mine, side="right")
        found[row] = count - upto + 0.5 * (upto - below - 1)
    return found

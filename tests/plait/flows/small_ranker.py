"""A ranker that is learnt in a moment, for tests of what looks into one."""

from ranker.fit import fit_ranker
from ranker.interactions import Floats
from ranker.rank import Ranker, RankerSettings
from tests.ranker.logs import checkerboard, parity_features, unit_rows


def small_ranker(items: int) -> tuple[Ranker, Floats]:
    """Return a ranker of even and odd tastes, and the vectors of its items, which are random."""
    vectors = unit_rows(items, 6, seed=8)
    told = checkerboard(12, items, seed=2)
    return fit_ranker(told, vectors, parity_features(items), settings=RankerSettings(factors=4)).ranker, vectors

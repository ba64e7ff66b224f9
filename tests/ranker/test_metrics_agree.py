"""Every measure of a ranking is what ranx says of the same random ranking, to 1e-9.

Where ranx defines one otherwise it is brought to our definition exactly: its average precision at a cut is over all
relevant items (ours over as many as the cut can hold).
"""

import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from ranker.metrics import all_metrics

Measured = dict[str, NDArray[np.float64]]

CUTS = (1, 3, 8, 10, 25)
NAMES = {"ndcg": "ndcg", "hit": "hit_rate", "recall": "recall", "precision": "precision", "f1": "f1", "map": "map"}
USERS, ITEMS = 300, 40


@pytest.fixture(scope="module")
def evaluate() -> Iterator[Callable[..., Measured]]:
    """Import ranx without its compiler, which takes a minute for what here takes a moment."""
    with pytest.MonkeyPatch.context() as patched, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patched.setenv("NUMBA_DISABLE_JIT", "1")
        import ranx

        def measure(relevant: list[set[int]], lists: list[list[int]], names: list[str]) -> Measured:
            qrels = ranx.Qrels({f"u{user:04}": {f"i{item}": 1 for item in own} for user, own in enumerate(relevant)})
            scores = [{f"i{item}": float(-rank) for rank, item in enumerate(shown)} for shown in lists]
            run = ranx.Run({f"u{user:04}": own for user, own in enumerate(scores)})
            found = ranx.evaluate(qrels, run, names, return_mean=False)
            return {name: np.asarray(values, dtype=np.float64) for name, values in found.items()}

        yield measure


@pytest.mark.parametrize("shown", [ITEMS, 12])
def test_random_rankings(evaluate: Callable[..., Measured], shown: int) -> None:
    rng = np.random.default_rng(shown)
    lists = [rng.permutation(ITEMS)[:shown].tolist() for _ in range(USERS)]
    relevant = [set(rng.choice(ITEMS, rng.integers(1, 16), replace=False).tolist()) for _ in range(USERS)]
    theirs = evaluate(relevant, lists, [f"{name}@{cut}" for name in NAMES.values() for cut in CUTS] + ["mrr"])
    hits = np.asarray([[item in own for item in row] for own, row in zip(relevant, lists, strict=True)])
    counts = np.asarray([len(own) for own in relevant])
    ours = all_metrics(hits, counts, CUTS)
    for cut in CUTS:
        theirs[f"map@{cut}"] = theirs[f"map@{cut}"] * counts / np.minimum(counts, cut)
        for mine, name in NAMES.items():
            np.testing.assert_allclose(ours[f"{mine}@{cut}"], theirs[f"{name}@{cut}"], rtol=0, atol=1e-9, err_msg=name)
    np.testing.assert_allclose(ours["mrr"], theirs["mrr"], rtol=0, atol=1e-9)
    # Rankings that differ: a measure that always says the same would agree with itself.
    assert all(np.ptp(values) > 0.1 for values in ours.values())

"""The bench of exploration: what it expects is what draws give in the mean, and learning pays."""

from dataclasses import replace

import numpy as np
import pytest

from plait.evaluation.protocols import splitter
from plait.evaluation.ranking import seen
from plait.evaluation.splits import Split
from ranker.exploration import even_chances, explore, slots_of
from ranker.metrics import ndcg
from scripts.bench_exploration import CUT, cost, learnt, pages_of
from tests.plait.evaluation.logs import noisy

DRAWS = 2_000
SLOTS = slots_of(0, CUT, 5)


@pytest.fixture(scope="module")
def split() -> Split:
    return splitter("last-liked")(noisy(users=20, items=60), 20)[0]


def test_what_is_expected_is_what_draws_give(split: Split) -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(len(split), len(split.item_ids)))
    # Targets near the top, so that there is anything to lose, and new ones, so that there is anything to win.
    scores[split.target_owners, split.targets] += 1.5
    new = np.arange(len(split.item_ids)) % 2 == 0
    pages = pages_of(split, scores, new)
    known = pages.pools >= 0
    assert not seen(split.seen, len(new))[np.arange(len(split))[:, None], pages.listed].any()
    assert new[pages.pools[known]].all()
    wanted = np.zeros(scores.shape, dtype=bool)
    wanted[split.target_owners, split.targets] = True
    found, places = np.zeros(len(split)), 0.0
    for _ in range(DRAWS):
        orders = even_chances(known, len(SLOTS))
        shown = explore(orders, rng.random(known.shape), known, 0.6, rng.random((len(split), len(SLOTS))))
        listed = pages.listed.copy()
        taken = np.take_along_axis(pages.pools, np.maximum(shown.chosen, 0), axis=1)
        listed[:, SLOTS] = np.where(shown.chosen >= 0, taken, listed[:, SLOTS])
        found += ndcg(np.take_along_axis(wanted, listed, axis=1), wanted.sum(axis=1), CUT)
        places += new[listed].mean()
    expected = cost(pages, even_chances(known, len(SLOTS)), 0.6, split, new)
    plain = cost(pages, even_chances(known, len(SLOTS)), 0.0, split, new)
    np.testing.assert_allclose(expected.ndcg, found / DRAWS, atol=0.02)
    assert expected.new.mean() == pytest.approx(places / DRAWS, abs=2e-3)
    np.testing.assert_allclose(
        plain.ndcg, ndcg(np.take_along_axis(wanted, pages.listed, axis=1), wanted.sum(axis=1), CUT)
    )
    assert (plain.ndcg - expected.ndcg).max() > 0.05


def test_a_catalogue_that_is_too_small(split: Split) -> None:
    scores = np.zeros((len(split), len(split.item_ids)))
    with pytest.raises(ValueError, match="larger catalogue"):
        pages_of(replace(split, pool=split.pool[:9]), scores, scores[0] == 0)


def test_thompson_sampling_learns_and_epsilon_does_not() -> None:
    (even, truth), (thompson, _) = (learnt(method, 40, users=30, items=40) for method in ("epsilon", "thompson"))
    assert even.mean() == pytest.approx(truth.mean(), abs=0.012)
    assert thompson[-10:].mean() > 1.5 * even[-10:].mean()
    assert thompson[-10:].mean() > thompson[:10].mean()

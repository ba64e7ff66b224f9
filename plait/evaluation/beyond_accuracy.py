"""Beyond accuracy: what the lists are like that a model shows, user by user."""

import numpy as np

from index.vector_index import Mask, Rows
from plait.evaluation.item_facts import ItemFacts, popular_unmet
from plait.evaluation.list_calibration import miscalibration
from plait.evaluation.list_popularity import novelty, popularity_lift, serendipity
from plait.evaluation.list_variety import category_diversity, content_diversity
from plait.evaluation.observations import Values
from ranker.metrics import Counts, Hits
from ranker.metrics import Values as Column

PER_USER = (
    "novelty",
    "content_diversity",
    "category_diversity",
    "serendipity",
    "popularity_lift",
    "miscalibration",
)


def beyond_accuracy(
    slates: Rows, hits: Hits, relevant: Counts, met: Mask, facts: ItemFacts, cuts: tuple[int, ...],
    left_out: Mask | None = None,
) -> Values:  # fmt: skip
    """Return each of PER_USER by its name and cut, such as `novelty@10`, of m users; NaN where it cannot be said.

    `slates` (m, at least the largest cut, or every item) are the rows of the items shown, best first, -1 for none
    left; `hits` (m, as many or more) says which are relevant, of `relevant` (m,) ones; `met` (m, items) is what the
    users met before, `left_out` (m, items), by default the same, what could not be shown to them. Takes (m, cut, D)
    and (m, cut, categories) numbers of memory: hand over some hundred users at a time.
    Raises ValueError where `hits` is narrower than the slates.
    """
    if hits.shape[1] < slates.shape[1]:
        raise ValueError(f"hits has {hits.shape[1]} ranks; expected at least the {slates.shape[1]} of slates")
    expected = popular_unmet(facts, met if left_out is None else left_out, max(cuts))
    found: dict[str, Column] = {}
    for cut in cuts:
        shown = slates[:, :cut]
        values = _at_cut(shown, hits[:, : shown.shape[1]], relevant, met, facts, expected[:, :cut])
        found.update({f"{name}@{cut}": column for name, column in values.items()})
    return found


def _at_cut(
    shown: Rows, hits: Hits, relevant: Counts, met: Mask, facts: ItemFacts, expected: Rows
) -> dict[str, Column]:  # fmt: skip
    unsaid = np.full(len(shown), np.nan)
    vectors, categories = facts.vectors, facts.categories
    return {
        "novelty": novelty(shown, facts.met_by, facts.user_count),
        "content_diversity": unsaid if vectors is None else content_diversity(shown, vectors),
        "category_diversity": unsaid if categories is None else category_diversity(shown, categories),
        "serendipity": serendipity(shown, hits, relevant, expected),
        "popularity_lift": popularity_lift(shown, met, facts.met_by),
        "miscalibration": unsaid if categories is None else miscalibration(shown, met, categories),
    }

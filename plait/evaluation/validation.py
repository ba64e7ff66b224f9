"""Validation: the split on which settings are chosen, made inside what a split lets one learn from."""

from collections.abc import Callable, Sequence

from plait.errors import BadData
from plait.evaluation.protocols import Splitter
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked


def validation_of(split: Split, split_by: Splitter) -> Split:
    """Part `split.learnt` as the protocol parts a whole log; of several splits the last is taken.

    It is made of the first split of the first salt. With global-time that is the first of the rolling cuts, so that
    the choice sees nothing of what any later cut asks for; inside it the last cut has most to learn from. A log that
    is too small for the protocol to be applied twice is parted by last-liked, and where even that judges nobody the
    split has no users, and a peer takes the first of its settings.
    """
    attempts: list[Callable[[], Sequence[Split]]] = [
        lambda: split_by(split.learnt, split.salt),
        lambda: [last_liked(split.learnt, split.salt)],
    ]
    for attempt in attempts:
        try:
            return attempt()[-1]
        except BadData:
            continue
    return split.without_targets()

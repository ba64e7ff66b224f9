"""With words: the items in which words stand, as a catalogue is looked through; nothing is encoded."""

from collections.abc import Sequence

import numpy as np

from plait.moment import Moment


def items_with_words(moment: Moment, words: str, *, limit: int, offset: int = 0) -> tuple[Sequence[str], int]:
    """Return a page of the items that have at least one of the words, the best first, and how many have.

    Which is better is said by BM25 alone, equal ones stand by row.
    """
    evidence = moment.lexical.scores([words])[0]
    rows = np.flatnonzero(evidence > 0.0)
    shown = rows[np.argsort(-evidence[rows], kind="stable")[offset : offset + limit]]
    return moment.index.item_ids(shown), len(rows)

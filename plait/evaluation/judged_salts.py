"""Judged salts: the splits of one salt after the other, past those by which nobody can be judged."""

from collections.abc import Callable, Iterator, Sequence

from plait.errors import BadData
from plait.evaluation.splits import Split

SplitsOf = Callable[[int], Sequence[Split]]
"""Gives the splits of a salt. Raises BadData where nobody can be judged."""


def judged_salts(splits_of: SplitsOf, salts: range, say: Callable[[str], None]) -> Iterator[Sequence[Split]]:
    """Yield the splits of each salt; one that judges nobody is said and passed over.

    Raises BadData, that of the first, where no salt judges anybody, and then says nothing.
    """
    passed, first, begun = [], None, False
    for salt in salts:
        try:
            splits = splits_of(salt)
        except BadData as error:
            first = first or error
            passed.append(f"salt {salt} is passed over: {error}")
        else:
            begun = True
            yield splits
        if begun:
            for line in passed:
                say(line)
            passed.clear()
    if first is not None and not begun:
        raise first

"""HeldTastes: the tastes of all users as a process holds them, for as long as items and training stay the same."""

from dataclasses import dataclass

from index import LiveView
from ranker.interactions import Floats, Rows


@dataclass(frozen=True, slots=True)
class HeldTastes:
    """Unit rows of n users by CF (n, k) and by content (n, D), zero for who has none, and `lengths` (n,) in events.

    They hold for `index` and the training that made `gram` (k, k), whatever was learnt online since, and contain what
    was recorded up to `sequence`. The `tireless` among them are no persons, see `plait.cleaning`: nobody is like them.
    """

    index: LiveView
    gram: Floats
    sequence: int
    user_ids: tuple[str, ...]
    factors: Floats
    profiles: Floats
    lengths: Rows
    tireless: frozenset[str] = frozenset()

"""Exposing: whether what an answer shows is logged, and whether new items are explored in it."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from plait.config import Exploration
from plait.list_rules import RecommendOptions


@dataclass(frozen=True, slots=True)
class Exposing:
    """How an answer is exposed.

    With `log` its slates are written to the store. New items are explored as plait.toml says, but only where that is
    logged, for nobody could learn from it otherwise, and never with `explore` False. `seed` draws the same from the
    same state; None draws anew.
    """

    log: bool = False
    explore: bool = True
    seed: int | None = None

    def explores(self, settings: Exploration) -> bool:
        """Return whether new items are explored."""
        return self.log and self.explore and settings.method != "off"

    def names(self, state: str, user_ids: Sequence[str]) -> list[str]:
        """Return the recommendation_id of each user's slate, from which all of its draws follow; "" without `log`.

        `state` must be another after each slate that is logged.
        """
        if not self.log:
            return [""] * len(user_ids)
        if self.seed is None:
            return [secrets.token_hex(16) for _ in user_ids]
        told = [repr((self.seed, state, place, user_id)) for place, user_id in enumerate(user_ids)]
        return [hashlib.blake2b(text.encode(), digest_size=16).hexdigest() for text in told]


UNLOGGED = Exposing()
"""Nothing is written, and nothing is explored."""


class ExposingOptions(RecommendOptions, total=False):
    """Selection, rules and exposing as keyword arguments of a call."""

    log_exposure: bool
    explore: bool
    seed: int | None


def exposing_of(options: ExposingOptions) -> Exposing:
    """Return the exposing that keyword arguments ask for."""
    return Exposing(options.get("log_exposure", False), options.get("explore", True), options.get("seed"))

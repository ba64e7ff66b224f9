"""New users: what is expected of them by everybody's taste, by what is known of them, and by their first events.

score = expected + answers^T start + answers^T (taste - start): three parts of one unit, the mean weight of an event, so
that their plain sum is a ranking for any number of events; the first alone is popularity.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.circles import Relations
from ranker.demographics import Demographics, fit_demographics
from ranker.friends import Friends, fit_friends
from ranker.interactions import Floats, Interactions, Rows
from ranker.taste import Taste
from ranker.taste_fit import fit_taste

NEW_USER_PARTS = ("expected", "demographics", "friends", "taste")


@dataclass(frozen=True, slots=True)
class Start:
    """What is expected of m users before any event: tastes (m, r) by their `demographics` and by their `friends`."""

    demographics: Floats
    friends: Floats

    @property
    def tastes(self) -> Floats:
        """(m, r) both together."""
        return self.demographics + self.friends


@dataclass(frozen=True, slots=True)
class NewUsers:
    """What `fit_new_users` returns; item rows are those of the training."""

    taste: Taste
    demographics: Demographics
    friends: Friends

    def start(self, attributes: Floats, relations: Relations) -> Start:
        """Return what is expected of m users with `attributes` (m, f), zeros for who has none.

        In `relations`, what `Friends.circle` returns, `users` are rows of these m, `others` user rows of the training.
        """
        return Start(self.demographics.expect(attributes), self.friends.expect(relations, len(attributes)))

    def start_of(self, about: "AboutUsers", users: Rows) -> Start:
        """Return what is expected of `users` (m,), rows of what is known `about` them, who may come more than once."""
        distinct, places = np.unique(users, return_inverse=True)
        edges = about.relations
        mine = edges.take(np.isin(edges.users, distinct))
        near = Relations(np.searchsorted(distinct, mine.users), mine.others, mine.weights)
        start = self.start(about.attributes[distinct], self.friends.circle(near, edges, distinct))
        return Start(start.demographics[places], start.friends[places])

    def parts(self, start: Start, items: Rows, weights: Floats, candidates: Rows) -> Floats:
        """Return (m, c, 4) the parts of `candidates` (m, c), in the order of NEW_USER_PARTS, after some events.

        `items` and `weights` (m, width) are those of the events, `Recent.items` and `Recent.weights`; rows of -1 are
        passed over, and candidates of -1 score 0. Parts are zero where nothing is known.
        """
        tastes = self.taste.fold(items, weights, start.tastes)
        expected = self.taste.expected[np.maximum(candidates, 0)] * (candidates >= 0)
        scored = [self.taste.score(t, candidates) for t in (start.demographics, start.friends, tastes - start.tastes)]
        return np.stack([expected, *scored], axis=2).astype(np.float32)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as named arrays that `from_arrays` reads."""
        friends = self.friends
        return {
            **{f"taste.{name}": values for name, values in self.taste.to_arrays().items()},
            "demographics.centre": self.demographics.centre,
            "demographics.slopes": self.demographics.slopes,
            "friends.rows": friends.rows,
            "friends.tastes": friends.tastes,
            "friends.likeness": friends.likeness,
            "friends.believed": np.asarray([friends.doubt, friends.damping], dtype=np.float32),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "NewUsers":
        """Return what `to_arrays` was given. Raises KeyError for a missing array."""
        taste = {name.removeprefix("taste."): values for name, values in arrays.items() if name.startswith("taste.")}
        doubt, damping = arrays["friends.believed"].tolist()
        rows = np.asarray(arrays["friends.rows"], dtype=np.int64)
        return cls(
            Taste.from_arrays(taste),
            Demographics(arrays["demographics.centre"], arrays["demographics.slopes"]),
            Friends(rows, arrays["friends.tastes"], arrays["friends.likeness"], doubt, damping),
        )


@dataclass(frozen=True, slots=True)
class AboutUsers:
    """What is known of users by the rows of the training: `attributes` (users, f), and how they are related."""

    attributes: Floats
    relations: Relations


def no_users(count: int) -> AboutUsers:
    """Return that nothing is known of `count` users."""
    nobody = np.empty(0, dtype=np.int64)
    return AboutUsers(np.zeros((count, 0), np.float32), Relations(nobody, nobody, np.empty(0, np.float32)))


def fit_new_users(interactions: Interactions, attributes: Floats, relations: Relations) -> NewUsers:
    """Learn from `interactions` and what is known of their users: `attributes` (users, f), (users, 0) for nothing.

    `relations` are between rows of the training. Attributes are learnt from first, friends from what they leave.
    """
    fit = fit_taste(interactions)
    demographics = fit_demographics(fit, attributes)
    expected = demographics.expect(attributes[fit.users])
    return NewUsers(fit.taste, demographics, fit_friends(fit, relations, expected))

"""Stream: likings as they came, beside items that might have been liked instead; what is learnt from online."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Histories, Rows
from ranker.online import Online
from ranker.rank import Ranker
from ranker.sides import ItemSide, UserSide, unit_factors

WHOLE = 2_000
"""Catalogues of as many items are learnt from whole; of larger ones the most popular and some others stand for all."""
FIRST, DRAWN = 512, 512
"""How many of the most popular items, and how many that are drawn from the rest."""


@dataclass(frozen=True, slots=True)
class Others:
    """Items (c,) that stand for a catalogue, `standing` (c,) for how many each."""

    items: Rows
    standing: Floats


@dataclass(frozen=True, slots=True)
class Examples:
    """m likings, or dislikes: what each is `chosen` (m,) of, and the `others` (c,) that all of them share.

    `parts` (m, 1 + c, parts) are raw, before they are weighed, those of what was chosen first; so is `standing`
    (m, 1 + c), for how many items of the catalogue each stands: 0 for what the user had met, and for what was chosen
    among the others. `units` (m, k) are the users' factors of length 1, `lengths` (m,) their events until then.
    `weights` (m,) say how much each counts, negative for a dislike.
    """

    chosen: Rows
    others: Rows
    parts: Floats
    standing: Floats
    units: Floats
    lengths: Rows
    weights: Floats

    def __len__(self) -> int:
        """Return the number of likings."""
        return len(self.chosen)

    def take(self, rows: Rows) -> "Examples":
        """Return the examples at `rows`."""
        return Examples(
            self.chosen[rows], self.others, self.parts[rows], self.standing[rows], self.units[rows],
            self.lengths[rows], self.weights[rows],
        )  # fmt: skip


def others_of(popular: Rows, rng: np.random.Generator) -> Others:
    """Return items that stand for all `popular` (n,), the rows of a catalogue, the most popular first.

    The first stand for themselves, those that are drawn evenly from the rest for as many as that has for each.
    """
    if len(popular) <= WHOLE:
        return Others(np.sort(popular), np.ones(len(popular), np.float32))
    rest = popular[FIRST:]
    drawn = rng.choice(rest, DRAWN, replace=False)
    standing = np.full(FIRST + DRAWN, len(rest) / DRAWN, dtype=np.float32)
    standing[:FIRST] = 1.0
    return Others(np.concatenate([popular[:FIRST], drawn]), standing)


def examples_of(
    ranker: Ranker, users: UserSide, histories: Histories, items: ItemSide, chosen: Rows, weights: Floats,
    others: Others, vectors_of: Callable[[Rows], Floats],
) -> Examples:  # fmt: skip
    """Return examples of `chosen` (m,) by m users, each with what they knew before: `histories`, folded in as `users`.

    `vectors_of` gives items' vectors (..., D) by rows, a copy.
    """
    drawn = np.tile(others.items, (len(chosen), 1))
    shared = ranker.raw_parts(users, items, drawn, vectors_of(others.items)[None])
    own = ranker.raw_parts(users, items, chosen[:, None], vectors_of(chosen[:, None]))
    standing = np.concatenate([np.ones((len(chosen), 1)), np.tile(others.standing, (len(chosen), 1))], axis=1)
    known = np.zeros((len(chosen), len(items)), dtype=np.bool_)
    owners, met = histories.users, histories.items
    known[owners[met >= 0], met[met >= 0]] = True
    known[np.arange(len(chosen)), chosen] = True
    standing[:, 1:] *= ~known[:, others.items]
    return Examples(
        chosen, others.items, np.concatenate([own, shared], axis=1), standing.astype(np.float32),
        unit_factors(users.factors), users.lengths, weights.astype(np.float32),
    )  # fmt: skip


def logits_of(online: Online, examples: Examples) -> NDArray[np.float64]:
    """Return (m, 1 + c) the logits of examples after what was learnt online, without the intercept."""
    weights = online.combination.weights(examples.lengths).astype(np.float32)
    weighed = np.matmul(examples.parts, weights[:, :, None])[:, :, 0]
    own, shared = online.items[examples.chosen], online.items[examples.others]
    weighed[:, 0] += own[:, 0] + np.einsum("mk,mk->m", own[:, 1:], examples.units)
    weighed[:, 1:] += shared[:, 0] + examples.units @ shared[:, 1:].T
    return np.asarray(weighed, dtype=np.float64)


def chances_of(logits: NDArray[np.float64], standing: Floats) -> NDArray[np.float64]:
    """Return (m, c + 1) softmax over the catalogue, each item counting for as many as it stands for."""
    with np.errstate(divide="ignore"):
        raised = logits + np.log(standing)
    raised -= raised.max(axis=1, keepdims=True)
    odds = np.exp(raised)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))

"""Reach: items that must be scored although no source of candidates finds them, because a rule speaks of them."""

from collections.abc import Sequence

import numpy as np

from index.vector_index import Mask, Rows
from plait.moment import Moment
from plait.rules.adjustments import Adjustments
from plait.rules.in_force import InForce
from plait.stages import stage


@stage("search")
def reached(
    moment: Moment, rules: InForce, allowed: Mask | None, fresh: Mask | None, adjusted: Adjustments, most: int
) -> Rows:
    """Return rows of items that are pinned, fresh or boosted, ascending; of each rule the `most` popular ones."""
    masks = [moment.live.rules.passing(moment, pin.where) for pin in rules.pins if not pin.item]
    if fresh is not None:
        masks.append(fresh)
    if rules.boosts:
        masks.append(adjusted.shared["boost"] > 0)
    living = moment.index.alive if allowed is None else allowed
    named = moment.index.rows([pin.item for pin in rules.pins if pin.item])
    chosen = [named[named >= 0]]
    chosen[0] = chosen[0][living[chosen[0]]]
    chosen += [moment.popular[(mask & living)[moment.popular]][:most] for mask in masks]
    return np.unique(np.concatenate(chosen))


def joined(rows: Rows, more: Rows, left_out: Sequence[Rows]) -> Rows:
    """Return candidates (m, c), -1 padded, and behind them those of `more` (k,) that are not left out of a user's."""
    if not len(more):
        return rows
    behind = np.tile(more, (len(rows), 1))
    for mine, ahead, out in zip(behind, rows, left_out, strict=True):
        mine[np.isin(mine, ahead) | np.isin(mine, out)] = -1
    return np.concatenate([rows, behind], axis=1)

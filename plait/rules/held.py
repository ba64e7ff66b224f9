"""HeldRules: what a process holds to apply rules: which items pass an expression, and what people did with items."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index import LiveView
from index.vector_index import Mask
from plait.config import Config
from plait.item_table import ItemTable
from plait.rules.in_force import InForce
from plait.rules.item_log import ItemLog
from plait.rules.settings import Worth
from plait.where import parse_where
from plait.workspace import Workspace

if TYPE_CHECKING:
    from plait.moment import Moment

MOST = 100
"""How many expressions are held at once: those of plait.toml, and the last of calls."""


class HeldRules:
    """Masks of expressions for as long as the catalogue stays the same, and the log by item."""

    def __init__(self, workspace: Workspace) -> None:
        """Begin with nothing; each is made when it is first asked for."""
        self.log = ItemLog(workspace)
        self.checked = False
        """Whether the rules of plait.toml were found to fit the catalogue."""
        self.plain: tuple[Config, InForce] | None = None
        """The rules of a call without any, where plait.toml, as it then was, has none either."""
        self.objective: tuple[LiveView, int, Worth, NDArray[np.float64]] | None = None
        """What the worth of items adds to their logits, for an index and a sequence number of the log."""
        self._masks: tuple[ItemTable | None, dict[str, Mask]] = (None, {})

    def passing(self, moment: "Moment", expression: str) -> Mask:
        """Return (row_count,) which rows pass an expression, dead ones too. Raises WhereError for a wrong one."""
        table, count = moment.live.table(moment.index), moment.index.row_count
        held, masks = self._masks
        if held is not table or len(masks) >= MOST:
            masks = {}
            # Written in one step: other threads ask for the same.
            self._masks = (table, masks)
        if expression not in masks:
            masks[expression] = parse_where(expression).mask(table)
        return masks[expression][:count]

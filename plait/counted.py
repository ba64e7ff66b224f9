"""What a process counts of everybody's events, for as long as nobody is erased."""

from plait.liked_log import LikedLog
from plait.rules.held import HeldRules
from plait.shown_log import ShownLog
from plait.workspace import Workspace


def counted_of(workspace: Workspace) -> tuple[LikedLog, ShownLog, HeldRules]:
    """Return what is counted of everybody's events, begun anew."""
    return LikedLog(workspace), ShownLog(workspace), HeldRules(workspace)

"""The store: the truth of a workspace, and how it is changed."""

from plait.store.change import Change, EventCounts, ItemCounts
from plait.store.lease import Lease
from plait.store.rows import StoredItem
from plait.store.store import Store

__all__ = ["Change", "EventCounts", "ItemCounts", "Lease", "Store", "StoredItem"]

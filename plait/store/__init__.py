"""The store: the truth of a workspace, and how it is changed."""

from plait.store.change import Change
from plait.store.event_changes import EventCounts
from plait.store.event_columns import EventColumns
from plait.store.item_changes import ItemCounts
from plait.store.lease import Lease, LostLease
from plait.store.rows import StoredItem
from plait.store.store import Store

__all__ = ["Change", "EventColumns", "EventCounts", "ItemCounts", "Lease", "LostLease", "Store", "StoredItem"]

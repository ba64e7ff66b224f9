"""The client of a Plait service, typed, for threads and for asyncio; see docs/client.md.

What is asked and answered are the service's own schemas, `plait.service.schemas`; nothing heavy is imported.
"""

from plait.client.answers import ChangedItem, Medium, StoredItem
from plait.client.async_event_sender import AsyncEventSender
from plait.client.clients import AsyncClient, Client
from plait.client.errors import (
    Busy,
    CallFailed,
    Changed,
    Conflict,
    Failed,
    NotAllowed,
    NotFound,
    RefusedCall,
    Unavailable,
    Unreachable,
    Wrong,
)
from plait.client.event_sender import EventSender, NotSent
from plait.client.paging import each, each_later
from plait.client.retrying import Retries

__all__ = [
    "AsyncClient",
    "AsyncEventSender",
    "Busy",
    "CallFailed",
    "Changed",
    "ChangedItem",
    "Client",
    "Conflict",
    "EventSender",
    "Failed",
    "Medium",
    "NotAllowed",
    "NotFound",
    "NotSent",
    "RefusedCall",
    "Retries",
    "StoredItem",
    "Unavailable",
    "Unreachable",
    "Wrong",
    "each",
    "each_later",
]

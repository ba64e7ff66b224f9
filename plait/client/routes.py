"""Routes: each call once, as a method of both clients; of the one it returns the answer, of the other an awaitable."""

from collections.abc import Callable, Coroutine
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, overload

from plait.client import calls, item_calls, page_calls
from plait.client.call import Call

P = ParamSpec("P")
T = TypeVar("T")


class Sends(Protocol):
    """A client that waits."""

    def send(self, call: Call[T], /) -> T:
        """Return the answer."""


class SendsLater(Protocol):
    """A client that is awaited."""

    def send(self, call: Call[T], /) -> Coroutine[Any, Any, T]:
        """Return the answer, awaited."""


class Route(Generic[P, T]):
    """A method made of a function that returns a call: same arguments, same help, the client's own way of sending."""

    def __init__(self, call: Callable[P, Call[T]]) -> None:
        self._call = call
        self.__doc__ = call.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> "Route[P, T]": ...
    @overload
    def __get__(self, client: Sends, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: SendsLater, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        """Return the method of a client."""
        if client is None:
            return self

        def method(*arguments: P.args, **named: P.kwargs) -> Any:
            return client.send(self._call(*arguments, **named))

        method.__doc__, method.__name__ = self._call.__doc__, self._call.__name__
        return method


class Routes:
    """Every route of the service."""

    record = Route(calls.record)
    recommend = Route(calls.recommend)
    what_if = Route(calls.what_if)
    search = Route(calls.search)
    cold_start = Route(calls.cold_start)
    items = Route(item_calls.items)
    add_items = Route(item_calls.add_items)
    item = Route(item_calls.item)
    put_item = Route(item_calls.put_item)
    patch_item = Route(item_calls.patch_item)
    delete_item = Route(item_calls.delete_item)
    similar = Route(item_calls.similar)
    audience = Route(item_calls.audience)
    media = Route(item_calls.media)
    profile = Route(calls.profile)
    user_data = Route(calls.user_data)
    erase = Route(calls.erase)
    merge = Route(calls.merge)
    onboarding = Route(calls.onboarding)
    models = Route(calls.models)
    promote = Route(calls.promote)
    rollback = Route(calls.rollback)
    health = Route(calls.health)
    ready = Route(calls.ready)
    metrics = Route(calls.metrics)
    cards = Route(page_calls.cards)
    users = Route(page_calls.users)
    catalogue_map = Route(page_calls.catalogue_map)
    quality = Route(page_calls.quality)
    live = Route(page_calls.live)
    collect = Route(page_calls.collect)
    collect_js = Route(page_calls.collect_js)

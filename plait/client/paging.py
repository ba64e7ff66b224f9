"""Paging: what comes in pages as one row of items, asked for as it is used."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Page(Protocol[T_co]):
    """Any answer that has items."""

    @property
    def items(self) -> Sequence[T_co]:
        """The items of the page."""


def each(ask: Callable[[int, int], Page[T]], *, page: int = 100) -> Iterator[T]:
    """Give the items of every page, until one is empty; `ask` is called with limit and offset.

    `each(lambda limit, offset: client.items(limit=limit, offset=offset))` is the whole catalogue. What changes
    between two pages may be met twice or not at all; the service ends at an offset of 100,000.
    """
    offset = 0
    while found := ask(page, offset).items:
        yield from found
        offset += page


async def each_later(ask: Callable[[int, int], Awaitable[Page[T]]], *, page: int = 100) -> AsyncIterator[T]:
    """Do the same for the client that is awaited."""
    offset = 0
    while found := (await ask(page, offset)).items:
        for item in found:
            yield item
        offset += page

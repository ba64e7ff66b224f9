"""Kind: in which sense items go with an item."""

from enum import StrEnum


class Kind(StrEnum):
    """Like it by content, bought by the same people soon after it, or what comes next after it."""

    CONTENT = "content"
    BOUGHT_TOGETHER = "bought-together"
    NEXT = "next"

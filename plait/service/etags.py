"""ETags: a name for what an item is now, so that who changes it can say which one they mean."""

import hashlib
import json
from collections.abc import Callable
from typing import Annotated, TypeAlias

from fastapi import Header

from plait.service.refusals import Refusal
from plait.store import Store, StoredItem
from plait.store.rows import item_row

IfMatch: TypeAlias = Annotated[str | None, Header(description="Change only the item that has this ETag.")]
IfNoneMatch: TypeAlias = Annotated[str | None, Header(description="`*`: only make an item that is not there.")]


def etag_of(stored: StoredItem) -> str:
    """Return the ETag of an item as it is stored: it changes when anything of it does."""
    row = json.dumps(item_row(stored), ensure_ascii=False, sort_keys=True)
    return f'"{hashlib.sha256(row.encode()).hexdigest()[:32]}"'


def named(header: str, etag: str | None) -> bool:
    """Return whether a list of ETags names one; `*` names any that is there."""
    names = [part.strip().removeprefix("W/") for part in header.split(",")]
    return etag is not None and ("*" in names or etag in names)


def precondition(
    store: Store, item_id: str, if_match: str | None, if_none_match: str | None, *, must_exist: bool
) -> Callable[[], None]:
    """Return what raises Refusal, 412 or 404, unless the item is as the headers say; to be called under the lock."""

    def guard() -> None:
        stored = store.items_by_id([item_id]).get(item_id)
        etag = None if stored is None else etag_of(stored)
        if if_match is not None and not named(if_match, etag):
            raise Refusal(412, "changed", "the item is not the one that If-Match names")
        if if_none_match is not None and named(if_none_match, etag):
            raise Refusal(412, "exists", "the item that If-None-Match rules out is there")
        if must_exist and stored is None:
            raise Refusal(404, "not_found", f"item {item_id!r} is not known")

    return guard

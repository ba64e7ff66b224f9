"""Events in: durable when they are answered."""

import time
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from plait.catalog import EVENT_COLUMNS, BadRows
from plait.counts import EventTally
from plait.service.content_types import ONLY_JSON
from plait.service.documented import SENDS, refuses
from plait.service.errors import bad_rows
from plait.service.schemas import EventIn, EventsAnswer, EventsRequest
from plait.service.serving import Serves

router = APIRouter(prefix="/v1", tags=["events"])


@router.post("/events", response_model=EventsAnswer, responses=refuses(*SENDS), dependencies=[ONLY_JSON])
async def record_events(asked: EventsRequest, request: Request, serves: Serves) -> JSONResponse:
    """Record events: all of them or none, and each `event_id` once, so that a batch may be sent again."""
    rows = rows_of(asked.events, now=time.time())
    request.state.counted = {"events": len(rows)}

    def record() -> dict[str, Any]:
        serves.quotas.check_events(len(rows))
        try:
            tally = serves.recommender.record(rows)
        except BadRows as error:
            serves.count(rows, EventTally(rejected=len(rows)))
            raise bad_rows(error, "bad_event", [_ids(event) for event in asked.events]) from error
        serves.count(rows, tally)
        return {"accepted": tally.accepted, "duplicates": tally.duplicates, "notes": list(tally.notes)}

    if not rows:
        return JSONResponse({"accepted": 0, "duplicates": 0, "notes": []})
    return JSONResponse(await serves.writes.run(record))


def rows_of(events: Sequence[EventIn], *, now: float) -> list[dict[str, Any]]:
    """Return events as rows of one table, each by itself: what one of them leaves out another need not have."""
    rows = []
    for event in events:
        row = {name: getattr(event, name) for name in EVENT_COLUMNS if name != "rating"}
        row["event"] = event.event or ("click" if event.rating is None else "rating")
        if row["event"] == "rating" and event.value is None:
            row["value"] = event.rating
        row["timestamp"] = now if event.timestamp is None else event.timestamp
        rows.append(row)
    return rows


def _ids(event: EventIn) -> dict[str, str]:
    return {"event_id": event.event_id, "item_id": event.item_id}

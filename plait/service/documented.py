"""Documented: the statuses that routes may answer with beside their own, for OpenAPI."""

from typing import Any

from plait.service.schemas import Refused

SAYS = {
    400: "The request cannot be read.",
    401: "No key of this service came with the request.",
    403: "The key may not do this; or the origin or the key of the page is not allowed.",
    404: "What the path names is not known.",
    408: "The body came too slowly.",
    409: "The workspace does not allow it now: another process builds or trains, or there is nothing to change to.",
    412: "If-Match or If-None-Match does not hold.",
    413: "The request is larger than max_body_bytes.",
    415: "The body is of another content type.",
    416: "The range lies outside the file.",
    422: "The request is wrong; `problems` say where.",
    429: "Too many requests wait, or this key or address sends too many; come again after Retry-After seconds.",
    500: "The service failed; its log has more under the request id.",
    503: "The workspace cannot answer, or no thread was free in time; come again after Retry-After seconds.",
    504: "Not done in time; it goes on, and what it writes may count.",
}
READS = (401, 403, 422, 429, 500, 503, 504)
SENDS = (400, 408, 413, 415, *READS)
Responses = dict[int | str, dict[str, Any]]


def refuses(*statuses: int) -> Responses:
    """Return what OpenAPI says of statuses of refusal."""
    return {status: {"model": Refused, "description": SAYS[status]} for status in sorted(statuses)}

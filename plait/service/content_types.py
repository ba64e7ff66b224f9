"""Content types: what a route reads; another type is refused with 415 before anything is made of it."""

from fastapi import Depends, Request

from plait.service.refusals import Refusal

FORM = "multipart/form-data"


def content_type_of(request: Request) -> str:
    """Return the media type of a request's body, "" where it names none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_json(kind: str) -> bool:
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def check_content_type(request: Request, *, form: bool = False) -> None:
    """Raise Refusal, 415, for anything but JSON, or with `form` a form."""
    kind = content_type_of(request)
    if not (_is_json(kind) or (form and kind == FORM)):
        expected = f"application/json or {FORM}" if form else "application/json"
        raise Refusal(415, "unsupported_media_type", f"content-type {kind[:80]!r}: expected {expected}")


async def _only_json(request: Request) -> None:
    check_content_type(request)


ONLY_JSON = Depends(_only_json)
"""A dependency of routes that read JSON and nothing else."""

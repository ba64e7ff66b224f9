"""Uploads: a request as JSON, or as a form with a picture and a sound, which are files until it is answered."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from embedders.items import Strand
from plait.service.content_types import FORM, check_content_type, content_type_of
from plait.service.serving import Serving

Sent = TypeVar("Sent", bound=BaseModel)
MEDIA = {"image": Strand.IMAGE, "audio": Strand.AUDIO}
MOST_FIELDS = 32
MOST_FIELD_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Uploads:
    """The paths of the picture and the sound that were sent, "" for none."""

    image: str = ""
    audio: str = ""


@asynccontextmanager
async def received(request: Request, kind: type[Sent], serves: Serving) -> AsyncIterator[tuple[Sent, Uploads]]:
    """Give what was sent as `kind`, and its media as raw files that are gone when the block ends.

    Fields of a form that are lists or objects are JSON. Raises Refusal for another content type,
    RequestValidationError for what is no `kind`, MediaError for what is no picture or sound within the limits.
    """
    check_content_type(request, form=True)
    if content_type_of(request) != FORM:
        yield _checked(kind, await _json(request)), Uploads()
        return
    async with request.form(max_files=2, max_fields=MOST_FIELDS, max_part_size=MOST_FIELD_BYTES) as form:
        sent = _checked(kind, _fields(form, kind))
        with TemporaryDirectory(prefix="plait-") as folder:
            paths = {}
            for name, value in form.items():
                if isinstance(value, UploadFile):
                    decoded = partial(_decoded, serves, value, Path(folder), name)
                    paths[name] = str(await serves.uploads.run(decoded))
            yield sent, Uploads(**paths)


def _decoded(serves: Serving, upload: UploadFile, folder: Path, name: str) -> Path:
    sent = written(upload, folder, name)
    try:
        return serves.decoders.decoded(sent, MEDIA[name])
    finally:
        sent.unlink(missing_ok=True)


def written(upload: UploadFile, folder: Path, name: str) -> Path:
    """Write an upload into a folder and return its path."""
    # The name is ours: whatever the sender calls the file is never a path, nor told back.
    path = folder / name
    with path.open("wb") as stream:
        copyfileobj(upload.file, stream)
    return path


async def _json(request: Request) -> Any:
    body = await request.body()
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _invalid("body", "no JSON") from error


def _fields(form: FormData, kind: type[BaseModel]) -> Mapping[str, Any]:
    """Return the fields of a form but its files, those that are not texts read as JSON. Raises for a wrong one."""
    fields: dict[str, Any] = {}
    for name, value in form.multi_items():
        if (name in MEDIA) != isinstance(value, UploadFile):
            expected = "a file" if name in MEDIA else "a text"
            raise _invalid(f"body.{name}", f"expected {expected}")
        if name in fields:
            raise _invalid(f"body.{name}", "stands twice")
        if isinstance(value, UploadFile):
            fields[name] = None
        else:
            fields[name] = value if _is_text(kind, name) else _read(name, value)
    return {name: value for name, value in fields.items() if name not in MEDIA}


def _is_text(kind: type[BaseModel], name: str) -> bool:
    """Return whether a field is a text as it stands; a number may be one too."""
    field = kind.model_fields.get(name)
    return field is None or not any(part in str(field.annotation) for part in ("dict", "tuple", "list"))


def _read(name: str, value: str) -> Any:
    try:
        read = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise _invalid(f"body.{name}", "expected JSON") from error
    if read is None:
        raise _invalid(f"body.{name}", "null; expected a value, or no such field")
    return read


def _checked(kind: type[Sent], values: Any) -> Sent:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in told]) from error


def _invalid(place: str, reason: str) -> RequestValidationError:
    return RequestValidationError([{"type": "value_error", "loc": tuple(place.split(".")), "msg": reason}])

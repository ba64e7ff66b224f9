"""Bodies: how OpenAPI describes a request that may be JSON or a form with files."""

from typing import Any

from pydantic import BaseModel

FILES = {
    "image": {"type": "string", "format": "binary", "description": "A picture."},
    "audio": {"type": "string", "format": "binary", "description": "A sound."},
}


def json_or_form(kind: type[BaseModel]) -> dict[str, Any]:
    """Return what OpenAPI is to say of the body of a route that `uploads.received` reads as `kind`."""
    schema = kind.model_json_schema()
    fields = {name: _as_field(field) for name, field in schema["properties"].items()}
    form = {"type": "object", "properties": {**fields, **FILES}, "additionalProperties": False}
    content = {"application/json": {"schema": schema}, "multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}


def _as_field(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field of a form: null is a field left out."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind.get("type") != "null"]
    if not kinds:
        return schema
    kept = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    return {**kept, **kinds[0]} if len(kinds) == 1 else {**kept, "anyOf": kinds}

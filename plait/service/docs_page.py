"""Docs page: what OpenAPI says of the routes, as a page without scripts."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

Schema = Mapping[str, Any]
REF = "#/components/schemas/"
WORDS = {
    "string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "object": "object",
    "null": "null",
}  # fmt: skip
BOUNDS = (
    ("minimum", "from "), ("maximum", "to "), ("minLength", "characters from "), ("maxLength", "characters to "),
    ("maxItems", "at most "), ("default", "default "),
)  # fmt: skip


def page_of(told: Schema) -> str:
    """Return the page of an OpenAPI document: all routes by what they are about, then what is sent and answered."""
    groups: dict[str, list[str]] = {}
    for path, methods in told["paths"].items():
        for method, route in methods.items():
            groups.setdefault(route.get("tags", ["others"])[0], []).append(_route(method.upper(), path, route))
    info = told["info"]
    routes = "".join(f"<section><h2>{escape(name)}</h2>{''.join(found)}</section>" for name, found in groups.items())
    schemas = "".join(_schema(name, one) for name, one in sorted(told["components"]["schemas"].items()))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(info["title"])}: routes</title>
<link rel="icon" href="/static/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/style.css">
<link rel="stylesheet" href="/static/docs.css">
</head>
<body>
<main class="docs">
<h1>{escape(info["title"])} {escape(info["version"])}</h1>
<p>{escape(info.get("description", ""))}</p>
<p><a href="/openapi.json">The same for programs</a></p>
{routes}
<section><h2>What is sent and answered</h2>{schemas}</section>
</main>
</body>
</html>
"""


def _route(method: str, path: str, route: Schema) -> str:
    says = escape(route.get("description") or route.get("summary", ""))
    asked = [
        (one["name"], f"{one['in']}, {kind(one['schema'])}", one.get("required", False), one.get("description", ""))
        for one in route.get("parameters", ())
    ]
    contents = route.get("requestBody", {}).get("content", {})
    bodies = "".join(f"<h4>Body, {escape(name)}</h4>{_body(one['schema'])}" for name, one in contents.items())
    statuses = "".join(
        f"<tr><th>{escape(status)}</th><td>{escape(one.get('description', ''))}</td><td>{_answers(one)}</td></tr>"
        for status, one in sorted(route["responses"].items())
    )
    return (
        f"<details><summary><code>{method} {escape(path)}</code></summary><p>{says}</p>{_fields(asked)}{bodies}"
        f"<h4>Answers</h4><table>{statuses}</table></details>"
    )


def _answers(answer: Schema) -> str:
    return ", ".join(kind(one["schema"]) for one in answer.get("content", {}).values() if one.get("schema"))


def _body(schema: Schema) -> str:
    return _object(schema) if "properties" in schema else f"<p>{kind(schema)}</p>"


def _schema(name: str, schema: Schema) -> str:
    says = escape(schema.get("description", ""))
    return f'<details id="{escape(name)}"><summary>{escape(name)}</summary><p>{says}</p>{_object(schema)}</details>'


def _object(schema: Schema) -> str:
    needed = schema.get("required", ())
    fields = [
        (name, kind(one), name in needed, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]
    examples = "".join(
        f"<h4>Example</h4><pre>{escape(json.dumps(one, indent=1))}</pre>" for one in schema.get("examples", ())
    )
    return _fields(fields) + examples


def _fields(fields: Sequence[tuple[str, str, bool, str]]) -> str:
    """Return a table of names, kinds (as HTML), whether they must be there, and what is said of them."""
    rows = "".join(
        f"<tr><th><code>{escape(name)}</code></th><td>{of}</td><td>{'needed' if needed else ''}</td>"
        f"<td>{escape(says)}</td></tr>"
        for name, of, needed, says in fields
    )
    return f"<table>{rows}</table>" if rows else ""


def kind(schema: Schema) -> str:
    """Return what a value may be, as HTML; a named one leads to where it is told."""
    if "$ref" in schema:
        name = escape(str(schema["$ref"]).removeprefix(REF))
        return f'<a href="#{name}">{name}</a>'
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(kind(one) for one in schema[several]))
    if "enum" in schema or "const" in schema:
        return " or ".join(escape(json.dumps(one)) for one in schema.get("enum", [schema.get("const")]))
    said = schema.get("type", "")
    if said == "array":
        found = f"list of {kind(schema.get('items', {}))}"
    elif schema.get("format") == "binary":
        found = "file"
    elif said == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        found = f"object of {kind(schema['additionalProperties'])}"
    else:
        found = WORDS.get(said, "anything")
    bounds = [f"{before}{escape(json.dumps(schema[name]))}" for name, before in BOUNDS if name in schema]
    return ", ".join([found, *bounds])

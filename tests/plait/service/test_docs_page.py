"""Docs page: every route, parameter and status stands on it, all of it from this service, none of it a script."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from starlette.testclient import TestClient

from plait.service.docs_page import kind
from plait.service.headers import POLICY


class Page(HTMLParser):
    """What a page links to, and whether its elements close."""

    VOID = frozenset({"meta", "link", "img", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.names.add(tag)
        given = dict(attrs)
        self.links += [str(given[name]) for name in ("href", "src") if name in given]
        self.ids += [str(given["id"])] if "id" in given else []
        assert not [name for name in given if name == "style" or name.startswith("on")], "the policy allows none"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close it."""
        assert self.open.pop() == tag


def test_all_of_openapi_is_on_it(reader: TestClient) -> None:
    answer, told = reader.get("/docs"), reader.get("/openapi.json").json()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == POLICY
    page = Page(answer.text)
    assert not page.open
    assert "script" not in page.names
    assert "style" not in page.names
    for path, methods in told["paths"].items():
        for method, route in methods.items():
            _, _, after = answer.text.partition(f"<code>{method.upper()} {path}</code>")
            part = after.partition("</details>")[0]
            names = [one["name"] for one in route.get("parameters", ())]
            assert all(f"<code>{name}</code>" in part for name in names), path
            assert re.findall(r"<tr><th>(\d+)</th>", part) == sorted(route["responses"])
    assert "a warm red scarf" in answer.text, "examples stand there"


def test_what_it_links_to_is_there(reader: TestClient) -> None:
    page = Page(reader.get("/docs").text)
    assert len(page.ids) == len(set(page.ids)) > 20
    for link in set(page.links):
        if link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert link.startswith("/")
            assert reader.get(link).status_code == 200


@pytest.mark.parametrize(
    ("schema", "told"),
    [({"type": "string", "maxLength": 5}, "text, characters to 5"), ({"enum": ["<a>"]}, '&quot;&lt;a&gt;&quot;'),
     ({"$ref": "#/components/schemas/A"}, '<a href="#A">A</a>'), ({}, "anything"),
     ({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}, "whole number, from 1 or null"),
     ({"type": "array", "items": {"type": "number"}}, "list of number"),
     ({"type": "string", "format": "binary"}, "file"),
     ({"type": "object", "additionalProperties": {"type": "boolean"}}, "object of true or false")],
)  # fmt: skip
def test_kinds(schema: dict[str, Any], told: str) -> None:
    assert kind(schema) == told

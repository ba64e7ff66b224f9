"""Sensible requests: the service's OpenAPI, narrowed to what its schema cannot say, such as ids that are there.

Most texts are no filter and no id: what is drawn from the schema as it stands is mostly refused at the door. What is
drawn from this one gets through, and has to be answered.
"""

import copy
from typing import Any

ITEMS, SPARE = [f"{family}-{number}" for family in ("space", "cooking") for number in range(4)], ["spare", "another"]
"""Items that are there from beginning to end, and such as come and go."""
USERS = ["user-0", "user-3", "visitor"]
TEXTS = ["ships between planets", "bread", "面包"]
CHOICES: dict[str, list[Any]] = {
    "item_id": ITEMS, "user_id": USERS, "anonymous_id": ["visitor-1"], "number": [1],
    "where": ["", "year > 1990", "categories = 'space'", "not (year < 1995) and item_id != 'space-1'"],
    "text": TEXTS, "query": TEXTS, "title": TEXTS, "describe": TEXTS, "by": ["", "categories"],
    "group_by": [None, "categories"], "event": ["click", "like", "hide"],
    "timestamp": [1_700_000_000, "2024-02-03T04:05:06Z"], "value": [1],
    "if-match": ["*"], "if-none-match": ['"none"'], "Range": ["bytes=0-9"],
}  # fmt: skip
LISTS = {
    "like": ITEMS[:3], "unlike": ITEMS[3:5], "history": ITEMS, "basket": ITEMS, "exclude": ITEMS, "group": USERS,
}  # fmt: skip
ASKED = ("user_id", "history", "describe", "group", "basket")
"""Whom a list may be for: exactly one of them."""
LEFT = {
    "image", "audio", "attributes", "weights", "session_id", "rating", "recommendation_id", "categories", "created_at",
}  # fmt: skip
"""Fields that need media, or more than a choice of values."""
SENT = ("EventIn", "MergeRequest", "RecommendRequest")


def sensible(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a narrower schema. Forms are left out, for their pictures and sounds are no choice of values."""
    forms, paths = (copy.deepcopy(found) for found in (schema["components"]["schemas"], schema["paths"]))
    for name in SENT:
        forms[name] = _narrowed(forms[name])
    for operation in [one for path in paths.values() for one in path.values()]:
        operation |= {part: _narrowed(operation[part]) for part in ("parameters", "requestBody") if part in operation}
    asks = forms["RecommendRequest"]["properties"]
    shared = {name: form for name, form in asks.items() if name not in ASKED and name != "max_per"}
    # Sentences say to one user why an item suits.
    bare = {name: form for name, form in shared.items() if name != "explain"}
    forms["RecommendRequest"] = {
        "oneOf": [
            _object({**(bare if name in ("group", "basket") else shared), name: asks[name]}, [name]) for name in ASKED
        ]
    }
    forms["EventIn"]["required"] = ["user_id", "item_id"]
    item = {"title": {"enum": TEXTS}, "year": {"type": "integer"}}
    forms["ItemChange"] = forms["ItemIn"] = _object(item, [])
    forms["ItemRow"] = _object({**item, "item_id": {"enum": SPARE}}, ["item_id"])
    forms["ItemsRequest"]["properties"]["items"]["maxItems"] = 1
    paths["/v1/items/{item_id}"]["delete"]["parameters"][0]["schema"] = {"enum": SPARE}
    for path in ("/v1/search", "/v1/cold-start"):
        content = paths[path]["post"]["requestBody"]["content"]
        content.pop("multipart/form-data")
        asked = content["application/json"]["schema"]
        asked["required"] = [name for name in ("text", "title") if name in asked["properties"]]
    # A page collects by an origin that plait.toml names; it has tests of its own.
    paths.pop("/v1/collect")
    return {**schema, "paths": paths, "components": {**schema["components"], "schemas": forms}}


def _narrowed(found: Any) -> Any:
    if isinstance(found, list):
        return [_narrowed(one) for one in found]
    if not isinstance(found, dict):
        return found
    if found.get("name") == "max_per":
        return {**found, "schema": {"type": "array", "maxItems": 0}}
    if "in" in found and "name" in found:
        return {**found, "schema": _chosen(found["name"], found["schema"])}
    kept = {key: _narrowed(value) for key, value in found.items() if key not in ("examples", "example")}
    if isinstance(found.get("properties"), dict):
        kept["properties"] = {
            name: _chosen(name, form) for name, form in kept["properties"].items() if name not in LEFT
        }
    return kept


def _chosen(name: str, form: Any) -> Any:
    if name in CHOICES:
        return {"enum": CHOICES[name]}
    if name in LISTS:
        return {"type": "array", "items": {"enum": LISTS[name]}, "minItems": 1, "maxItems": 3, "uniqueItems": True}
    return form


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

"""What the page asks beside the contract, and how it is served itself."""

import re

import pytest
from starlette.testclient import TestClient

from plait import Recommender
from plait.service.page_files import FOLDER, TYPES


def test_the_page_and_all_it_names_are_served_under_the_policy(reader: TestClient) -> None:
    waiting, seen = ["/", "/docs"], set[str]()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = reader.get(path)
        assert answer.status_code == 200, path
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        named = {f"/static/{name}" for name in re.findall(r'from "\./([\w.]+)"', answer.text)}
        named |= set(re.findall(r'(?:href|src)="(/static/[\w.]+)"', answer.text))
        waiting += sorted(named - seen - set(waiting))
    # Nothing lies in the folder that the page does not use, and nothing of it is of a type that is not served.
    assert seen == {"/", "/docs", *(f"/static/{path.name}" for path in FOLDER.iterdir() if path.name != "index.html")}
    assert {path.suffix for path in FOLDER.iterdir()} == set(TYPES)


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fapp.py", "%2e%2e%2fapp.py", "page_files.py", ""])
def test_no_other_file_is_served(reader: TestClient, name: str) -> None:
    assert reader.get(f"/static/{name}").status_code == 404


def test_a_page_that_has_not_changed_is_not_sent_again(reader: TestClient) -> None:
    first = reader.get("/static/app.js")
    assert first.headers["cache-control"] == "no-cache"
    again = reader.get("/static/app.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert reader.get("/static/app.js", headers={"If-None-Match": '"x"'}).status_code == 200


def test_no_script_or_style_stands_in_the_page_and_nothing_foreign(reader: TestClient) -> None:
    html = reader.get("/").text
    assert re.findall(r"<script[^>]*>([^<]*)</script>", html) == [""]
    assert "<style" not in html
    assert not re.search(r'\s(style|on\w+)="', html)
    for path in FOLDER.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text, path.name
        assert "innerHTML" not in text, path.name


def test_cards_come_in_the_order_asked_without_those_that_are_none(reader: TestClient) -> None:
    asked = ["space-2", "none", "space-1", "space-2"]
    found = reader.get("/v1/cards", params={"item_id": asked}).json()["items"]
    assert [item["item_id"] for item in found] == ["space-2", "space-1"]
    assert found[1] == reader.get("/v1/items/space-1").json()
    assert reader.get("/v1/cards", params={"item_id": ["x"] * 201}).status_code == 422


def test_users_by_what_their_ids_hold(reader: TestClient, recommender: Recommender) -> None:
    known = recommender.user_ids()
    pages = [reader.get("/v1/users", params={"limit": 3, "offset": at}).json() for at in range(0, len(known), 3)]
    assert [user for page in pages for user in page["users"]] == known
    part = known[0][:2].upper()
    found = reader.get("/v1/users", params={"query": part, "limit": 1000}).json()
    assert found["users"] == [user for user in known if part.lower() in user.lower()]
    assert found["total"] == len(found["users"])


def test_the_map_over_http(reader: TestClient) -> None:
    found = reader.get("/v1/map").json()
    assert len(found["points"]) == 24
    assert found["by"] == "categories"
    assert {point["group"] for point in found["points"] if point["item_id"] == "space-1"} == {"space"}
    assert max(abs(point[axis]) for point in found["points"] for axis in "xy") == pytest.approx(1, abs=1e-4)
    other = reader.get("/v1/map", params={"by": "no such column"}).json()
    assert {point["group"] for point in other["points"]} == {""}


def test_live_counts_what_was_shown_and_clicked(client: TestClient) -> None:
    before = client.get("/v1/live").json()
    assert (before["shown"], before["clicked"], before["recall"]) == (0, 0, 1.0)
    shown = client.get("/v1/users/somebody/recommendations", params={"limit": 4}).json()
    event = {"user_id": "somebody", "item_id": shown["items"][1]["item_id"], "event": "click",
             "recommendation_id": shown["recommendation_id"]}  # fmt: skip
    assert client.post("/v1/events", json={"events": [event]}).json()["accepted"] == 1
    after = client.get("/v1/live").json()
    assert (after["shown"], after["clicked"]) == (4, 1)
    assert after["changes"] > before["changes"]


def test_quality_counts_what_is_lacking(client: TestClient) -> None:
    found = client.get("/v1/quality").json()
    assert found["items"] == 24
    assert found["lacking"]["image"]["count"] == found["lacking"]["audio"]["count"] == 24
    assert len(found["lacking"]["image"]["items"]) == 24
    assert found["lacking"]["title"] == {"count": 0, "items": []}
    likes = found["events"].get("like", 0)
    client.post("/v1/events", json={"events": [{"user_id": "new one", "item_id": "space-1", "event": "like"}]})
    again = client.get("/v1/quality").json()
    assert (again["events"]["like"], again["users"]) == (likes + 1, found["users"] + 1)
    assert client.delete("/v1/items/space-1").status_code == 200
    assert client.get("/v1/quality").json()["items"] == 23

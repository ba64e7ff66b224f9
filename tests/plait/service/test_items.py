"""Items over HTTP: shown, listed, put, changed, removed, under conditions, with any id."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from starlette.testclient import TestClient

from plait import Recommender
from plait.flows import learn
from plait.live import Live
from plait.service.app import create_app
from plait.service.raw_paths import decoded
from plait.service.schemas import ItemIn
from plait.service_settings import Service
from plait.store import Store

CHANGED = {"added": 0, "updated": 0, "unchanged": 0, "removed": 0, "rejected": 0}


@pytest.fixture
def shop(built: Path, tmp_path: Path) -> Iterator[TestClient]:
    """Return a client of a service that may encode what it is sent, with a folder of media."""
    folder = tmp_path / "media"
    folder.mkdir()
    Image.new("RGB", (30, 20), "green").save(folder / "green.png")
    Image.new("RGB", (30, 20), "blue").save(folder / "blue.png")
    (folder / "page.png").write_bytes(b"<html>")
    (tmp_path / "outside.png").write_bytes((folder / "blue.png").read_bytes())
    app = create_app(Recommender.open(built), Service(media_root=str(folder), warm=()))
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


def test_an_item_as_it_is_stored(reader: TestClient) -> None:
    answer = reader.get("/v1/items/space-1")
    assert answer.json() == {
        "item_id": "space-1", "title": "Comets", "categories": ["space"], "created_at": 1699913600.0,
        "description": "Comets: astronauts, stars and planets, and the exploration of the universe.",
        "attributes": {"year": 1992.0}, "media": {"image": [], "audio": []},
    }  # fmt: skip
    tag = answer.headers["ETag"]
    assert reader.get("/v1/items/space-1", headers={"If-None-Match": f'"x", {tag}'}).status_code == 304
    assert reader.get("/v1/items/space-1", headers={"If-None-Match": '"x"'}).status_code == 200


def test_a_list_of_items(reader: TestClient, own_once: Path) -> None:
    with Store.open(own_once / "store.db") as store:
        ids = store.item_ids()
    pages = [reader.get("/v1/items", params={"limit": 7, "offset": offset}).json() for offset in range(0, 28, 7)]
    assert [item["item_id"] for page in pages for item in page["items"]] == ids
    assert {page["total"] for page in pages} == {24}


def test_items_with_words_are_those_and_counted(reader: TestClient) -> None:
    one = reader.get("/v1/items", params={"query": "comets"}).json()
    assert ([item["item_id"] for item in one["items"]], one["total"]) == (["space-1"], 1)
    pages = [reader.get("/v1/items", params={"query": "comets stars", "limit": 4, "offset": o}).json() for o in (0, 4)]
    found = [item["item_id"] for page in pages for item in page["items"]]
    assert found[0] == "space-1"
    assert sorted(found) == [f"space-{number}" for number in range(6)]
    assert {page["total"] for page in pages} == {6}
    assert reader.get("/v1/items", params={"query": "zzz"}).json() == {"items": [], "total": 0, "notes": []}


def test_items_with_words_follow_changes(shop: TestClient) -> None:
    shop.put("/v1/items/another", json={"title": "Comets seen by night"})
    shop.delete("/v1/items/space-1")
    found = shop.get("/v1/items", params={"query": "comets"}).json()
    assert ([item["item_id"] for item in found["items"]], found["total"]) == (["another"], 1)


def test_put_patch_delete(shop: TestClient, built: Path) -> None:
    made = shop.put("/v1/items/linen", json={"title": "Linen", "year": 2001, "attributes": {"maker": "us"}})
    assert (made.status_code, made.json()["items"]) == (200, {**CHANGED, "added": 1})
    assert made.json()["encoded"] == {"text": 1, "image": 0, "audio": 0}
    shown = shop.get("/v1/items/linen")
    assert shown.json()["attributes"] == {"year": 2001.0, "maker": "us"}
    assert shown.headers["ETag"] == made.headers["ETag"]
    assert shop.post("/v1/search", json={"text": "linen"}).json()["items"][0]["item_id"] == "linen"

    again = shop.put("/v1/items/linen", json={"title": "Linen", "year": 2001, "attributes": {"maker": "us"}})
    assert again.json()["items"] == {**CHANGED, "unchanged": 1}
    assert again.headers["ETag"] == made.headers["ETag"]

    patched = shop.patch("/v1/items/linen", json={"year": 2002})
    assert patched.json()["items"] == {**CHANGED, "updated": 1}
    assert patched.json()["encoded"] == {"text": 0, "image": 0, "audio": 0}
    assert shop.get("/v1/items/linen").json()["attributes"] == {"year": 2002.0, "maker": "us"}
    assert patched.headers["ETag"] != made.headers["ETag"]

    replaced = shop.put("/v1/items/linen", json={"title": "Linen"})
    assert replaced.json()["items"] == {**CHANGED, "updated": 1}
    assert shop.get("/v1/items/linen").json()["attributes"] == {}

    assert shop.delete("/v1/items/linen").json()["items"] == {**CHANGED, "removed": 1}
    for answer in (shop.get("/v1/items/linen"), shop.patch("/v1/items/linen", json={}), shop.delete("/v1/items/linen")):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    with Store.open(built / "store.db") as store:
        assert "linen" not in store.item_ids()


def test_conditions(shop: TestClient) -> None:
    first = shop.put("/v1/items/linen", json={"title": "Linen"}, headers={"If-None-Match": "*"})
    assert first.status_code == 200
    second = shop.put("/v1/items/linen", json={"title": "Other"}, headers={"If-None-Match": "*"})
    assert (second.status_code, second.json()["error"]["code"]) == (412, "exists")
    tag = first.headers["ETag"]
    assert shop.patch("/v1/items/linen", json={"year": 1}, headers={"If-Match": tag}).status_code == 200
    for answer in (
        shop.patch("/v1/items/linen", json={"year": 2}, headers={"If-Match": tag}),
        shop.put("/v1/items/linen", json={"title": "Other"}, headers={"If-Match": tag}),
        shop.delete("/v1/items/linen", headers={"If-Match": tag}),
        shop.put("/v1/items/new", json={"title": "New"}, headers={"If-Match": "*"}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (412, "changed")
    assert shop.get("/v1/items/linen").json()["attributes"] == {"year": 1.0}
    assert shop.delete("/v1/items/linen", headers={"If-Match": "*"}).status_code == 200


def test_a_tag_is_of_what_was_written_and_not_of_what_came_after(
    client: TestClient, recommender: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compact_if_due(live: Live) -> None:
        """Let another writer come once this one has committed, before it answers."""
        monkeypatch.undo()
        recommender.update_items([{"item_id": "space-1", "year": 2001}])

    monkeypatch.setattr(learn, "compact_if_due", compact_if_due)
    mine = client.patch("/v1/items/space-1", json={"year": 1990}).headers["ETag"]
    assert client.patch("/v1/items/space-1", json={"year": 1991}, headers={"If-Match": mine}).status_code == 412
    assert client.get("/v1/items/space-1").json()["attributes"] == {"year": 2001.0}
    mine = client.patch("/v1/items/space-1", json={"year": 1990}).headers["ETag"]
    assert client.get("/v1/items/space-1").headers["ETag"] == mine


def test_a_number_may_be_a_category(client: TestClient, recommender: Recommender) -> None:
    recommender.update_items([{"item_id": "space-1", "colour": "x42"}])
    for colour, told in ((42, "42"), ("7", "7"), (True, "true"), (1.5, "1.5")):
        assert client.patch("/v1/items/space-1", json={"colour": colour}).status_code == 200
        assert client.get("/v1/items/space-1").json()["attributes"]["colour"] == told


def test_an_id_is_as_long_in_a_path_as_in_a_body(client: TestClient) -> None:
    assert client.get(f"/v1/users/{'%61' * 1_000}/profile").status_code == 200
    for path in ("/v1/items/{}", "/v1/users/{}/profile", "/v1/users/{}/recommendations"):
        assert client.get(path.format("a" * 1_001)).status_code == 422


def test_of_those_who_change_at_once_one_wins(client: TestClient) -> None:
    tag = client.get("/v1/items/space-1").headers["ETag"]

    def change(year: int) -> int:
        return client.patch("/v1/items/space-1", json={"year": year}, headers={"If-Match": tag}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(change, range(2000, 2016)))
    assert sorted(statuses) == [200] + [412] * 15
    won = 2000 + statuses.index(200)
    assert client.get("/v1/items/space-1").json()["attributes"] == {"year": won}


def test_a_batch_of_items(shop: TestClient) -> None:
    items = [{"item_id": "a", "title": "Tea"}, {"item_id": "b", "title": "Pot", "categories": ["x", "y"]}]
    assert shop.post("/v1/items", json={"items": items}).json()["items"] == {**CHANGED, "added": 2}
    assert shop.get("/v1/items/b").json()["categories"] == ["x", "y"]
    assert shop.post("/v1/items", json={"items": []}).json()["items"] == CHANGED
    wrong = [{"item_id": "c", "title": "Cup"}, {"item_id": "d", "title": "Jug", "year": "no number"}]
    answer = shop.post("/v1/items", json={"items": wrong})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_item")
    assert [(p["index"], p["item_id"], p["field"]) for p in answer.json()["error"]["problems"]] == [(1, "d", "year")]
    assert shop.get("/v1/items/c").status_code == 404


@pytest.mark.parametrize(
    "body",
    [{"item_id": "other", "title": "A"}, {"title": 7}, {"attributes": {"title": "A"}}, {"year": {"a": 1}},
     {"year": "x"}, {"created_at": "soon"}, {"a": "1", "attributes": {"a": "2"}},
     {"image": "absent.png"}, {"image": "page.png"},
     {"image": "../outside.png"}, {"image": "/etc/passwd"}, {"title": "a\0b"}, {" ": "blank"}, {"": "nothing"}],
)  # fmt: skip
def test_an_item_that_cannot_be(shop: TestClient, body: Mapping[str, object], tmp_path: Path) -> None:
    answer = shop.put("/v1/items/linen", json=body)
    assert answer.status_code == 422, answer.text
    assert str(tmp_path) not in answer.text
    assert shop.get("/v1/items/linen").status_code == 404


def test_no_media_without_a_folder(client: TestClient) -> None:
    answer = client.patch("/v1/items/space-1", json={"image": "green.png"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no_media_folder")


def test_media(shop: TestClient, tmp_path: Path) -> None:
    assert shop.put("/v1/items/a%2Fb", json={"title": "A", "image": ["green.png", "blue.png"]}).status_code == 200
    addresses = shop.get("/v1/items/a%2Fb").json()["media"]["image"]
    assert len(addresses) == 2
    first, second = (shop.get(address) for address in addresses)
    assert first.content == (tmp_path / "media" / "green.png").read_bytes()
    assert second.content == (tmp_path / "media" / "blue.png").read_bytes()
    assert (first.headers["Content-Type"], first.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert shop.get(addresses[0], headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    part = shop.get(addresses[0], headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, first.content[2:6])
    assert part.headers["Content-Range"] == f"bytes 2-5/{len(first.content)}"
    assert shop.get(addresses[0], headers={"Range": "bytes=999999-"}).status_code == 416
    for path in ("a%2Fb/media/audio", "a%2Fb/media/image?number=3", "nowhere/media/image"):
        assert shop.get(f"/v1/items/{path}").status_code == 404
    assert shop.get("/v1/items/a%2Fb/media/text").status_code == 422
    (tmp_path / "media" / "blue.png").unlink()
    assert shop.get(addresses[1]).status_code == 404


def test_similar_and_audience(reader: TestClient, own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    for kind in ("content", "bought-together", "next"):
        answer = reader.get("/v1/items/space-1/similar", params={"kind": kind, "limit": 4, "where": "year > 1990"})
        python = recommender.similar("space-1", kind=kind, limit=4, where="year > 1990")
        assert answer.json() == python.to_json()
    assert reader.get("/v1/items/space-1/audience").json() == recommender.audience("space-1").to_json()
    assert reader.get("/v1/items/space-1/similar", params={"kind": "smell"}).status_code == 422
    for path in ("similar", "audience"):
        assert reader.get(f"/v1/items/nowhere/{path}").status_code == 404


ODD = ["a/b", "a%2Fb", "a b", "ü/日本", "100%", "..", "a?b#c", "a+b&c=d", "media/image", "similar", '"quoted"', "🙂"]


@pytest.mark.parametrize("item_id", [one for one in ODD if one != ".."])
def test_any_printable_id(shop: TestClient, item_id: str) -> None:
    place = f"/v1/items/{quote(item_id, safe='')}"
    assert shop.put(place, json={"title": "Odd"}).status_code == 200
    assert shop.get(place).json()["item_id"] == item_id
    assert shop.get(f"{place}/similar").status_code == 200
    event = {"user_id": item_id, "item_id": item_id, "event": "like"}
    assert shop.post("/v1/events", json={"events": [event]}).json()["accepted"] == 1
    data = shop.get(f"/v1/users/{quote(item_id, safe='')}/data").json()
    assert [one["item_id"] for one in data["events"]] == [item_id]
    assert shop.delete(place).status_code == 200


@given(text=st.text(min_size=1).filter(str.isprintable))
@settings(max_examples=200)
def test_ids_round_trip(text: str) -> None:
    assert decoded(quote(text, safe="")) == text


@pytest.mark.parametrize("path", ["a%FFb", "a%00b", "a%0Ab", "%C3%28"])
def test_an_id_that_is_none(reader: TestClient, path: str) -> None:
    answer = reader.get(f"/v1/items/{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_what_was_not_said_is_no_part_of_the_row() -> None:
    sent = ItemIn.model_validate({"title": "A", "price": 3.5, "attributes": {"b": ["x"]}})
    assert sent.row() == {"title": "A", "b": ["x"], "price": 3.5}

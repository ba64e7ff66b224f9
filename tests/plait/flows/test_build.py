"""Build: the same input changes nothing, a changed description is one text, and nothing is stored by halves."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedders import bundles
from embedders.bundles import BUNDLES, Bundle
from embedders.items import Strand
from plait import assembly, snapshot
from plait.counts import EventTally, ItemTally
from plait.errors import BadData, WrongCall
from plait.flows import build as build_module
from plait.flows.build import build
from plait.flows.status import status
from plait.recommender import Recommender
from plait.selection import Selection
from plait.store import Store
from plait.tables import Table
from plait.workspace import Workspace
from tests.plait import toy

NOTHING = {Strand.TEXT: 0}


def rebuilt(workspace: Path, items: Table, *, prune: bool = False) -> tuple[ItemTally, dict[Strand, int]]:
    """Build over a workspace; return what became of the items, and what was encoded."""
    counts = build(workspace, items=items, prune=prune)
    return counts.items, dict(counts.encoded)


def test_the_same_input_again_encodes_nothing_and_changes_nothing(built: Path, toy_files: Path) -> None:
    before = status(built)
    counts = build(built, items=toy_files / "items.csv", interactions=toy_files / "interactions.csv")
    assert counts.items == ItemTally(unchanged=24)
    assert not any(counts.encoded.values())
    assert counts.events == EventTally(duplicates=60)
    assert status(built) == before
    assert before["index"] == 1


def test_rows_and_columns_in_another_order_are_the_same_input(built: Path, toy_files: Path) -> None:
    before = status(built)
    rows = [dict(reversed(row.items())) for row in reversed(toy.items())]
    assert rebuilt(built, rows) == (ItemTally(unchanged=24), NOTHING)
    assert status(built) == before


def test_a_changed_description_encodes_one_text(built: Path) -> None:
    rows = toy.items()
    rows[7]["description"] = "A lifeboat in heavy weather."
    assert rebuilt(built, rows) == (ItemTally(updated=1, unchanged=23), {Strand.TEXT: 1})
    assert status(built)["index"] == 2


def test_a_changed_attribute_encodes_nothing(built: Path) -> None:
    rows = [row | {"year": "2001"} for row in toy.items()]
    assert rebuilt(built, rows) == (ItemTally(updated=24), NOTHING)
    found = Recommender.open(built).similar("cooking-0", where="year = 2001", limit=30)
    assert len(found.items) == 23


def test_equal_contents_count_once(built: Path) -> None:
    rows = [{"item_id": f"twin-{number}", "title": "Marzipan", "description": "almonds"} for number in range(3)]
    assert rebuilt(built, rows) == (ItemTally(added=3), {Strand.TEXT: 1})


def test_items_absent_from_the_file_stay_unless_pruned(built: Path) -> None:
    rows = toy.items()[:20]
    assert rebuilt(built, rows)[0] == ItemTally(unchanged=20)
    assert status(built)["items"] == 24
    assert rebuilt(built, rows, prune=True) == (ItemTally(unchanged=20, removed=4), NOTHING)
    after = status(built)
    assert (after["items"], after["events"], after["index"]) == (20, 60, 2)
    recommender = Recommender.open(built)
    assert len(recommender.search("plants", limit=30).items) == 20
    assert rebuilt(built, toy.items())[0] == ItemTally(added=4, unchanged=20)


def test_what_a_row_names_is_not_pruned_where_the_row_is_bad(built: Path) -> None:
    rows = [row | ({"created_at": "noon"} if number < 3 else {}) for number, row in enumerate(toy.items()[:20])]
    counts = build(built, items=rows, prune=True, on_error="skip")
    assert counts.items == ItemTally(unchanged=17, removed=4, rejected=3)
    assert status(built)["items"] == 20


def test_nothing_is_pruned_where_a_row_does_not_say_which_item_it_is_of(built: Path, toy_files: Path) -> None:
    lines = (toy_files / "items.csv").read_bytes().splitlines(keepends=True)
    table = built.parent / "items.csv"
    table.write_bytes(b"".join(lines[:15]) + lines[15].rstrip() + b",too,many\n")
    counts = build(built, items=table, prune=True, on_error="skip")
    assert (counts.items.removed, counts.items.rejected, status(built)["items"]) == (0, 1, 24)
    assert "nothing was pruned: of 1 rows it cannot be read which items they are of" in counts.notes


def test_rows_of_every_table_that_are_left_out_are_named(own: Path, toy_files: Path) -> None:
    counts = build(
        own, items=toy.items(), vectors={"text": toy_files / "vectors.npy"}, on_error="skip",
        interactions=[{"user_id": "user-1", "item_id": "nowhere", "timestamp": "1"}],
        users=[{"user_id": "", "age": "31"}], relations=[{"user_id": "user-1", "other_id": "", "weight": "1"}],
    )  # fmt: skip
    told = "\n".join(counts.notes)
    for place in (
        "interactions, row 1, column item_id",
        "users, row 1, column user_id",
        "relations, row 1, column other_id",
    ):
        assert place in told, told


def test_users_and_relations_are_stored(tmp_path: Path, toy_files: Path) -> None:
    build(
        tmp_path / "workspace", items=toy.items(), interactions=toy.interactions(),
        users=[{"user_id": "user-1", "age": "31"}, {"user_id": "lurker", "age": "50"}],
        relations=[{"user_id": "user-1", "other_id": "lurker", "weight": "0.5"}],
        vectors={"text": toy_files / "vectors.npy"},
    )  # fmt: skip
    counted = status(tmp_path / "workspace")
    assert (counted["items"], counted["events"], counted["users"], counted["relations"]) == (24, 60, 2, 1)


@pytest.mark.parametrize("bad", ["items", "interactions", "users", "relations"])
def test_one_bad_row_stores_nothing_of_any_table(own: Path, toy_files: Path, bad: str) -> None:
    before = status(own)
    tables: dict[str, list[dict[str, str]]] = {
        "items": [row | {"year": "1800"} for row in toy.items()],
        "interactions": [{"user_id": "new", "item_id": "space-1", "timestamp": "1", "event": "like"}],
        "users": [{"user_id": "u"}],
        "relations": [{"user_id": "u", "other_id": "v", "weight": "1"}],
    }
    tables[bad].append(dict.fromkeys(tables[bad][0], ""))
    with pytest.raises(BadData, match=bad):
        build(
            own, items=tables["items"], interactions=tables["interactions"], users=tables["users"],
            relations=tables["relations"], vectors={"text": toy_files / "vectors.npy"},
        )  # fmt: skip
    assert status(own) == before


def test_skipping_leaves_whole_rows_out_of_every_table(own: Path, toy_files: Path) -> None:
    counts = build(
        own, items=[*toy.items()[:23], toy.items()[0]], on_error="skip", vectors={"text": toy_files / "vectors.npy"},
        interactions=[
            {"user_id": "new", "item_id": "space-1", "timestamp": "1"},
            {"user_id": "new", "item_id": "nowhere", "timestamp": "1"},
        ],
        users=[{"user_id": "u"}, {"user_id": ""}],
    )  # fmt: skip
    assert counts.items == ItemTally(unchanged=23, rejected=1)
    assert counts.events == EventTally(accepted=1, rejected=1)
    assert status(own)["users"] == 1


def test_a_build_killed_before_it_published_is_finished_by_the_next(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [*toy.items(), {"item_id": "late", "title": "Paella", "description": "rice and saffron"}]

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(build_module, "learn_and_publish", killed)
        with pytest.raises(KeyboardInterrupt):
            build(built, items=rows)
    assert (status(built)["items"], status(built)["index"]) == (25, 1)
    # What the killed build stored is answered with at once, and published by the next, which encodes nothing.
    assert "late" in {item.item_id for item in Recommender.open(built).similar("cooking-0", limit=30).items}
    assert rebuilt(built, rows) == (ItemTally(unchanged=25), NOTHING)
    assert (status(built)["index"], status(built)["index_sequence"]) == (2, status(built)["sequence"])
    assert rebuilt(built, rows) == (ItemTally(unchanged=25), NOTHING)
    assert status(built)["index"] == 2


def test_the_first_build_killed_leaves_a_clear_message(
    tmp_path: Path, toy_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    own = {"text": toy_files / "vectors.npy"}
    with monkeypatch.context() as patch:
        patch.setattr(build_module, "learn_and_publish", killed)
        with pytest.raises(KeyboardInterrupt):
            build(tmp_path / "workspace", items=toy.items(), vectors=own)
    with pytest.raises(BadData, match="run `plait build` again"):
        Recommender.open(tmp_path / "workspace").similar("cooking-0")
    assert build(tmp_path / "workspace", items=toy.items(), vectors=own).items == ItemTally(unchanged=24)
    assert len(Recommender.open(tmp_path / "workspace").similar("cooking-0").items) == 10


def test_items_added_since_are_in_the_snapshot_of_the_next_build(built: Path) -> None:
    Recommender.open(built).add_items([{"item_id": "late", "title": "Paella"}])
    assert status(built)["index"] == 1
    assert rebuilt(built, toy.items()) == (ItemTally(unchanged=24), NOTHING)
    found = snapshot.current(Workspace.open(built).index_folder)
    assert found is not None
    assert (found.number, found.details["items"]) == (2, 25)


def test_own_vectors_decide_the_neighbours(own_once: Path) -> None:
    vectors = toy.vectors()
    ids = [row["item_id"] for row in toy.items()]
    nearest = np.argsort(-(vectors @ vectors[3]), kind="stable")[1:6]
    answer = Recommender.open(own_once).similar("cooking-3", limit=5)
    assert [item.item_id for item in answer.items] == [ids[row] for row in nearest]


def test_own_vectors_by_id_are_those_by_order(tmp_path: Path, own_once: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = [row["item_id"] for row in toy.items()]
    table = pa.table({"item_id": ids[::-1], "vector": toy.vectors()[::-1].tolist()})
    pq.write_table(table, tmp_path / "vectors.parquet")
    build(tmp_path / "workspace", items=toy.items(), vectors={"text": tmp_path / "vectors.parquet"})
    given = Recommender.open(tmp_path / "workspace").vectors(ids)
    np.testing.assert_allclose(given, Recommender.open(own_once).vectors(ids), atol=1e-6)


def test_rows_left_out_do_not_shift_own_vectors(tmp_path: Path, toy_files: Path, own_once: Path) -> None:
    rows = toy.items()
    rows[2]["created_at"] = "yesterday"
    build(tmp_path / "workspace", items=rows, vectors={"text": toy_files / "vectors.npy"}, on_error="skip")
    kept = [row["item_id"] for row in rows if row["item_id"] != "cooking-2"]
    given = Recommender.open(tmp_path / "workspace").vectors(kept)
    np.testing.assert_allclose(given, Recommender.open(own_once).vectors(kept), atol=1e-6)


@pytest.mark.parametrize("count", [23, 25])
def test_own_vectors_that_are_too_few_or_too_many(tmp_path: Path, count: int) -> None:
    np.save(tmp_path / "vectors.npy", np.ones((count, 4), dtype=np.float32))
    with pytest.raises(BadData, match=f"vectors.npy.*{count}.*24"):
        build(tmp_path / "workspace", items=toy.items(), vectors={"text": tmp_path / "vectors.npy"})


def test_a_build_that_failed_does_not_keep_its_own_vectors(tmp_path: Path, toy_files: Path) -> None:
    bad = [*toy.items()[:23], toy.items()[0]]
    with pytest.raises(BadData, match="stands at"):
        build(tmp_path / "workspace", items=bad, vectors={"text": toy_files / "vectors.npy"})
    rows = toy.items()[:2]
    assert build(tmp_path / "workspace", items=rows).encoded == {Strand.TEXT: 2}


def test_own_vectors_of_another_length_are_refused(own: Path, tmp_path: Path) -> None:
    before = status(own)
    np.save(tmp_path / "wide.npy", np.ones((24, 5), dtype=np.float32))
    with pytest.raises(BadData, match="text:own:8"):
        build(own, items=toy.items(), vectors={"text": tmp_path / "wide.npy"})
    assert status(own) == before


def test_words_cannot_search_own_vectors(own_once: Path) -> None:
    with pytest.raises(WrongCall, match="holds own vectors"):
        Recommender.open(own_once).search("bread")


@pytest.mark.parametrize("change", ["build", "add", "update"])
def test_other_encoders_in_plait_toml_are_refused_before_anything_is_stored(
    built: Path, tmp_path: Path, change: str
) -> None:
    from tests.embedders.tiny_models import tiny_bert

    before = status(built)
    model = tiny_bert(tmp_path / "model")
    settings = built / "plait.toml"
    settings.write_text(f'[encoders]\nbundle = "compact"\ntext = "{model}"\n', encoding="utf-8")
    rows = [toy.items()[0] | {"description": "red scarf"}]
    changes = {
        "build": lambda: build(built, items=rows),
        "add": lambda: Recommender.open(built).add_items(rows),
        "update": lambda: Recommender.open(built).update_items(rows),
    }
    with pytest.raises(BadData, match="was built with the text encoder"):
        changes[change]()
    assert status(built) == before


def test_what_an_earlier_version_encoded_is_encoded_anew_by_build(
    tmp_path: Path, toy_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, items, log = tmp_path / "earlier", toy_files / "items.csv", toy_files / "interactions.csv"
    now = bundles.MINILM
    earlier = replace(now, fingerprint=now.fingerprint.removesuffix(":1") + ":0")
    with monkeypatch.context() as before:
        before.setattr(
            bundles, "BUNDLES", {"compact": Bundle("compact", {**BUNDLES["compact"].encoders, Strand.TEXT: earlier})}
        )
        before.setattr(assembly, "BUNDLES", bundles.BUNDLES)
        Recommender.build(folder, items=items, interactions=log).train()
    with pytest.raises(BadData, match=r"holds text vectors of an earlier version, .*:0: `plait build` with the items"):
        Recommender.open(folder).search("bread")
    with pytest.raises(BadData, match="of an earlier version"):
        Recommender.open(folder).add_items([toy.items()[0] | {"description": "red scarf"}])
    counts = build(folder, items=items, interactions=log)
    assert counts.encoded[Strand.TEXT] > 0
    assert any("`plait train` learns anew" in note for note in counts.notes)
    fresh = Recommender.build(tmp_path / "fresh", items=items, interactions=log)
    again = Recommender.open(folder)
    assert [item.item_id for item in again.search("bread").items] == [
        item.item_id for item in fresh.search("bread").items
    ]
    assert "untrained" in again.recommend("u1").model
    again.train()
    assert "untrained" not in Recommender.open(folder).recommend("u1").model


def test_an_earlier_version_is_left_behind_even_where_a_picture_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, now = tmp_path / "earlier", bundles.LITE0_PICTURES
    for name, colour in (("a", "red"), ("b", "blue")):
        Image.new("RGB", (32, 32), colour).save(tmp_path / f"{name}.png")
    rows = [{"item_id": name, "title": f"picture {name}", "image": str(tmp_path / f"{name}.png")} for name in "ab"]
    with monkeypatch.context() as before:
        earlier = replace(now, fingerprint=now.fingerprint.rpartition(":")[0] + ":0")
        former = {"compact": Bundle("compact", {**BUNDLES["compact"].encoders, Strand.IMAGE: earlier})}
        before.setattr(assembly, "BUNDLES", former)
        Recommender.build(folder, items=rows, media_root=tmp_path)
    (tmp_path / "b.png").unlink()
    counts = build(folder, items=rows[:1], media_root=tmp_path)
    assert any("1 pictures or sounds of stored items count as missing" in note for note in counts.notes)
    answer = Recommender.open(folder).search(image=tmp_path / "a.png")
    assert [item.item_id for item in answer.items] == ["a", "b"]
    assert answer.items[1].score == 0.0
    assert counts.encoded[Strand.IMAGE] == 1

    Image.new("RGB", (32, 32), "blue").save(tmp_path / "b.png")
    assert not any("count as missing" in note for note in build(folder, items=rows, media_root=tmp_path).notes)
    found = Recommender.open(folder).search(image=tmp_path / "b.png").items
    assert found[0].item_id == "b"
    assert all(item.parts["image"] for item in found)
    published = status(folder)
    build(folder, items=rows, media_root=tmp_path)
    assert status(folder) == published, "nothing is missing any more, so nothing is published"


def test_what_the_cache_lost_is_counted_when_it_is_encoded_again(tmp_path: Path) -> None:
    rows = [toy.items()[place] for place in range(4)]
    build(tmp_path / "shop", items=rows)
    for lost in ("vectors", "index"):
        shutil.rmtree(tmp_path / "shop" / lost)
    assert build(tmp_path / "shop", items=rows[:1]).encoded[Strand.TEXT] == 4


def test_a_text_model_of_ones_own(tmp_path: Path) -> None:
    from tests.embedders.tiny_models import tiny_bert

    model = tiny_bert(tmp_path / "model")
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "plait.toml").write_text(f'[encoders]\ntext = "{model}"\n', encoding="utf-8")
    rows = [{"item_id": str(place), "title": title} for place, title in enumerate(("red scarf", "green cup", "tea"))]
    assert build(folder, items=rows).encoded == {Strand.TEXT: 3}
    recommender = Recommender.open(folder)
    assert recommender.search("green cup").items[0].item_id == "1"
    found = snapshot.current(Workspace.open(folder).index_folder)
    assert found is not None
    assert found.encoders["text"] == Workspace.open(folder).encoder(Strand.TEXT).fingerprint
    assert found.details["dimension"] == 16
    shutil.rmtree(model)
    with pytest.raises(BadData, match=r"plait\.toml, key encoders\.text"):
        Recommender.open(folder).search("green cup")


def test_media_limits_of_plait_toml_hold_when_built_and_when_asked(tmp_path: Path) -> None:
    from PIL import Image

    from embedders.media import MediaError

    for name, width in (("small.png", 40), ("large.png", 80)):
        Image.new("RGB", (width, 30), "red").save(tmp_path / name)
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "plait.toml").write_text("[media]\nmax_side = 60\n", encoding="utf-8")
    rows = [{"item_id": "a", "title": "red", "image": "large.png"}]
    with pytest.raises(BadData, match=r"large\.png .*80"):
        build(folder, items=rows, media_root=tmp_path)
    encoder = Workspace.open(folder).encoder(Strand.IMAGE)
    assert encoder.encode([str(tmp_path / "small.png")]).shape == (1, encoder.dimension)
    with pytest.raises(MediaError, match=r"large\.png .*80"):
        encoder.encode([str(tmp_path / "large.png")])


def test_without_events_recommendations_are_content_and_popularity(tmp_path: Path, toy_files: Path) -> None:
    build(tmp_path / "workspace", items=toy.items(), vectors={"text": toy_files / "vectors.npy"})
    recommender = Recommender.open(tmp_path / "workspace")
    liked = recommender.recommend_history(["cooking-0", "cooking-1"], Selection(4))
    assert {item.item_id.split("-")[0] for item in liked.items} == {"cooking"}
    assert len(recommender.recommend("anybody", limit=24).items) == 24


def test_nothing_is_stored_when_the_folder_holds_other_things(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(WrongCall, match="not a workspace and not an empty folder"):
        build(tmp_path, items=toy.items())
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_what_is_stored_is_what_was_read(own_once: Path) -> None:
    item = Store.open(own_once / "store.db").items_by_id(["sailing-4"])["sailing-4"].item
    assert (item.title, item.categories, item.created_at) == ("Regatta", ("sailing",), toy.START - 4 * 86_400)
    assert item.attributes == {"year": 1998.0}

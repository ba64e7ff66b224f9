"""Items out of tables: every row is an item or one error that says where and why."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from embedders.items import Item, Strand, media_paths
from embedders.media import check_media
from plait.attributes import AttributeType, infer_types
from plait.catalog import Read, item_columns, read_items
from plait.errors import BadData
from plait.tables import open_table

NUMBER, DATE, CATEGORY, SEVERAL = AttributeType
DATA = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"


def accept(path: str, strand: Strand) -> None:
    assert os.path.isabs(path)


def read(folder: Path, text: str, types: Mapping[str, AttributeType] | None = None) -> list[Read[Item]]:
    path = folder / "items.csv"
    path.write_text(text, encoding="utf-8")
    rows = open_table(path, "items")
    found = infer_types(rows, item_columns(rows)) if types is None else types
    return list(read_items(rows, found, media_root=folder, check_media=accept))


def error(folder: Path, text: str, types: Mapping[str, AttributeType] | None = None) -> str:
    errors = [str(row.error) for row in read(folder, text, types) if row.error is not None]
    assert len(errors) == 1
    return errors[0]


def test_a_whole_row(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"picture")
    (tmp_path / "a.ogg").write_bytes(b"sound")
    header = "item_id,title,description,image,audio,categories,created_at,year,maker,tags,made"
    row = "007, Rye <b>bread</b> ,warm &amp; dark,pictures/a.png,a.ogg,food|bread,1970-01-02,1995.0,007,x|y,2020-01-01"
    (found,) = read(tmp_path, f"{header}\n{row}\n")
    assert found.cleaned == ("title", "description")
    assert found.place == "line 2"
    assert found.value == Item(
        "007",
        title="Rye bread",
        description="warm & dark",
        image=str(tmp_path.resolve() / "pictures" / "a.png"),
        audio=str(tmp_path.resolve() / "a.ogg"),
        categories=("food", "bread"),
        created_at=86_400.0,
        attributes={"year": 1995.0, "maker": "007", "tags": ("x", "y"), "made": 1_577_836_800.0},
    )


def test_ids_are_text(tmp_path: Path) -> None:
    ids = ["007", "NA", "None", "1e5", "null", "true", "-", "Ünï", "a b"]
    found = read(tmp_path, "item_id,title\n" + "".join(f"{item_id},x\n" for item_id in ids))
    assert [row.value.item_id for row in found if row.value] == ids


def test_a_row_without_content_is_an_item(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "item_id,title,year\na,,1990\n")
    assert found.value == Item("a", attributes={"year": 1990.0})


def test_empty_attributes_are_missing(tmp_path: Path) -> None:
    one, two = read(tmp_path, "item_id,title,year,tags\na,x,,\nb,x,1990,p|q\n")
    assert one.value is not None
    assert one.value.attributes == {}
    assert two.value is not None
    assert two.value.attributes == {"year": 1990.0, "tags": ("p", "q")}


def test_further_columns_join_the_text(tmp_path: Path) -> None:
    rows = open_table(
        [{"item_id": "a", "title": "T", "description": "D", "cast": "<i>Ann</i>", "year": "1990"}], "items"
    )
    types = infer_types(rows, item_columns(rows))
    columns = ("cast", "absent", "year")
    (found,) = read_items(rows, types, media_root=tmp_path, check_media=accept, text_columns=columns)
    assert found.value is not None
    assert found.value.description == "D\nAnn\n1990"
    assert found.value.attributes["year"] == 1990.0


def test_lists_of_typed_tables(tmp_path: Path) -> None:
    rows = open_table([{"item_id": 7, "title": "x", "categories": ["a", "b"], "tags": ["x"], "year": 1990}], "items")
    (found,) = read_items(rows, infer_types(rows, item_columns(rows)), media_root=tmp_path, check_media=accept)
    assert found.value == Item("7", "x", categories=("a", "b"), attributes={"tags": ("x",), "year": 1990.0})


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (",x", "items.csv, line 2, column item_id: empty"),
        (" ,x", "items.csv, line 2, column item_id: empty"),
        ("a", "items.csv, line 2, column title: the row has 1 fields; expected 2"),
        ("a,x,y", "items.csv, line 2: the row has 3 fields; expected 2"),
        ("a,x\nb,y\na,z", "items.csv, line 4, column item_id: 'a' stands at line 2 already"),
    ],
)
def test_bad_rows(tmp_path: Path, rows: str, message: str) -> None:
    assert error(tmp_path, f"item_id,title\n{rows}\n") == message


@pytest.mark.parametrize(
    ("column", "value", "kind", "message"),
    [
        (
            "created_at",
            "yesterday",
            None,
            "column created_at: 'yesterday' is no time; expected Unix seconds or ISO 8601",
        ),
        (
            "created_at",
            "1700000000000",
            None,
            "column created_at: '1700000000000' is no time in Unix seconds (milliseconds?)",
        ),
        ("created_at", "nan", None, "column created_at: 'nan' is no time"),
        ("year", "old", NUMBER, "column year: 'old' is no number"),
        ("year", "inf", NUMBER, "column year: 'inf' is no number"),
        ("made", "old", DATE, "column made: 'old' is no time"),
    ],
)
def test_values_that_do_not_fit(
    tmp_path: Path, column: str, value: str, kind: AttributeType | None, message: str
) -> None:
    types = {} if kind is None else {column: kind}
    assert message in error(tmp_path, f"item_id,title,{column}\na,x,{value}\n", types)


def test_media_must_be_files_inside_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "inner").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(b"x")
    (root / "good.png").write_bytes(b"x")
    (root / "inner" / "link.png").symlink_to(root / "good.png")
    (root / "way_out.png").symlink_to(tmp_path / "secret.png")
    (root / "circle.png").symlink_to(root / "circle.png")
    os.mkfifo(root / "pipe.png")
    outcomes = {
        "good.png": "",
        "inner/link.png": "",
        "inner/../good.png": "",
        str(root / "good.png"): "",
        "../secret.png": "outside the media root",
        "inner/../../secret.png": "outside the media root",
        str(tmp_path / "secret.png"): "outside the media root",
        "/etc/passwd": "outside the media root",
        "way_out.png": "outside the media root",
        "absent.png": "absent or no regular file",
        "inner": "absent or no regular file",
        ".": "absent or no regular file",
        "pipe.png": "absent or no regular file",
        "circle.png": "no path of a file",
        "x" * 300 + ".png": "no path of a file",
    }
    table = [{"item_id": str(number), "image": name} for number, name in enumerate(outcomes)]
    rows = open_table(table, "items")
    for found, (name, message) in zip(
        read_items(rows, {}, media_root=root, check_media=accept), outcomes.items(), strict=True
    ):
        assert (found.error is None) == (not message), name
        if found.error is not None:
            assert found.error.column == "image"
            assert message in str(found.error)
            assert len(str(found.error)) < 250


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.png").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    rows = open_table([{"item_id": "a", "image": "a.png"}], "items")
    (found,) = read_items(rows, {}, media_root=tmp_path / "link", check_media=accept)
    assert found.value is not None
    assert found.value.image == str((tmp_path / "real" / "a.png").resolve())


def test_what_looks_at_media_names_the_reason(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_text("<html></html>", encoding="utf-8")
    (tmp_path / "a.ogg").write_bytes(b"x")
    rows = open_table(
        [{"item_id": "a", "image": "page.png", "audio": "a.ogg"}, {"item_id": "b", "audio": "a.ogg"}], "items"
    )
    one, two = read_items(rows, {}, media_root=tmp_path, check_media=check_media)
    assert one.error is not None
    assert two.error is not None
    assert (one.error.column, two.error.column) == ("image", "audio")
    assert "page.png" in str(one.error)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("title,year", "no column item_id; it has title, year"),
        ("item_id,year", "no column title or description or image or audio; it has item_id, year"),
    ],
)
def test_missing_columns(tmp_path: Path, header: str, message: str) -> None:
    with pytest.raises(BadData, match=message):
        read(tmp_path, f"{header}\n1,2\n")


def test_attribute_columns() -> None:
    rows = open_table(
        [{"item_id": "a", "title": "x", "year": 1, "categories": "c", "created_at": 0, "mood": "m"}], "items"
    )
    assert item_columns(rows) == ("year", "mood")


@pytest.mark.parametrize(
    ("name", "count", "types"),
    [
        ("movies", 1_682, {"year": NUMBER, "director": CATEGORY, "actors": CATEGORY}),
        ("products", 1_047, {"department": CATEGORY}),
        ("sounds", 572, {"group": CATEGORY, "licence": CATEGORY}),
        ("stamps", 469, {"subcategory": CATEGORY, "title_ja": CATEGORY}),
    ],
)
def test_real_catalogues(name: str, count: int, types: dict[str, AttributeType]) -> None:
    path = DATA / name / "items.csv"
    if not path.is_file():
        pytest.skip(f"shared/data/{name} is absent")
    rows = open_table(path, "items")
    found = infer_types(rows, item_columns(rows))
    assert types.items() <= found.items()
    items = list(read_items(rows, found, media_root=rows.folder, check_media=accept))
    assert [str(row.error) for row in items if row.error] == []
    assert len(items) == count


def test_several_media_an_item(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "a.ogg", "b.ogg"):
        (tmp_path / name).write_bytes(b"media")
    one, two = read(tmp_path, "item_id,image,audio\nx,a.png| b.png |a.png,a.ogg|b.ogg\ny,|b.png|,\n")
    root = tmp_path.resolve()
    assert one.value is not None
    assert media_paths(one.value.image) == (str(root / "a.png"), str(root / "b.png"))
    assert media_paths(one.value.audio) == (str(root / "a.ogg"), str(root / "b.ogg"))
    assert two.value is not None
    assert two.value.image == str(root / "b.png")


def test_each_of_several_media_is_checked(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"media")
    assert "gone.png is absent" in error(tmp_path, "item_id,image\nx,a.png|gone.png\n")
    assert "outside the media root" in error(tmp_path, "item_id,image\nx,a.png|../a.png\n")

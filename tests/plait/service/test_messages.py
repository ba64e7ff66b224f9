"""Messages without the folders of the machine that serves."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.service.messages import cleaner

NAME = st.text("abcXYZ019._-+ü", min_size=1, max_size=12).filter(lambda name: name.strip("."))


def test_folders_have_the_names_they_are_given() -> None:
    clean = cleaner([(Path("/srv/shops/one"), "the workspace"), (Path("/srv/shops"), "the shops")])
    assert clean("/srv/shops/one has no index: run `plait build` again") == (
        "the workspace has no index: run `plait build` again"
    )
    assert clean("/srv/shops/one/plait.toml, key a") == "the workspace/plait.toml, key a"
    assert clean("/srv/shops holds others") == "the shops holds others"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("cannot read /home/me/pictures/a.png: broken", "cannot read a.png: broken"),
        ("'/var/lib/x/y' is absent", "'y' is absent"),
        ("price / weight and 3/4 stay, and text/plain", "price / weight and 3/4 stay, and text/plain"),
        ("two\nlines  and blanks", "two lines and blanks"),
    ],
)
def test_other_folders_are_left_out(message: str, said: str) -> None:
    assert cleaner([])(message) == said


@given(parts=st.lists(NAME, min_size=2, max_size=5))
def test_no_folder_is_told(parts: list[str]) -> None:
    said = cleaner([])(f"the file /{'/'.join(parts)} is broken")
    assert said == f"the file {parts[-1]} is broken"


def test_a_workspace_named_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    clean = cleaner([(Path("shop"), "the workspace")])
    assert clean(f"{tmp_path}/shop/store.db: the file is damaged") == "the workspace/store.db: the file is damaged"


def test_a_database_is_not_named() -> None:
    said = (
        "postgresql://plait@db.example:5433/shop?schema=toys: the server cannot be reached, or was lost meanwhile "
        '(connection failed: connection to server at "10.0.0.7", port 5433 failed: refused (no route))'
    )
    assert cleaner([])(said) == "the store: the server cannot be reached, or was lost meanwhile"

"""The URL of a store: read, refused and told without its password."""

import pytest

from plait.errors import WrongCall
from plait.store.url import place_of, schema_of, store_url, without_password

WHOLE = "postgresql+psycopg://plait:sealed-word@db.example:5433/shop"


def test_a_url_names_a_schema() -> None:
    assert schema_of(store_url(WHOLE)) == "plait"
    assert schema_of(store_url(f"{WHOLE}?schema=toys")) == "toys"
    assert schema_of(store_url(f"{WHOLE}?schema=toys", "books")) == "books"


@pytest.mark.parametrize("driver", ["postgresql", "postgres", "postgresql+psycopg"])
def test_one_driver_reads_all(driver: str) -> None:
    assert store_url(f"{driver}://plait@db.example/shop").drivername == "postgresql+psycopg"


def test_what_is_told_and_written_holds_no_password() -> None:
    url = store_url(f"{WHOLE}?schema=toys&sslmode=require&password=sealed-word&sslpassword=sealed-word")
    assert place_of(url) == "postgresql://plait@db.example:5433/shop?schema=toys"
    assert without_password(url) == "postgresql+psycopg://plait@db.example:5433/shop?sslmode=require"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sealed-word", "the URL of the store cannot be read; expected postgresql"),
        ("", "the URL of the store cannot be read"),
        ("postgresql://plait:sealed-word@db:port/shop", "the URL of the store cannot be read"),
        ("sqlite:///sealed-word", "begins with sqlite://; expected postgresql"),
        ("postgresql+asyncpg://plait:sealed-word@db/shop", r"begins with postgresql\+asyncpg://"),
        ("postgresql://plait:sealed-word@db", "names no database"),
        (f"{WHOLE}?schema=Toys", "the schema of the store is 'Toys'; expected a name of small letters"),
        (f"{WHOLE}?schema=a&schema=b", "the schema of the store is"),
        (f"{WHOLE}?schema=pg_toast", "the schema of the store is 'pg_toast'"),
        (f"{WHOLE}?schema=a%22%3Bdrop", "the schema of the store is"),
        (f"{WHOLE}?schema={'a' * 64}", "the schema of the store is"),
    ],
)
def test_what_is_no_place_of_a_store(text: str, message: str) -> None:
    with pytest.raises(WrongCall, match=message) as refused:
        store_url(text)
    assert "sealed-word" not in str(refused.value)
    assert refused.value.__cause__ is None

"""The page before films: real titles and posters, no sounds, and users who are real."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from scripts.served import served
from tests.system.browser import axe_source, chromium, visit
from tests.system.commands import answer_of

MOVIES = Path(__file__).parents[3] / "shared" / "data" / "movies"
pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not (MOVIES / "items.csv").is_file(), reason="shared/data/movies is not on this machine"),
]
COUNT = 120
"""Films with a poster; to encode all of them takes minutes and shows no other page."""


@dataclass(frozen=True, slots=True)
class Films:
    """Where films are served, their rows, and somebody who has seen some of them, so that there are others to show."""

    address: str
    rows: list[dict[str, str]]
    somebody: str

    @property
    def views(self) -> tuple[str, ...]:
        """Every view, of films."""
        first, second = (row["item_id"] for row in self.rows[:2])
        return (
            "search", "search/a robot from the future", f"item/{first}", f"user/{self.somebody}",
            f"what-if/{first},{second}", "map", f"map/{self.somebody}", "cold-start", "models", "quality",
        )  # fmt: skip


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Films]:
    chromium()
    folder = tmp_path_factory.mktemp("films")
    with (MOVIES / "items.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row.get("image")][:COUNT]
    known = {row["item_id"] for row in rows}
    with (MOVIES / "interactions.csv").open(encoding="utf-8") as stream:
        events = [row for row in csv.DictReader(stream) if row["item_id"] in known]
    counts = Counter(row["user_id"] for row in events)
    somebody = min((user_id for user_id, count in counts.items() if count >= 20), key=lambda user_id: counts[user_id])
    for name, table in (("items", rows), ("interactions", events)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
    files = ("--items", folder / "items.csv", "--interactions", folder / "interactions.csv", "--media-root", MOVIES)
    answer_of("build", folder / "workspace", *files)
    answer_of("train", folder / "workspace", "--budget", "20s")
    with served(folder / "workspace") as (_, address):
        yield Films(address, rows, somebody)


@pytest.mark.parametrize(("width", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_each_view_works_and_has_no_serious_fault(browser: Browser, films: Films, width: str, scheme: str) -> None:
    axe = axe_source()
    with visit(browser, films.address, width=width, scheme=scheme) as seen:
        for view in films.views:
            seen.go(view)
            seen.still()
            assert seen.page.locator("[role=alert]").count() == 0, view
            assert seen.faults(axe) == [], view
            assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view


def test_a_dropped_poster_finds_its_film(browser: Browser, films: Films) -> None:
    wanted = films.rows[0]
    with visit(browser, films.address) as seen:
        seen.go("search")
        seen.drop("Picture", MOVIES / wanted["image"], "image/jpeg")
        expect(seen.page.locator(".view > .count")).to_contain_text("nearest")
        assert seen.items(".tiles")[0] == wanted["item_id"]


def test_a_like_changes_the_next_list(browser: Browser, films: Films) -> None:
    with visit(browser, films.address) as seen:
        seen.go(f"user/{films.somebody}")
        before = seen.items(".ranking")
        assert len(before) == 10
        seen.page.locator(".ranking .like").first.click()
        expect(seen.page.locator(f'.ranking [data-item="{before[0]}"]')).to_have_count(0)
        after = seen.items(".ranking")
        assert len(after) == 10
        assert before[0] not in after

"""The page before a service that asks for a key: it asks for one, keeps it while the tab is open, and sends it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from plait import Recommender
from plait.service.keys import add_key
from plait.service.scopes import Scope
from scripts.served import served, set_service
from tests.copying import copied
from tests.system.browser import Visit, axe_source, visit

pytestmark = pytest.mark.system

USER = "u003"
VIEWS = ("search", "search/rain", "item/s000", f"user/{USER}", "what-if/s000,s001", f"map/{USER}", "cold-start",
         "models", "quality")  # fmt: skip
DRAWN = "document.querySelectorAll('img.cover').length > 0 && [...document.images].every(one => one.naturalWidth > 0)"
UNKNOWN = "the server responded with a status of 401"
"""What a browser says of a key that is not known."""


@pytest.fixture(scope="module")
def keyed(studio: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """Serve a workspace with keys; give the address, a key that may write, and one that may read."""
    workspace = copied(studio / "workspace", tmp_path_factory.mktemp("keyed") / "workspace")
    set_service(workspace, 'warm = ["text"]')
    store = Recommender.open(workspace).workspace.store
    keys = [add_key(store, scope.value, scope) for scope in (Scope.WRITE, Scope.READ)]
    with served(workspace) as (_, address):
        yield address, keys[0], keys[1]


def give(page: Page, key: str) -> None:
    """Fill in what is asked for, by the keyboard."""
    expect(page.get_by_role("dialog", name="This service asks for a key")).to_be_visible()
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    page.keyboard.type(key)
    page.keyboard.press("Enter")


def open_with(seen: Visit, key: str, view: str = "search") -> None:
    seen.page.goto(f"{seen.address}/#/{view}")
    give(seen.page, key)
    seen.page.wait_for_selector(".view[data-ready]")


def test_every_view_works_with_a_key(browser: Browser, keyed: tuple[str, str, str]) -> None:
    address, key, _ = keyed
    with visit(browser, address) as seen:
        open_with(seen, key)
        for view in VIEWS:
            seen.go(view)
            assert seen.page.locator("[role=alert]").count() == 0, view
            assert seen.page.locator("dialog").count() == 0, view
        assert seen.page.evaluate("sessionStorage.getItem('plait-key')") == key
        assert key not in seen.page.evaluate("JSON.stringify(localStorage)")
        assert not any(key in url for url in seen.asked)


def test_pictures_and_sounds_come_with_the_key(
    browser: Browser, keyed: tuple[str, str, str], rows: dict[str, dict[str, str]]
) -> None:
    address, key, _ = keyed
    whole = next(item_id for item_id, row in rows.items() if row["image"] and row["audio"])
    with visit(browser, address) as seen:
        open_with(seen, key)
        seen.until(DRAWN)
        seen.go(f"item/{whole}")
        seen.until(DRAWN)
        expect(seen.page.locator(".facts img")).to_have_attribute("src", re.compile("^blob:"))
        seen.until("document.querySelector('.facts audio').src.startsWith('blob:')")
        assert seen.page.evaluate(
            """() => { const sound = document.querySelector('.facts audio'); sound.load(); return new Promise(done => {
                sound.oncanplay = () => done(sound.duration > 0); sound.onerror = () => done(false);
                sound.preload = 'auto'; sound.load(); }); }"""
        )
        seen.go("search")
        seen.page.locator(".play").first.click()
        expect(seen.page.locator(".play").first).to_have_attribute("aria-pressed", "true")


def test_the_dialog_is_asked_by_the_keyboard_and_may_be_left(browser: Browser, keyed: tuple[str, str, str]) -> None:
    address, key, _ = keyed
    for width, scheme in (("phone", "dark"), ("desktop", "light")):
        with visit(browser, address, width=width, scheme=scheme) as seen:
            seen.page.goto(f"{address}/#/models")
            expect(seen.page.get_by_role("dialog")).to_be_visible()
            assert seen.faults(axe_source()) == []
            assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            seen.page.keyboard.press("Escape")
            expect(seen.page.get_by_role("alert")).to_contain_text("expected a key of this service")
            # Nobody is asked again and again; the next view asks, and so does the button.
            seen.page.get_by_role("link", name="Quality").click()
            seen.page.get_by_role("button", name="Not now").click()
            expect(seen.page.get_by_role("alert")).to_be_visible()
            seen.page.get_by_role("button", name="Key", exact=True).click()
            give(seen.page, key)
            seen.page.wait_for_selector("[data-view=quality][data-ready] [aria-label=Missing]")
            assert seen.said
            assert all(UNKNOWN in line for line in seen.said)
            seen.said.clear()


def test_a_wrong_key_is_asked_for_anew(browser: Browser, keyed: tuple[str, str, str]) -> None:
    address, key, _ = keyed
    with visit(browser, address) as seen:
        seen.page.goto(f"{address}/#/models")
        give(seen.page, "plait_wrong")
        expect(seen.page.get_by_role("alert")).to_have_text("The service does not know this key.")
        give(seen.page, key)
        seen.page.wait_for_selector("[data-view=models][data-ready] [data-model]")
        # It is there after a reload, and in no other window.
        seen.page.reload()
        seen.page.wait_for_selector("[data-view=models][data-ready] [data-model]")
        assert all(UNKNOWN in line for line in seen.said)
        seen.said.clear()
    with visit(browser, address) as seen:
        seen.page.goto(address)
        expect(seen.page.get_by_role("dialog")).to_be_visible()


def test_a_key_that_may_only_read_says_so(browser: Browser, keyed: tuple[str, str, str]) -> None:
    address, _, key = keyed
    with visit(browser, address) as seen:
        open_with(seen, key, f"user/{USER}")
        seen.page.locator(".ranking .like").first.click()
        expect(seen.page.get_by_role("alert")).to_contain_text("the key has the scope read")
        assert len(seen.said) == 1
        seen.said.clear()


def test_a_service_without_keys_asks_for_none(browser: Browser, address: str) -> None:
    with visit(browser, address) as seen:
        seen.go("search")
        assert seen.page.locator("dialog").count() == 0
        expect(seen.page.get_by_role("button", name="Key", exact=True)).to_be_hidden()

"""What visitors of the example shop see and do, in a real browser, beside what the real service recorded of it."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page

from tests.copying import copied
from tests.system.browser import Visit, visit
from tests.system.shop import Shop, opened

pytestmark = pytest.mark.system

CARDS = "#shown [data-plait-item]"
PARTS = """cards => cards.map(card => {
    const { top, bottom, height } = card.getBoundingClientRect();
    return [card.dataset.plaitItem, Math.max(0, Math.min(bottom, innerHeight) - Math.max(top, 0)) / height];
})"""
"""How much of each card is in sight."""
FLASH = """async milliseconds => {
    const before = scrollY;
    scrollTo(0, document.body.scrollHeight);
    await new Promise(done => setTimeout(done, milliseconds));
    scrollTo(0, before);
}"""
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
"""A browser without a window never hides a page, so the page is told so."""
LOST = "net::ERR_INTERNET_DISCONNECTED"
"""What a browser says of itself while it is offline."""


@pytest.fixture(scope="module")
def shop(toy_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened(copied(toy_folder / "workspace", tmp_path_factory.mktemp("shop") / "workspace")) as found:
        yield found


@contextmanager
def visited(
    browser: Browser, shop: Shop, user_id: str, *, allowed: bool = True, width: str = "desktop"
) -> Iterator[Visit]:
    """Open the shop's list for a visitor, who allows what is asked or says nothing."""
    with visit(browser, shop.address, width=width, also=(shop.plait,)) as seen:
        seen.page.goto(shop.page(user_id))
        seen.page.wait_for_selector(CARDS)
        seen.page.wait_for_function("window.plait !== undefined")
        if allowed:
            seen.page.click("#yes")
        yield seen


def parts(page: Page) -> dict[str, float]:
    """Return how much of each card is in sight, by item."""
    return dict(page.eval_on_selector_all(CARDS, PARTS))


def in_sight(page: Page) -> set[str]:
    """Stay for longer than the second that counts; return the items half of which are in sight."""
    page.wait_for_timeout(3000)
    return {item for item, part in parts(page).items() if part >= 0.5}


def show_part(page: Page, card: int, part: float) -> None:
    """Scroll so that this part of a card stands at the lower edge."""
    page.evaluate(
        """([card, part, cards]) => {
            const { top, height } = document.querySelectorAll(cards)[card].getBoundingClientRect();
            scrollTo(0, scrollY + top + part * height - innerHeight);
        }""",
        [card, part, CARDS],
    )


def sent(page: Page) -> list[dict[str, Any]]:
    """Return the list that is filled with each batch that the pages of a visitor send from now on."""
    found: list[dict[str, Any]] = []

    def note(url: str, body: str | None) -> None:
        if url.endswith("/v1/collect"):
            found.append(json.loads(body or "null"))

    page.context.on("request", lambda request: note(request.url, request.post_data))
    return found


def kept(page: Page) -> list[str]:
    """Return the names of what the script keeps in the browser."""
    found: list[str] = page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('plait.'))")
    return found


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_impressions_are_exactly_what_was_on_screen(browser: Browser, shop: Shop, width: str) -> None:
    user_id = f"looks-{width}"
    with visited(browser, shop, user_id, width=width) as seen:
        page = seen.page
        first = in_sight(page)
        all_of = list(parts(page))
        assert first
        assert len(first) < len(all_of) - 3
        # A flash of the end of the page, then more than half of the second next one, then a fifth of the one after.
        page.evaluate(FLASH, 400)
        show_part(page, len(first) + 1, 0.6)
        then = in_sight(page)
        assert then - first
        expected = first | then
        show_part(page, len(first) + 2, 0.2)
        assert in_sight(page) <= expected
        assert parts(page)[all_of[len(first) + 2]] == pytest.approx(0.2, abs=0.05)
        assert all_of[len(first) + 2] not in expected
        # Seen again it is no other impression.
        page.evaluate("scrollTo(0, 0)")
        in_sight(page)
        events = shop.until(user_id, len(expected))
    assert Counter(event.item_id for event in events) == Counter(expected)
    assert {event.event for event in events} == {"impression"}
    assert len({event.recommendation_id for event in events}) == 1
    assert events[0].recommendation_id


def test_clicks_likes_and_the_view_of_a_page(browser: Browser, shop: Shop) -> None:
    with visited(browser, shop, "does") as seen:
        first = seen.page.locator(CARDS).nth(0)
        item_id = first.get_attribute("data-plait-item")
        first.get_by_role("button").click()
        began = time.monotonic()
        first.get_by_role("link").click()
        seen.page.wait_for_selector("body[data-plait-view]")
        seen.page.wait_for_function("window.plait !== undefined")
        seen.page.wait_for_timeout(1200)
        seen.page.go_back()
        seen.page.wait_for_selector(CARDS)
        took = time.monotonic() - began
        shop.until("does", 1, "view")
    assert Counter(event.event for event in shop.events("does") if event.event != "impression") == {
        "like": 1, "click": 2, "view": 1,
    }  # fmt: skip
    [view] = shop.events("does", "view")
    assert view.item_id == item_id
    assert view.value is not None
    assert 1.0 <= view.value <= took
    assert view.recommendation_id == shop.events("does", "click")[0].recommendation_id != ""


def test_what_is_searched_for(browser: Browser, shop: Shop) -> None:
    with visited(browser, shop, "searches") as seen:
        seen.page.evaluate("window.plait.track('search', 'comets at night')")
        [search] = shop.until("searches", 1, "search")
    assert (search.query, search.item_id) == ("comets at night", "")


def test_a_hidden_page_is_not_looked_at(browser: Browser, shop: Shop) -> None:
    with visit(browser, shop.address, also=(shop.plait,)) as seen:
        page = seen.page
        page.goto(shop.page("hides", "item.html", item="space-1", title="Comets", recommendation=""))
        page.evaluate("localStorage.setItem('shop.consent', 'yes')")
        began = time.monotonic()
        page.goto(shop.page("hides", "item.html", item="space-1", title="Comets", recommendation=""))
        page.wait_for_timeout(700)
        page.evaluate(HIDE, True)
        hidden = time.monotonic()
        page.wait_for_timeout(2500)
        hidden = time.monotonic() - hidden
        page.evaluate(HIDE, False)
        page.goto("about:blank")
        took = time.monotonic() - began
        [view] = shop.until("hides", 1)
        assert view.value is not None
        assert 0 < view.value < took - hidden
        page.goto(shop.page("hides"))
        page.evaluate(HIDE, True)
        page.wait_for_selector(CARDS)
        page.wait_for_timeout(2500)
        assert shop.events("hides", "impression") == []
        page.evaluate(HIDE, False)
        expected = in_sight(page)
        assert {event.item_id for event in shop.until("hides", len(expected), "impression")} == expected


def test_without_consent_nothing_is_kept_or_sent(browser: Browser, shop: Shop) -> None:
    with visited(browser, shop, "asked", allowed=False) as seen:
        page, batches = seen.page, sent(seen.page)
        in_sight(page)
        page.locator(CARDS).nth(0).get_by_role("button").click()
        page.locator(CARDS).nth(0).get_by_role("link").click()
        page.wait_for_selector("body[data-plait-view]")
        page.wait_for_timeout(1500)
        assert kept(page) == []
        page.go_back()
        page.wait_for_selector(CARDS)
        page.wait_for_timeout(500)
        assert batches == []
        assert shop.events("asked") == []
        # From now on.
        now = time.time()
        page.click("#yes")
        expected = in_sight(page)
        events = shop.until("asked", len(expected))
        assert Counter(event.item_id for event in events) == Counter(expected)
        assert min(event.timestamp for event in events) > now


def test_the_seconds_before_consent_are_not_counted(browser: Browser, shop: Shop) -> None:
    with visit(browser, shop.address, also=(shop.plait,)) as seen:
        page = seen.page
        page.goto(shop.page("late", "item.html", item="space-1", title="Comets", recommendation=""))
        page.wait_for_function("window.plait !== undefined")
        page.wait_for_timeout(2000)
        page.evaluate(HIDE, True)
        page.evaluate(HIDE, False)
        began = time.monotonic()
        page.click("#yes")
        page.wait_for_timeout(500)
        page.goto("about:blank")
        took = time.monotonic() - began
        [view] = shop.until("late", 1)
        assert view.value is not None
        assert 0 < view.value < took


def test_consent_that_is_withdrawn_forgets(browser: Browser, shop: Shop) -> None:
    with visited(browser, shop, "") as seen:
        page, batches = seen.page, sent(seen.page)
        page.locator(CARDS).nth(0).get_by_role("button").click()
        names = kept(page)
        assert any(name.startswith("plait.event.") for name in names)
        visitor = page.evaluate("localStorage.getItem('plait.user')")
        assert visitor.startswith("anonymous-")
        shop.until(visitor, 1)
        page.context.set_offline(True)
        page.locator(CARDS).nth(1).get_by_role("button").click()
        page.click("#no")
        assert kept(page) == []
        page.context.set_offline(False)
        before, had = len(batches), len(shop.events(visitor))
        in_sight(page)
        page.goto("about:blank")
        page.wait_for_timeout(1500)
        assert len(batches) == before
        assert len(shop.events(visitor)) == had
        seen.said[:] = [line for line in seen.said if LOST not in line]


def test_what_is_done_offline_arrives_once(browser: Browser, shop: Shop) -> None:
    with visited(browser, shop, "offline") as seen:
        page = seen.page
        in_sight(page)
        page.context.set_offline(True)
        for number in range(3):
            page.locator(CARDS).nth(number).get_by_role("button").click()
        page.wait_for_timeout(2500)
        assert shop.events("offline", "like") == []
        page.context.set_offline(False)
        assert len(shop.until("offline", 3, "like")) == 3
        assert kept(page) == []
        # The page may be closed meanwhile: the next one of the shop brings it.
        page.context.set_offline(True)
        page.locator(CARDS).nth(3).get_by_role("button").click()
        page.close()
        # What it tries as it is left it must have tried before the network is there again.
        time.sleep(1)
        page.context.set_offline(False)
        time.sleep(1)
        assert len(shop.events("offline", "like")) == 3
        page = page.context.new_page()
        page.goto(shop.page("offline"))
        likes = shop.until("offline", 4, "like")
        assert len(likes) == len({like.event_id for like in likes}) == 4
        seen.said[:] = [line for line in seen.said if LOST not in line]


def test_a_page_that_is_closed_has_sent_what_it_saw(browser: Browser, shop: Shop) -> None:
    with visited(browser, shop, "closes") as seen:
        page = seen.page
        page.evaluate("document.body.dataset.plaitView = 'space-1'")
        page.locator(CARDS).nth(0).get_by_role("button").click()
        page.close()
        # A view is known, and sent, only as its page is left.
        shop.until("closes", 1, "view")
    # On a busy machine the cards may have been seen for long enough.
    found = Counter(event.event for event in shop.events("closes") if event.event != "impression")
    assert found == {"click": 1, "like": 1, "view": 1}


def test_two_tabs_take_nothing_from_one_another(browser: Browser, shop: Shop) -> None:
    track = "name => { for (let n = 0; n < 100; n++) window.plait.track('click', 'space-1'); }"
    with visited(browser, shop, "tabs") as seen:
        other = seen.page.context.new_page()
        other.goto(shop.page("tabs"))
        other.wait_for_function("window.plait !== undefined")
        for page in (seen.page, other) * 2:
            page.evaluate(f"({track})()")
        events = shop.until("tabs", 400, "click")
        assert len(events) == len({event.event_id for event in events}) == 400


def test_more_than_may_wait_drops_the_oldest(browser: Browser, shop: Shop) -> None:
    with visited(browser, shop, "many") as seen:
        seen.page.context.set_offline(True)
        seen.page.evaluate("""async () => { for (let n = 0; n < 510; n++) {
            window.plait.track('dislike', 'space-1', n);
            if (n % 5 === 4) await new Promise(done => setTimeout(done, 2));
        } }""")
        seen.page.context.set_offline(False)
        values = [event.value for event in shop.until("many", 490, "dislike") if event.value is not None]
        assert sorted(values)[-490:] == list(range(20, 510))
        assert len(values) <= 500
        seen.said[:] = [line for line in seen.said if LOST not in line]


def test_a_batch_that_is_sent_twice_counts_once(browser: Browser, shop: Shop) -> None:
    with visited(browser, shop, "twice") as seen:
        batches = sent(seen.page)
        in_sight(seen.page)
        had = shop.until("twice", 1)
        # The browser tells of what it sent when it is next asked.
        seen.page.wait_for_timeout(1)
        assert batches
        for batch in batches:
            request = Request(f"{shop.plait}/v1/collect", json.dumps(batch).encode(), {"Origin": shop.address})
            with urlopen(request) as answer:
                told = json.loads(answer.read())
            assert told == {"accepted": 0, "duplicates": len(batch["events"]), "refused": 0}
    assert shop.events("twice") == had


def test_an_element_that_shows_another_item_is_seen_anew(browser: Browser, shop: Shop) -> None:
    with visited(browser, shop, "renews") as seen:
        first = in_sight(seen.page)
        others = [item for item in parts(seen.page) if item not in first]
        seen.page.evaluate(
            "([cards, item]) => { document.querySelector(cards).dataset.plaitItem = item; }", [CARDS, others[-1]]
        )
        in_sight(seen.page)
        events = shop.until("renews", len(first) + 1)
    assert Counter(event.item_id for event in events) == Counter([*first, others[-1]])

"""The page in a real browser, before the real service, on a studio catalogue."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request, expect

from plait import Recommender
from scripts.served import served
from tests.copying import copied
from tests.system.browser import axe_source, visit
from tests.system.commands import answer_of

pytestmark = pytest.mark.system
USER = "u003"
OTHER = {"image": "audio", "audio": "image"}


def first_with(rows: dict[str, dict[str, str]], *columns: str) -> str:
    return next(item_id for item_id, row in rows.items() if all(row[column] for column in columns))


@pytest.mark.parametrize("width", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_view_has_a_serious_fault(browser: Browser, address: str, width: str, scheme: str) -> None:
    axe = axe_source()
    views = ("search", "search/rain", "item/s000", f"user/{USER}", "what-if/s000,s001", f"map/{USER}", "cold-start",
             "models", "quality", "user/nobody-knows-them", "item/no-such-item")  # fmt: skip
    with visit(browser, address, width=width, scheme=scheme) as seen:
        for view in views:
            seen.go(view)
            seen.still()
            assert seen.faults(axe) == [], view
            assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view
        # An item that is not there is asked for, and the browser says so itself.
        assert all("404" in line for line in seen.said)
        assert len(seen.said) == 1
        seen.said.clear()


def test_words_find_as_one_types(browser: Browser, address: str, rows: dict[str, dict[str, str]]) -> None:
    wanted = first_with(rows, "title", "description")
    with visit(browser, address) as seen:
        seen.go("search")
        everything = seen.items(".tiles")
        seen.page.get_by_label("Words", exact=True).first.press_sequentially(rows[wanted]["description"][:60])
        expect(seen.page.locator(".view > .count")).to_contain_text("nearest")
        found = seen.changed(".tiles", everything)
        while wanted not in found[:3]:
            # What was found by the words until now, or by fewer of them.
            found = seen.changed(".tiles", found)
        assert seen.page.locator(".tile .bar").count() >= len(found)


@pytest.mark.parametrize(
    ("column", "label", "kind"), [("image", "Picture", "image/jpeg"), ("audio", "Sound", "audio/flac")]
)
def test_a_dropped_medium_finds_its_item(
    browser: Browser, address: str, studio: Path, rows: dict[str, dict[str, str]], column: str, label: str, kind: str
) -> None:
    bare = next(i for i, row in rows.items() if row[column] and not (row["title"] or row[OTHER[column]]))
    whole = first_with(rows, "title", "image", "audio")
    with visit(browser, address) as seen:
        for wanted in (bare, whole):
            seen.go("search")
            seen.drop(label, studio / "files" / rows[wanted][column], kind)
            expect(seen.page.locator(".view > .count")).to_contain_text("nearest")
            assert seen.items(".tiles")[0] == wanted


def test_weights_change_what_is_found(browser: Browser, address: str) -> None:
    with visit(browser, address) as seen:
        seen.go("search/waves of the sea")
        before = seen.items(".tiles")
        seen.page.get_by_text("What counts how much").click()
        wanted = {"text": 0, "image": 0, "audio": 1, "lexical": 0}

        def asks(request: Request) -> bool:
            """Where the three come slowly the page asks for what two of them find as well."""
            return request.url.endswith("/v1/search") and json.loads(request.post_data or "{}")["weights"] == wanted

        with seen.page.expect_request(asks):
            for name in ("text", "image", "lexical"):
                seen.page.locator(f"#weight-{name}").fill("0")
        seen.changed(".tiles", before)


def test_a_sound_is_recorded(browser: Browser, address: str) -> None:
    with visit(browser, address) as seen:
        seen.go("search")
        seen.page.get_by_role("button", name="Record").click()
        expect(seen.page.get_by_role("button", name="Stop")).to_be_visible()
        seen.page.wait_for_timeout(1200)
        seen.page.get_by_role("button", name="Stop").click()
        expect(seen.page.locator(".view > .count")).to_contain_text("nearest")
        assert seen.items(".tiles")


def test_a_like_and_a_hide_change_the_list(browser: Browser, address: str) -> None:
    with visit(browser, address) as seen:
        seen.go(f"user/{USER}")
        for action in ("like", "hide"):
            before = seen.items(".ranking")
            assert len(before) == 10
            # By the keyboard alone.
            seen.page.locator(f".ranking > li:nth-child(2) .{action}").focus()
            seen.page.keyboard.press("Enter")
            expect(seen.page.locator(f'.ranking [data-item="{before[1]}"]')).to_have_count(0)
            after = seen.items(".ranking")
            assert len(after) == 10
            assert before[1] not in after
            assert seen.page.evaluate("document.activeElement.closest('.ranked') !== null")
            expect(seen.page.get_by_role("status").first).to_contain_text(f"{action} recorded")
        assert seen.page.locator(".attention li").count() >= 2
        assert all(seen.page.locator(".why").all_inner_texts())


def test_a_made_up_history(browser: Browser, address: str, shown: Path) -> None:
    history = [f"s{number:03d}" for number in range(0, 24, 3)]
    events = Recommender.open(shown).workspace.store.sequence()
    with visit(browser, address) as seen:
        seen.go("what-if/" + ",".join(history))
        before = seen.items(".ranking")
        assert not set(before) & set(history)
        seen.page.locator(".history li").first.get_by_role("button", name="Later").click()
        assert seen.items(".history")[:2] == [history[1], history[0]]
        for _ in history[1:]:
            seen.page.locator(".history li").last.get_by_role("button", name="Remove").click()
        seen.changed(".ranking", before)
        assert seen.items(".history") == [history[1]]
        seen.page.locator("[data-add]").first.click()
        expect(seen.page.locator(".history li")).to_have_count(2)
    assert Recommender.open(shown).workspace.store.sequence() == events


def test_an_item_and_where_it_leads(browser: Browser, address: str, rows: dict[str, dict[str, str]]) -> None:
    wanted = first_with(rows, "title", "image", "audio")
    with visit(browser, address) as seen:
        seen.go(f"item/{wanted}")
        expect(seen.page.get_by_role("heading", level=1)).to_have_text(rows[wanted]["title"])
        for way in ("Similar", "Looks alike"):
            assert len(seen.items(f"[data-way='{way}']")) >= 4
            assert wanted not in seen.items(f"[data-way='{way}']")
        parts = set(seen.page.locator("[data-way='Looks alike'] .bars .name").all_inner_texts())
        assert parts == {"Picture"}
        assert seen.page.locator(".people li").count() == 8
        seen.page.locator("[data-way='Similar'] h3 a").first.click()
        expect(seen.page.get_by_role("heading", level=1)).not_to_have_text(rows[wanted]["title"])
        expect(seen.page.get_by_role("heading", level=1)).to_be_focused()


def test_an_item_is_edited_and_removed(browser: Browser, studio: Path, tmp_path: Path) -> None:
    workspace = copied(studio / "workspace", tmp_path / "workspace")
    with served(workspace) as (_, address), visit(browser, address) as seen:
        seen.go("item/s001")
        seen.page.get_by_text("Edit or remove").click()
        seen.page.get_by_label("Title").fill("A new & other name")
        seen.page.get_by_role("button", name="Save").click()
        expect(seen.page.get_by_role("heading", level=1)).to_have_text("A new & other name")
        # Until it is drawn the page moves, and a click may meet something else.
        seen.page.wait_for_selector(".view[data-ready]")
        seen.page.get_by_text("Edit or remove").click()
        seen.page.get_by_role("button", name="Remove").click()
        assert Recommender.open(workspace).titles(["s001"]) == {"s001": "A new & other name"}
        seen.page.get_by_role("button", name="Really remove it").click()
        seen.page.wait_for_selector('[data-view="search"][data-ready]')
        assert "s001" not in seen.items(".tiles")
        assert Recommender.open(workspace).titles(["s001"]) == {}


def test_the_map(browser: Browser, address: str, rows: dict[str, dict[str, str]]) -> None:
    drawn = "document.querySelector('canvas').toDataURL()"
    with visit(browser, address) as seen:
        seen.go("map")
        bare = seen.page.evaluate(drawn)
        seen.page.locator("canvas").focus()
        seen.page.keyboard.press("+")
        zoomed = seen.page.evaluate(drawn)
        seen.page.keyboard.press("0")
        assert zoomed != bare
        assert seen.page.evaluate("document.querySelector('canvas').toDataURL()") == bare
        seen.page.get_by_label("With a user's taste").fill(USER)
        seen.page.get_by_role("button", name="Show").click()
        expect(seen.page.locator(".view > .count")).to_contain_text("interests")
        assert seen.page.evaluate(drawn) != bare
        seen.page.get_by_text("The map as a list").click()
        assert seen.page.locator(".listed a").count() == len(rows)


def test_a_cold_start(browser: Browser, address: str, studio: Path, rows: dict[str, dict[str, str]]) -> None:
    wanted = first_with(rows, "image")
    with visit(browser, address) as seen:
        seen.go("cold-start")
        seen.page.get_by_label("Description").press_sequentially("Surf and gulls at low water")
        expect(seen.page.locator(".people li")).to_have_count(9)
        by_words = seen.items(".tiles")
        seen.drop("Picture", studio / "files" / rows[wanted]["image"], "image/jpeg")
        expect(seen.page.locator(f'.tiles [data-item="{wanted}"]')).to_have_count(1)
        assert seen.items(".tiles") != by_words


def test_models_and_charts(browser: Browser, studio: Path, tmp_path: Path) -> None:
    workspace = copied(studio / "workspace", tmp_path / "workspace")
    answer_of("train", workspace, "--budget", "15s")
    with served(workspace) as (_, address), visit(browser, address) as seen:
        seen.go("models")
        expect(seen.page.locator('[data-model="2"]')).to_contain_text("Answers now")
        seen.page.get_by_role("button", name="Promote model 1").click()
        expect(seen.page.locator('[data-model="1"]')).to_contain_text("Answers now")
        seen.page.get_by_role("button", name="Roll back").click()
        expect(seen.page.locator('[data-model="2"]')).to_contain_text("Answers now")
        recall = seen.page.get_by_role("region", name="Recall of the index")
        expect(recall.locator("strong")).to_have_text("100.0 %")
        # A second look draws a line.
        expect(recall.locator(".drawn")).to_have_attribute("d", re.compile("L"))
        latency = seen.page.get_by_role("region", name="Latency, median").locator("strong")
        expect(latency).to_contain_text("ms")


def test_quality(browser: Browser, address: str, rows: dict[str, dict[str, str]]) -> None:
    with visit(browser, address) as seen:
        seen.go("quality")
        without = sum(not row["image"] for row in rows.values())
        line = seen.page.get_by_role("region", name="Missing").locator("li", has_text="No picture")
        expect(line).to_contain_text(f"{without} ·")
        assert seen.page.get_by_role("region", name="Events").locator("li").count() >= 4


def test_colours_are_switched_and_kept(browser: Browser, address: str) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    with visit(browser, address) as seen:
        seen.go("search")
        light = seen.page.evaluate(paper)
        seen.page.get_by_role("button", name="Dark").click()
        dark = seen.page.evaluate(paper)
        assert dark != light
        seen.go("quality")
        assert seen.page.evaluate(paper) == dark


def test_the_keyboard_goes_through_and_out(browser: Browser, address: str) -> None:
    place = "document.activeElement === document.body ? '' : document.activeElement.outerHTML.slice(0, 120)"
    with visit(browser, address) as seen:
        seen.go("quality")
        reached = []
        for _ in range(200):
            seen.page.keyboard.press("Tab")
            reached.append(seen.page.evaluate(place))
            if len(reached) > 1 and (not reached[-1] or reached[-1] == reached[0]):
                break
        assert "skip" in reached[0]
        assert any('href="#/user"' in one for one in reached)
        # It came to the end, rather than staying in one place.
        assert not reached[-1] or reached[-1] == reached[0]
        assert not any(one == another for one, another in pairwise(reached[:-1]))


def test_whoever_uses_the_keyboard_sees_where_they_are(browser: Browser, address: str) -> None:
    focused = """(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
        const { top, bottom, left, right } = document.activeElement.getBoundingClientRect();
        const inside = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
        const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
        return { name: document.activeElement.outerHTML.slice(0, 120), outlined, inside };
    })()"""
    for width in ("desktop", "phone"):
        with visit(browser, address, width=width) as seen:
            seen.go(f"user/{USER}")
            for _ in range(30):
                seen.page.keyboard.press("Tab")
                found = seen.page.evaluate(focused)
                assert found["outlined"], found
                assert found["inside"], found
            # The first stop leads past the views, to what is shown.
            seen.go("quality")
            seen.page.keyboard.press("Tab")
            expect(seen.page.get_by_role("link", name="Skip to content")).to_be_focused()
            seen.page.keyboard.press("Enter")
            expect(seen.page.locator("main")).to_be_focused()
            assert seen.page.url.endswith("#/quality")
            seen.page.keyboard.press("Tab")
            assert seen.page.evaluate("document.activeElement.closest('main') !== null")

"""A browser before the real service: Debian's Chromium, which tells of everything that goes wrong in it."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

WIDTHS = {"desktop": (1280, 860), "phone": (360, 740)}
SECONDS = 60_000
# What holds for a context does not hold for `expect`, which gives up after 5 s.
expect.set_options(timeout=SECONDS)
OUTLINE = "els => els.map(el => el.dataset.item)"


def chromium() -> str:
    """Return the browser, or skip; where CI says that it must be there, its absence fails."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        _absent("no chromium on this machine: apt-get install chromium")
    assert found is not None
    return found


def axe_source() -> str:
    """Return the script of axe-core, or skip as `chromium` does."""
    spec = find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        _absent("axe-playwright-python is not installed: pip install '.[dev]'")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def _absent(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def launched() -> Iterator[Browser]:
    """Give a browser with a microphone that hears a tone."""
    arguments = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page under watch: what its console said, and which addresses it asked."""

    page: Page
    address: str
    also: tuple[str, ...] = ()
    """Other addresses that it may ask."""
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def go(self, view: str) -> None:
        """Go to a view and wait until it is drawn."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}/#/{view}")
        self.page.wait_for_selector(".view[data-ready]", timeout=SECONDS)

    def until(self, script: str) -> None:
        """Wait until a script says so; the page's policy allows no `wait_for_function`."""
        for _ in range(SECONDS // 100):
            if self.page.evaluate(script):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(script)

    def still(self) -> None:
        """Wait until nothing fades in: the colours of what does are no fault."""
        self.page.wait_for_timeout(450)
        self.until("document.getAnimations().every(one => one.playState !== 'running')")

    def items(self, selector: str) -> list[str]:
        """Return the item ids of rows or tiles, in order."""
        found: list[str] = self.page.eval_on_selector_all(f"{selector} [data-item]", OUTLINE)
        return found

    def changed(self, selector: str, before: list[str]) -> list[str]:
        """Wait until other items are shown than before; return their ids."""
        for _ in range(SECONDS // 100):
            if (found := self.items(selector)) and found != before:
                return found
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{selector} shows {before} still")

    def drop(self, label: str, path: Path, kind: str) -> None:
        """Drop a file where a group is labelled so."""
        transfer = self.page.evaluate_handle(
            """([name, kind, bytes]) => {
                const transfer = new DataTransfer();
                transfer.items.add(new File([new Uint8Array(bytes)], name, {type: kind}));
                return transfer;
            }""",
            [path.name, kind, list(path.read_bytes())],
        )
        self.page.get_by_role("group", name=label).dispatch_event("drop", {"dataTransfer": transfer})

    def faults(self, axe: str) -> list[str]:
        """Return what axe calls serious or critical, with where."""
        self.page.evaluate(axe)
        found: dict[str, Any] = self.page.evaluate("axe.run()")
        return [
            json.dumps([one["id"], [node["html"] for node in one["nodes"]]])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]

    def assert_quiet(self) -> None:
        """Assert that the console said nothing and that every address was the service's, or one of the others."""
        assert self.said == []
        assert self.asked, "no request was seen: the watch does not work"
        allowed = (*(f"{address}/" for address in (self.address, *self.also)), "blob:", "about:", "data:")
        assert [one for one in self.asked if not one.startswith(allowed)] == []


@contextmanager
def visit(
    browser: Browser, address: str, *, width: str = "desktop", scheme: str = "light", also: tuple[str, ...] = ()
) -> Iterator[Visit]:
    """Open a page at the service; when it is left nothing may have gone wrong in it, nor in others that it opened."""
    across, down = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": across, "height": down},
        color_scheme="dark" if scheme == "dark" else "light",
        permissions=["microphone"],
    )
    context.set_default_timeout(SECONDS)
    said: list[str] = []
    asked: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    context.on("weberror", lambda told: said.append(str(told.error)))
    context.on("request", lambda request: asked.append(request.url))
    context.on("page", lambda page: page.on("websocket", lambda socket: asked.append(socket.url)))
    found = Visit(context.new_page(), address, also, said, asked)
    yield found
    context.close()
    found.assert_quiet()

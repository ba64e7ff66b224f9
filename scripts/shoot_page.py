"""Take pictures of the page of a service that runs, at desktop and phone width, into a folder.

python -m scripts.shoot_page http://127.0.0.1:8000 docs/screenshots --user u001 --item s000
"""

import argparse
import io
import shutil
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

WIDTHS: dict[str, tuple[int, int, Literal["light", "dark"]]] = {
    "desktop": (1280, 860, "light"),
    "phone": (360, 740, "dark"),
}
COLOURS = 128


def views(user: str, item: str) -> dict[str, str]:
    """Return the address of each view by the name of its picture."""
    history = ",".join(f"s{number:03d}" for number in range(0, 18, 3))
    return {
        "search": "search/rain on the roof", "item": f"item/{item}", "user": f"user/{user}",
        "what-if": f"what-if/{history}",
        "map": f"map/{user}", "cold-start": "cold-start", "models": "models", "quality": "quality",
    }  # fmt: skip


def shoot(browser: Browser, address: str, folder: Path, wanted: dict[str, str]) -> None:
    """Write NAME-WIDTH.png of each view, in few colours so that the files stay small."""
    for width, (across, down, scheme) in WIDTHS.items():
        context = browser.new_context(viewport={"width": across, "height": down}, color_scheme=scheme)
        page = context.new_page()
        for name, view in wanted.items():
            page.goto("about:blank")
            page.goto(f"{address}/#/{view}")
            page.wait_for_selector(".view[data-ready]")
            if name == "cold-start":
                page.get_by_label("Title").fill("Tidal")
                page.get_by_label("Description").fill("Surf and gulls at low water")
                page.wait_for_selector(".people li")
            # Fading, late pictures, and the lines of charts.
            page.wait_for_timeout(9_000 if name == "models" else 800)
            page.evaluate("document.activeElement.blur()")
            shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            shown.save(folder / f"{name}-{width}.png", optimize=True)
        context.close()


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--user", required=True)
    parser.add_argument("--item", required=True)
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        shoot(browser, asked.address, asked.folder, views(asked.user, asked.item))
        browser.close()


if __name__ == "__main__":
    main()

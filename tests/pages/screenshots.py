"""Pictures of the page for people to look at: python -m tests.pages.screenshots FOLDER."""

import asyncio
import sys
from itertools import product
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.pages import world
from tests.pages.browsing import ARGUMENTS, DESK, PHONE, find_browser
from tests.pages.twin import Twin, serving

ASKED = f"/?gtin={world.GTIN}&lat=33.749&lon=-84.38798&place=Atlanta%2C+GA&radius_m=48280"
SIGHTS = {
    "results": ASKED,
    "start": "/",
    "beyond": f"/?gtin={world.FAR}&near=Atlanta",
    "error": "/?gtin=00300691085300&near=Atlanta",
    "accuracy": "/accuracy",
    "down": f"/?gtin={world.DOWN}&near=Atlanta",
}


async def take_all(folder: Path) -> None:
    """One PNG for each sight, width and colour scheme."""
    folder.mkdir(parents=True, exist_ok=True)
    async with serving(Twin()) as origin, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        for name, viewport, scheme in product(SIGHTS, (PHONE, DESK), ("light", "dark")):
            path = folder / f"{name}-{viewport['width']}-{scheme}.png"
            await take(browser, origin + SIGHTS[name], viewport, scheme, path)
        await browser.close()


async def take(browser: Browser, url: str, viewport: dict[str, int], scheme: str, path: Path) -> None:
    context = await browser.new_context(
        viewport=viewport,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="en-US",
        device_scale_factor=2,
    )
    page = await context.new_page()
    await page.goto(url)
    await page.locator("#answer:not([aria-busy=true]) h2").first.wait_for()
    await page.screenshot(path=path, full_page=True)
    await context.close()


if __name__ == "__main__":
    asyncio.run(take_all(Path(sys.argv[1])))

"""Pictures of the widget for people to look at: python -m tests.widget.screenshots FOLDER."""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.pages.browsing import ARGUMENTS, find_browser
from tests.widget.hosts import hosting
from tests.widget.sights import SIGHTS, Sight
from tests.widget.world import World, serving


async def take_all(folder: Path) -> None:
    """One PNG for each sight."""
    folder.mkdir(parents=True, exist_ok=True)
    world = World()
    async with serving(world) as origin, hosting(origin) as (hosts, world.origin), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        for name, sight in SIGHTS.items():
            await take(browser, world.origin + hosts.add(name, sight.host), sight, folder / f"{name}.png")
        await browser.close()


async def take(browser: Browser, url: str, sight: Sight, path: Path) -> None:
    context = await browser.new_context(**{"locale": "en-US", "device_scale_factor": 2} | sight.browser)
    page = await context.new_page()
    page.on("console", lambda message: print(path.stem, message.text))
    page.on("pageerror", lambda error: print(path.stem, error))
    await page.goto(url)
    await page.locator("nearshelf-availability form").first.wait_for(state="attached")
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=path, full_page=True)
    await context.close()


if __name__ == "__main__":
    asyncio.run(take_all(Path(sys.argv[1])))

"""Pictures of the staff page for people to look at: python -m tests.pages.staff.screenshots FOLDER."""

import asyncio
import sys
from itertools import product
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.pages.browsing import ARGUMENTS, DESK, PHONE, find_browser
from tests.pages.staff.test_manners import SIGHTS, lead_to
from tests.pages.staff.twin import StaffTwin, serving


async def take_all(folder: Path) -> None:
    """One PNG for each sight, width and colour scheme."""
    folder.mkdir(parents=True, exist_ok=True)
    twin = StaffTwin()
    async with serving(twin) as origin, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        for sight, viewport, scheme in product(SIGHTS, (PHONE, DESK), ("light", "dark")):
            path = folder / f"staff-{sight}-{viewport['width']}-{scheme}.png"
            await take(browser, origin, twin, sight, viewport, scheme, path)
        await browser.close()


async def take(
    browser: Browser, origin: str, twin: StaffTwin, sight: str, viewport: dict[str, int], scheme: str, path: Path
) -> None:
    context = await browser.new_context(
        viewport=viewport,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="en-US",
        device_scale_factor=2,
    )
    page = await context.new_page()
    await page.goto(origin + "/staff")
    await lead_to(page, sight, twin)
    await page.screenshot(path=path)
    await context.close()


if __name__ == "__main__":
    asyncio.run(take_all(Path(sys.argv[1])))

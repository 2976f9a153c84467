"""Pictures of the page for people to look at: set SCREENSHOTS to a folder."""

import os
from pathlib import Path

import pytest

from tests.pages import world
from tests.pages.conftest import DESK, PHONE, OpenWindow

FOLDER = os.environ.get("SCREENSHOTS")
SHOWN = f"/?gtin={world.GTIN}&lat=33.749&lon=-84.38798&place=Atlanta%2C+GA&radius_m=48280"
SIGHTS = {
    "results": SHOWN,
    "start": "/",
    "beyond": f"/?gtin={world.FAR}&near=Atlanta",
    "error": "/?gtin=00300691085300&near=Atlanta",
    "down": f"/?gtin={world.DOWN}&near=Atlanta",
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(not FOLDER, reason="SCREENSHOTS names no folder"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("sight", SIGHTS)
async def test_a_picture_of_each_sight_is_taken(
    window: OpenWindow, scheme: str, viewport: dict[str, int], sight: str
) -> None:
    made = await window(color_scheme=scheme, viewport=viewport, device_scale_factor=2)
    page = await made.open(SIGHTS[sight])
    await page.locator("#answer:not([aria-busy=true]) h2").first.wait_for()
    path = Path(FOLDER or ".") / f"{sight}-{viewport['width']}-{scheme}.png"
    await page.screenshot(path=path, full_page=True)
    assert path.stat().st_size > 0

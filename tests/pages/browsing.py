"""What the tests of pages share: the browser of this machine, screen sizes, and a watched window."""

import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from playwright.async_api import BrowserContext, Locator, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


@dataclass
class Window:
    """A page, and everything about it that must not happen."""

    page: Page
    context: BrowserContext
    origin: str
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def open(self, address: str = "/") -> Page:
        await self.page.goto(self.origin + address)
        return self.page


async def look(page: Page, visibility: str) -> None:
    """Somebody comes back to the page (`visible`), or looks at another (`hidden`): headless windows are always seen."""
    await page.evaluate(
        """state => {
          Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        visibility,
    )


OpenWindow = Callable[..., Awaitable[Window]]


def suggestions(page: Page) -> Locator:
    """What a search box offers; not the choices of the radius, which are options too."""
    return page.locator(".list").get_by_role("option")


def find_browser() -> str | None:
    """The path of a Chromium on this machine."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for found in map(shutil.which, NAMES) if found), None)

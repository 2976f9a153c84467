"""One browser and one twin of the service per test process; a fresh, watched window per test."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Route, async_playwright

from tests.pages.twin import Twin

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
]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
EXPECTED_NOISE = "Failed to load resource"
"""Chromium's own line about a 4xx or 5xx that a test provoked."""


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


OpenWindow = Callable[..., Awaitable[Window]]


def suggestions(page: Page) -> Locator:
    """What a search box offers; not the choices of the radius, which are options too."""
    return page.locator(".list").get_by_role("option")


def find_browser() -> str | None:
    """The path of a Chromium on this machine."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for found in map(shutil.which, NAMES) if found), None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def twin() -> AsyncIterator[Twin]:
    made = Twin()
    runner = web.AppRunner(made.application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    made.origin = f"http://{host}:{port}"
    yield made
    await runner.cleanup()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = find_browser()
    if path is None:
        pytest.skip("skipped: no browser")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser, twin: Twin) -> AsyncIterator[OpenWindow]:
    """Opens windows; afterwards none may have left the origin, complained on its console or kept a cookie."""
    origin = twin.origin
    twin.forget()
    twin.origin = origin
    opened: list[Window] = []

    async def make(**settings: Any) -> Window:
        context = await browser.new_context(**({"viewport": PHONE, "locale": "en-US"} | settings))
        context.set_default_timeout(8_000)
        made = Window(await context.new_page(), context, origin)
        await _watch(made)
        opened.append(made)
        return made

    yield make
    for each in opened:
        cookies = await each.context.cookies()
        await each.context.close()
        assert (each.strangers, each.complaints, cookies) == ([], [], [])


async def _watch(made: Window) -> None:
    async def refuse(route: Route) -> None:
        made.strangers.append(route.request.url)
        await route.abort()

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED_NOISE):
            made.complaints.append(message.text)

    await made.context.route(lambda url: not url.startswith(made.origin), refuse)
    made.page.on("console", listen)
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))

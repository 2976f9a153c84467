"""One browser per test process; a twin of the service and fresh, watched windows per test."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Route, async_playwright, expect

from tests.pages.browsing import ARGUMENTS, PHONE, OpenWindow, Window, find_browser
from tests.pages.twin import Twin, serving

EXPECTED_NOISE = "Failed to load resource"
"""Chromium's own line about a 4xx or 5xx that a test provoked."""

EXPECTED_WITHIN_MS = 15_000
"""Of whatever a page is to show: other tests run beside."""


@pytest.fixture
def twin() -> Twin:
    """A new one at an address of its own: what a page of another test still asks reaches it not."""
    return Twin()


@pytest_asyncio.fixture(loop_scope="session")
async def origin(twin: Twin) -> AsyncIterator[str]:
    async with serving(twin) as address:
        yield address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = find_browser()
    if path is None:
        pytest.skip("skipped: no browser")
    async with async_playwright() as playwright:
        expect.set_options(timeout=EXPECTED_WITHIN_MS)
        started = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser, origin: str, twin: Twin) -> AsyncIterator[OpenWindow]:
    """Opens windows; afterwards none may have left the origin, complained on its console or kept a cookie."""
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

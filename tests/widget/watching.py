"""A window on a partner's page that sees whatever a widget must not do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Route

from tests.pages.browsing import PHONE
from tests.pages.conftest import EXPECTED_NOISE

LISTEN = """
  window.shifted = 0;
  window.heard = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  for (const name of ["nearshelf:answer", "nearshelf:error"]) {
    document.addEventListener(name, ({ type, detail, target }) => heard.push({ type, detail, tag: target.localName }));
  }
"""
KEPT = """
  async () => [
    document.cookie, ...Object.keys(localStorage), ...Object.keys(sessionStorage),
    ...(await indexedDB.databases()).map((each) => each.name), ...(await caches.keys()),
  ].filter(Boolean)
"""


@dataclass
class Visit:
    """A partner's page in a browser, and everything about it that is remembered."""

    page: Page
    context: BrowserContext
    service: str
    requests: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def widget(self) -> Locator:
        return self.page.locator("nearshelf-availability")

    @property
    def news(self) -> Locator:
        return self.page.locator("nearshelf-availability").get_by_role("status")

    @property
    def asked(self) -> list[str]:
        """What the service was asked, without what the host page loads itself."""
        return [url.removeprefix(self.service) for url in self.requests if url.startswith(self.service)]

    async def ask(self, place: str) -> None:
        await self.page.get_by_placeholder("Town or postcode").fill(place)
        await self.page.get_by_role("button", name="Check").click()

    async def heard(self) -> list[dict[str, Any]]:
        """The events that reached the document."""
        found: list[dict[str, Any]] = await self.page.evaluate("heard")
        return found

    async def kept(self) -> list[str]:
        """Names of all that is on the device now."""
        cookies = [cookie["name"] for cookie in await self.context.cookies()]
        script = self.page.url.startswith("http") and await self.page.evaluate("typeof heard") != "undefined"
        return cookies + (await self.page.evaluate(KEPT) if script else [])


Visiting = Callable[..., Awaitable[Visit]]


async def watched(browser: Browser, known: tuple[str, str], settings: dict[str, Any]) -> Visit:
    """`known`: the origins of the partner and of the service, which alone may be asked."""
    context = await browser.new_context(**({"viewport": PHONE, "locale": "en-US"} | settings))
    context.set_default_timeout(15_000)
    await context.add_init_script(LISTEN)
    made = Visit(await context.new_page(), context, known[1])

    async def refuse(route: Route) -> None:
        made.strangers.append(route.request.url)
        await route.abort()

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED_NOISE):
            made.complaints.append(message.text)

    def count(request: Request) -> None:
        made.requests.append(request.url)

    await context.route(lambda address: not address.startswith(known), refuse)
    context.on("request", count)
    made.page.on("console", listen)
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
    return made

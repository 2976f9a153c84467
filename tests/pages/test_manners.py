"""How the page behaves for everybody: small screens, dark rooms, screen readers, no script, no jumping."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.pages import world
from tests.pages.browsing import DESK, PHONE, OpenWindow, suggestions

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SHOWN = f"/?gtin={world.GTIN}&near=Atlanta&radius_m=48280"
SIGHTS = ["/", SHOWN, f"/?gtin={world.FAR}&near=Atlanta", "/?gtin=00300691085300&near=Atlanta"]
COUNT_SHIFTS = """
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""
SMALL_TARGETS = """
  [...document.querySelectorAll("a, button, input, select, summary")]
    .filter((node) => node.checkVisibility() && !node.closest(".skip, p:not(.actions, .more)"))
    .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
    .filter(([, box]) => box.height < 44 || box.width < 44)
    .map(([text]) => text)
"""


async def settled(page: Page) -> None:
    await page.locator("#answer:not([aria-busy=true]) h2").first.wait_for()


async def serious_findings(page: Page) -> list[Any]:
    found = (await Axe().run(page)).response["violations"]
    return [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", SIGHTS)
async def test_axe_finds_nothing_serious(window: OpenWindow, scheme: str, address: str) -> None:
    page = await (await window(color_scheme=scheme, reduced_motion="reduce")).open(address)
    await settled(page)
    for summary in await page.locator("summary").all():
        await summary.click()
    assert await serious_findings(page) == []


async def test_open_suggestions_are_accessible_too(window: OpenWindow) -> None:
    page = await (await window()).open()
    await page.get_by_role("combobox", name="Product").fill("paxlovid")
    await expect(suggestions(page)).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    assert await serious_findings(page) == []


@pytest.mark.parametrize("viewport", [{"width": 320, "height": 640}, PHONE, DESK], ids=["320", "360", "1280"])
@pytest.mark.parametrize("address", SIGHTS)
async def test_nothing_is_wider_than_the_screen(window: OpenWindow, viewport: dict[str, int], address: str) -> None:
    page = await (await window(viewport=viewport)).open(address)
    await settled(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


async def test_everything_to_tap_is_at_least_44_pixels(window: OpenWindow) -> None:
    page = await (await window(has_touch=True)).open(SHOWN)
    await settled(page)
    assert await page.evaluate(SMALL_TARGETS) == []


async def test_the_page_is_dark_where_the_person_likes_it_dark(window: OpenWindow) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        page = await (await window(color_scheme=scheme)).open(SHOWN)
        grounds[scheme] = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert grounds == {"light": "rgb(244, 242, 236)", "dark": "rgb(18, 21, 25)"}


async def test_nothing_moves_while_the_answer_loads(window: OpenWindow) -> None:
    made = await window()
    await made.context.add_init_script(COUNT_SHIFTS)
    page = await made.open(SHOWN)
    await settled(page)
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert await page.evaluate("shifted") < 0.02


async def test_motion_stops_for_those_who_asked_for_less(window: OpenWindow) -> None:
    page = await (await window(reduced_motion="reduce")).open()
    await page.locator("#locate").evaluate("node => node.setAttribute('aria-busy', 'true')")
    assert await page.locator("#locate .icon").evaluate("node => getComputedStyle(node).animationName") == "none"


async def test_forced_colours_keep_an_edge_around_each_word(window: OpenWindow) -> None:
    page = await (await window(forced_colors="active")).open(SHOWN)
    await settled(page)
    assert await page.locator(".badge").first.evaluate("node => getComputedStyle(node).borderStyle") == "solid"


async def test_without_script_the_page_explains_itself(window: OpenWindow) -> None:
    page = await (await window(java_script_enabled=False)).open()
    await expect(page.get_by_role("heading", name="This page needs JavaScript")).to_be_visible()
    await expect(page.get_by_role("link", name="see how to ask it")).to_have_attribute("href", "/docs")


async def test_what_a_store_writes_never_becomes_markup(window: OpenWindow) -> None:
    made = await window()
    text = "<img src=x onerror=alert(1)>"
    page = await made.open(f"/?gtin={world.GTIN}&lat=33.75&lon=-84.39&place={text}")
    await settled(page)
    await expect(page.locator(".head .muted")).to_contain_text(text)
    await expect(page.locator("#answer img")).to_have_count(0)

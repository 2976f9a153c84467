"""The page while somebody looks: it hears of news, asks each minute beside or without that, and is silent unseen."""

import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import Locator, Page, Response, Route, expect

from tests.pages import world
from tests.pages.browsing import OpenWindow, look
from tests.pages.twin import Twin

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SHOWN = f"/?gtin={world.GTIN}&near=Atlanta&radius_m=48280"
MINUTE_MS = 61_000
LONG_RESTS = "Math.random = () => 0.9"
"""As long as chance ever makes them, so that none is over after a minute."""
REMEMBER_STREAMS = """
  window.streams = [];
  window.EventSource = class extends EventSource {
    constructor(address) {
      super(address);
      streams.push(this);
    }
  };
"""
LIMITED = {"availability": "limited_availability", "quantity_band": "1-2", "probability": 0.6}


def store(page: Page, name: str = "CVS") -> Locator:
    return page.get_by_role("article", name=name)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def by_asking(response: Response) -> bool:
    return "/v1/availability?" in response.url


async def asked_again(page: Page, twin: Twin) -> float:
    """Time passes for the page until it has asked the next question: after how many seconds that was."""
    before, began_ms = len(twin.statuses), await page.evaluate("Date.now()")
    async with asyncio.timeout(30):
        while len(twin.statuses) == before:
            await page.clock.run_for(2_000)
    return float(await page.evaluate("Date.now()") - began_ms) / 1_000


async def opened(window: OpenWindow, script: str = "") -> Page:
    """A page with an answer, whose time the test turns on; `script` runs before its own."""
    made = await window()
    await made.context.add_init_script(script)
    await made.page.clock.install()
    page = await made.open(SHOWN)
    await expect(page.locator(".badge")).to_have_count(5)
    return page


async def test_news_come_without_asking(window: OpenWindow, twin: Twin) -> None:
    page = await opened(window)
    await twin.streams.opened()
    for badge, news in (("Limited", LIMITED), ("In stock", {})):
        twin.tell(**news)
        await expect(store(page).locator(".badge")).to_have_text(badge)
        await page.clock.run_for(5_000)
    assert (len(twin.asked), len(twin.streams.asked)) == (1, 1)
    assert twin.asked == twin.streams.asked


async def test_news_replaces_one_card_and_leaves_it_open_and_focused(window: OpenWindow, twin: Twin) -> None:
    page = await opened(window)
    await twin.streams.opened()
    await store(page).get_by_text("Why").click()
    await store(page).get_by_role("link", name="Call").focus()
    other = await store(page, "Kroger").element_handle()
    spoken = await page.locator("#news").text_content()
    twin.tell(**LIMITED)
    await expect(store(page).locator(".badge")).to_have_text("Limited")
    await expect(store(page).locator(".why")).to_be_visible()
    await expect(store(page).get_by_role("link", name="Call")).to_be_focused()
    assert other is not None
    assert await other.evaluate("node => node.isConnected")
    await expect(page.locator("#news")).to_have_text(spoken or "")


async def test_a_minute_in_which_nothing_is_heard_is_asked_after_and_an_unchanged_answer_stays(
    window: OpenWindow, twin: Twin
) -> None:
    page = await opened(window)
    await twin.streams.opened()
    await store(page).get_by_text("Why").click()
    await asked_again(page, twin)
    assert twin.statuses == [200, 304]
    await page.clock.run_for(50_000)
    assert twin.statuses == [200, 304]
    await expect(store(page).locator(".why")).to_be_visible()
    assert len(twin.streams.asked) == 1


async def test_a_stream_that_did_not_tell_what_asking_found_is_opened_anew(window: OpenWindow, twin: Twin) -> None:
    page = await opened(window)
    await twin.streams.opened()
    twin.changes = LIMITED
    await asked_again(page, twin)
    await expect(store(page).locator(".badge")).to_have_text("Limited")
    await until(lambda: len(twin.streams.asked) == 2 and len(twin.streams.open) == 1)


async def test_an_answer_that_news_overtook_on_its_way_changes_nothing(window: OpenWindow, twin: Twin) -> None:
    page = await opened(window)
    await twin.streams.opened()
    told = asyncio.Event()

    async def hold(route: Route) -> None:
        reply = await route.fetch(headers={"Accept": "application/json"})
        await told.wait()
        await route.fulfill(response=reply, json=await reply.json() | {"answered_at": "2026-11-22T03:40:00Z"})

    await page.route(lambda url: "/v1/availability?" in url, hold)
    await asked_again(page, twin)
    twin.tell(**LIMITED)
    await expect(store(page).locator(".badge")).to_have_text("Limited")
    shown = await store(page).element_handle()
    told.set()
    await until(lambda: len(twin.streams.asked) == 2)
    assert shown is not None
    assert await shown.evaluate("node => node.isConnected")


async def test_an_unseen_page_hears_nothing_and_asks_once_when_somebody_comes_back(
    window: OpenWindow, twin: Twin
) -> None:
    page = await opened(window)
    await twin.streams.opened()
    await look(page, "hidden")
    await until(lambda: not twin.streams.open)
    await page.clock.run_for(5 * MINUTE_MS)
    assert len(twin.asked) == 1
    twin.tell(**LIMITED)
    async with page.expect_response(by_asking):
        await look(page, "visible")
    await expect(store(page).locator(".badge")).to_have_text("Limited")
    await twin.streams.opened()
    await page.clock.run_for(5_000)
    assert (len(twin.asked), len(twin.streams.asked)) == (2, 2)


async def test_a_new_question_is_heard_of_in_place_of_the_old_one_and_none_once_the_page_is_left(
    window: OpenWindow, twin: Twin
) -> None:
    page = await opened(window)
    await twin.streams.opened()
    radius = page.get_by_label("Within")
    await radius.select_option(index=0)
    chosen = await radius.input_value()
    await until(lambda: [each["radius_m"] for each in twin.streams.open] == [chosen])
    await page.goto("about:blank")
    await until(lambda: not twin.streams.open)


async def test_a_broken_stream_comes_back_by_itself(window: OpenWindow, twin: Twin) -> None:
    page = await opened(window)
    await twin.streams.opened()
    twin.streams.cut()
    await until(lambda: len(twin.streams.asked) == 2 and len(twin.streams.open) == 1)
    twin.tell(**LIMITED)
    await expect(store(page).locator(".badge")).to_have_text("Limited")
    assert len(twin.asked) == 1


async def test_a_stream_that_keeps_breaking_is_left_alone_for_a_while(window: OpenWindow, twin: Twin) -> None:
    twin.streams.brief = True
    page = await opened(window, LONG_RESTS)
    await until(lambda: len(twin.streams.asked) == 4)
    await asked_again(page, twin)
    assert len(twin.streams.asked) == 4
    twin.streams.brief = False
    await asked_again(page, twin)
    await twin.streams.opened()
    assert len(twin.streams.asked) == 5


@pytest.mark.parametrize("status", [404, 429, 503])
async def test_where_there_is_no_stream_the_page_asks_each_minute(window: OpenWindow, twin: Twin, status: int) -> None:
    twin.streams.status = status
    page = await opened(window, LONG_RESTS)
    await until(lambda: len(twin.streams.asked) == 1)
    twin.changes = LIMITED
    await asked_again(page, twin)
    await expect(store(page).locator(".badge")).to_have_text("Limited")
    for _ in range(8):
        assert await asked_again(page, twin) > 55
    assert 2 <= len(twin.streams.asked) <= 4


async def test_a_browser_without_streams_asks_each_minute_and_when_somebody_comes_back(
    window: OpenWindow, twin: Twin
) -> None:
    page = await opened(window, "delete window.EventSource")
    await asked_again(page, twin)
    await look(page, "hidden")
    await page.clock.run_for(MINUTE_MS)
    async with page.expect_response(by_asking):
        await look(page, "visible")
        await page.clock.run_for(2_000)
    await page.clock.run_for(30_000)
    assert twin.statuses == [200, 304, 304]
    assert twin.streams.asked == []


async def test_a_problem_ends_the_stream_and_asking_tells_why(window: OpenWindow, twin: Twin) -> None:
    page = await opened(window)
    await twin.streams.opened()
    twin.changes = LIMITED
    async with page.expect_response(by_asking):
        twin.streams.end('{"status": 404, "title": "Not found"}')
    await expect(store(page).locator(".badge")).to_have_text("Limited")
    await page.clock.run_for(10_000)
    assert (len(twin.asked), len(twin.streams.asked)) == (2, 1)


async def test_a_failed_refresh_keeps_the_answer_and_says_so_once_it_is_old(window: OpenWindow, twin: Twin) -> None:
    page = await opened(window)
    await twin.streams.opened()
    twin.failing = True
    await look(page, "hidden")
    async with page.expect_response(by_asking):
        await look(page, "visible")
        await page.clock.run_for(2_000)
    await page.clock.run_for(5_000)
    await expect(page.locator("#toast")).to_be_hidden()
    await asked_again(page, twin)
    await expect(page.locator("#toast")).to_contain_text("Could not refresh: this is the answer from 1 min ago")
    await expect(page.locator(".badge")).to_have_count(5)


async def test_who_was_offline_hears_again_when_back(window: OpenWindow, twin: Twin) -> None:
    page = await opened(window, REMEMBER_STREAMS)
    await twin.streams.opened()
    await page.context.set_offline(True)
    twin.streams.cut()
    async with asyncio.timeout(20):
        while not await page.evaluate("streams[0].readyState === EventSource.CLOSED"):
            await asyncio.sleep(0.01)
    await page.context.set_offline(False)
    await twin.streams.opened()
    twin.tell(**LIMITED)
    await expect(store(page).locator(".badge")).to_have_text("Limited")

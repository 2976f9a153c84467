"""A shopper says what was found: two taps wide, thanked aloud, and nothing kept on the device before."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.pages import world
from tests.pages.browsing import OpenWindow
from tests.pages.test_manners import SMALL_TARGETS, serious_findings
from tests.pages.twin import Twin

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SHOWN = f"/?gtin={world.GTIN}&near=Atlanta&radius_m=48280"
KEPT = "Object.entries(localStorage).concat(Object.entries(sessionStorage))"


def card(page: Page, name: str = "CVS Pharmacy, Peachtree Center") -> Locator:
    return page.get_by_role("article", name=name)


def choice(page: Page, label: str) -> Locator:
    return card(page).get_by_role("button", name=f"{label} at CVS Pharmacy, Peachtree Center")


async def told(page: Page, twin: Twin, label: str) -> dict[str, Any]:
    """What the service hears at a tap."""
    async with page.expect_response("**/v1/reports"):
        await choice(page, label).click()
    await expect(choice(page, label)).to_have_attribute("aria-pressed", "true")
    return twin.words[-1]


async def test_a_tap_tells_the_service_and_is_thanked_aloud(window: OpenWindow, twin: Twin) -> None:
    page = await (await window()).open(SHOWN)
    said = await told(page, twin, "Not there")
    assert {**said, "device": ""} == {"store_id": 9, "product": 17, "found": False, "device": ""}
    await expect(card(page).locator(".told-words")).to_have_text("Thank you.")
    await expect(page.get_by_role("status").first).to_have_text("Thank you.")
    await expect(choice(page, "Not there")).to_be_focused()


async def test_nothing_is_kept_before_the_first_tap_and_one_random_number_after_it(
    window: OpenWindow, twin: Twin
) -> None:
    page = await (await window()).open(SHOWN)
    await card(page).get_by_text("Why").click()
    assert await page.evaluate(KEPT) == []
    said = await told(page, twin, "I found it")
    assert re.fullmatch(r"[A-Za-z0-9_-]{16,64}", said["device"])
    assert await page.evaluate(KEPT) == [["nearshelf.device", said["device"]]]
    await page.reload()
    assert (await told(page, twin, "Not there"))["device"] == said["device"]


async def test_another_device_has_another_number(window: OpenWindow, twin: Twin) -> None:
    devices = {(await told(await (await window()).open(SHOWN), twin, "I found it"))["device"] for _ in range(2)}
    assert len(devices) == 2


async def test_a_second_tap_on_the_same_says_nothing_and_one_on_the_other_changes_it(
    window: OpenWindow, twin: Twin
) -> None:
    page = await (await window()).open(SHOWN)
    await told(page, twin, "I found it")
    await choice(page, "I found it").click()
    await told(page, twin, "Not there")
    assert [word["found"] for word in twin.words] == [True, False]
    await expect(choice(page, "I found it")).to_have_attribute("aria-pressed", "false")


async def test_what_was_said_stays_on_a_card_that_news_replace(window: OpenWindow, twin: Twin) -> None:
    page = await (await window()).open(SHOWN)
    await told(page, twin, "Not there")
    await twin.streams.opened()
    twin.tell(probability=0.9)
    await expect(card(page)).to_contain_text("About 90% sure")
    await expect(choice(page, "Not there")).to_have_attribute("aria-pressed", "true")
    await expect(choice(page, "Not there")).to_be_focused()


async def test_a_refused_word_is_said_and_can_be_said_again(window: OpenWindow, twin: Twin) -> None:
    page = await (await window()).open(SHOWN)
    await expect(card(page)).to_be_visible()
    twin.failing = True
    await choice(page, "Not there").click()
    await expect(page.get_by_role("status").first).to_have_text("That was not taken: That is enough for today.")
    await expect(choice(page, "Not there")).to_have_attribute("aria-pressed", "false")
    twin.failing = False
    await told(page, twin, "Not there")


async def test_it_works_by_keyboard_for_thumbs_and_without_barriers(window: OpenWindow, twin: Twin) -> None:
    page = await (await window(has_touch=True)).open(SHOWN)
    await choice(page, "I found it").focus()
    await page.keyboard.press("Tab")
    async with page.expect_response("**/v1/reports"):
        await page.keyboard.press("Enter")
    await expect(choice(page, "Not there")).to_have_attribute("aria-pressed", "true")
    assert [word["found"] for word in twin.words] == [False]
    assert await page.evaluate(SMALL_TARGETS) == []
    assert await serious_findings(page) == []

"""How the staff page behaves for everybody: one hand, a small screen, a keyboard, a screen reader, a dark stockroom."""

import pytest
from playwright.async_api import Page, expect

from tests.pages.browsing import DESK, PHONE, OpenWindow
from tests.pages.staff.twin import StaffTwin
from tests.pages.staff.working import answer, find, sign_in, unsent
from tests.pages.test_manners import SMALL_TARGETS, serious_findings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SIGHTS = ["key", "stores", "start", "fault", "product", "said"]
NARROW = {"width": 320, "height": 640}


async def lead_to(page: Page, sight: str, twin: StaffTwin) -> None:
    """As far as that sight; the last shows all that can stand there at once."""
    if sight == "key":
        return
    await sign_in(page, store=None)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Which store are you in?")
    if sight == "stores":
        return
    await page.get_by_role("button", name="Acme Broadway").click()
    await expect(page.locator(".checks .row")).to_have_count(2)
    if sight == "fault":
        await find(page, "4006381333930")
    if sight in ("product", "said"):
        await find(page, "4006381333931")
        await expect(page.locator(".held")).to_contain_text("In stock")
    if sight == "said":
        twin.statuses = [422]
        await answer(page, "No")
        for word in ("Yes", "Low", "No", "Yes"):
            await find(page, "036000291452")
            await answer(page, word)
        await page.get_by_text("1 earlier").click()
        await expect(page.locator(".refused .entry")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sight", SIGHTS)
async def test_axe_finds_nothing_serious(window: OpenWindow, twin: StaffTwin, scheme: str, sight: str) -> None:
    page = await (await window(color_scheme=scheme, reduced_motion="reduce")).open("/staff")
    await lead_to(page, sight, twin)
    assert await serious_findings(page) == []


@pytest.mark.parametrize("viewport", [NARROW, PHONE, DESK], ids=["320", "360", "1280"])
@pytest.mark.parametrize("sight", SIGHTS)
async def test_all_fits_and_everything_to_tap_is_at_least_44_pixels(
    window: OpenWindow, twin: StaffTwin, viewport: dict[str, int], sight: str
) -> None:
    page = await (await window(viewport=viewport, has_touch=True)).open("/staff")
    await lead_to(page, sight, twin)
    assert await page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert await page.evaluate(SMALL_TARGETS.replace(".skip, p:not", ".tick, p:not")) == []
    for label in await page.locator(".tick").all():
        assert (await label.bounding_box() or {"height": 0})["height"] >= 44


async def test_the_four_answers_are_on_a_phones_screen_without_scrolling(window: OpenWindow, twin: StaffTwin) -> None:
    page = await (await window()).open("/staff")
    await lead_to(page, "product", twin)
    await expect(page.get_by_role("button", name="Save count")).to_be_in_viewport(ratio=1)
    dock = await page.locator("#dock").bounding_box()
    save = await page.get_by_role("button", name="Save count").bounding_box()
    assert dock is not None
    assert save is not None
    assert save["y"] + save["height"] <= dock["y"]


async def test_a_keyboard_alone_will_do(window: OpenWindow, twin: StaffTwin) -> None:
    page = await (await window()).open("/staff")
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("Staff key")).to_be_focused()
    await page.keyboard.type("st_clerk-of-one-store_0123456789abcd\n")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await page.keyboard.type("4006381333931\n")
    await expect(page.get_by_role("heading", name="Stabilo Boss highlighter, yellow")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Acme Broadway")).to_be_focused()
    await expect(unsent(page)).to_have_text("All sent")
    assert [body["shelf"] for body in twin.said.values()] == ["seen"]


async def test_what_happens_is_spoken(window: OpenWindow) -> None:
    made = await window()
    page = await made.open("/staff")
    await sign_in(page)
    await find(page, "4006381333931")
    await answer(page, "Low")
    await expect(page.locator("#news")).to_have_text("Low: Stabilo Boss highlighter, yellow")
    await expect(page.get_by_role("status").filter(has_text="All sent")).to_have_count(1)
    await made.context.set_offline(True)
    await expect(page.get_by_role("status").filter(has_text="Offline")).to_have_count(1)


async def test_focus_stays_where_it_was_when_the_list_is_drawn_anew(window: OpenWindow) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await find(page, "036000291452")
    await answer(page, "Low")
    row = page.locator(".checks .row").first
    await row.focus()
    await page.evaluate("window.dispatchEvent(new StorageEvent('storage', { key: 'nearshelf-staff-said' }))")
    await expect(page.locator(".checks .row").first).to_be_focused()


async def test_pictures_of_products_are_not_fetched_from_elsewhere(window: OpenWindow, twin: StaffTwin) -> None:
    page = await (await window()).open("/staff")
    await lead_to(page, "product", twin)
    await expect(page.locator("img")).to_have_count(0)


async def test_without_script_the_page_explains_itself(window: OpenWindow) -> None:
    page = await (await window(java_script_enabled=False)).open("/staff")
    await expect(page.get_by_role("heading", name="This page needs JavaScript")).to_be_visible()

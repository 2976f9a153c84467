"""Asking: the boxes, the keyboard, the place, the address."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.pages import world
from tests.pages.browsing import OpenWindow, suggestions
from tests.pages.twin import Twin

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ASKED = f"/?gtin={world.GTIN}&near=Atlanta&radius_m=48280"
SPY_ON_POSITION = """
  window.positionsAsked = 0;
  const real = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
  navigator.geolocation.getCurrentPosition = (...rest) => { window.positionsAsked += 1; real(...rest); };
"""


async def ask(page: Page, product: str = "paxlovid 300", place: str = "atlanta, ga 3") -> None:
    await page.get_by_role("combobox", name="Product").fill(product)
    await suggestions(page).first.click()
    await page.get_by_role("combobox", name="Near").fill(place)
    await suggestions(page).first.click()


async def store_names(page: Page) -> list[str]:
    await page.locator(".stores h3").first.wait_for()
    return await page.locator(".stores h3").all_inner_texts()


async def test_a_product_and_a_place_give_the_stores_in_the_answers_order(window: OpenWindow) -> None:
    page = await (await window()).open()
    await ask(page)
    assert await store_names(page) == [each["store"]["name"] for each in world.RESULTS]
    await expect(page.get_by_role("heading", level=2)).to_have_text("Very likely on a shelf 0.5 mi away")
    await expect(page).to_have_title(f"{world.PRODUCTS[0]['name']} near Atlanta, GA 30303 – Nearshelf")
    await expect(page.locator("#news")).to_contain_text("3 of the 5 stores listed")


async def test_the_whole_question_can_be_asked_with_the_keyboard_alone(window: OpenWindow) -> None:
    page = await (await window()).open()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the answer")).to_be_focused()
    product = page.get_by_role("combobox", name="Product")
    while not await product.evaluate("box => box === document.activeElement"):
        await page.keyboard.press("Tab")
    await page.keyboard.type("paxlovid")
    await expect(suggestions(page)).to_have_count(2)
    await expect(product).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await expect(product).to_have_attribute("aria-activedescendant", "product-list-0")
    await page.keyboard.press("Enter")
    await expect(product).to_have_value(world.PRODUCTS[0]["name"])
    await expect(product).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Atlanta")
    await page.keyboard.press("Enter")
    assert (await store_names(page))[0] == "CVS Pharmacy, Peachtree Center"
    assert "near=Atlanta" in page.url


async def test_an_empty_product_box_offers_the_catalogue_when_tapped(window: OpenWindow) -> None:
    page = await (await window()).open()
    await page.get_by_role("combobox", name="Product").focus()
    await expect(suggestions(page)).to_have_count(0)
    await page.get_by_role("combobox", name="Product").click()
    await expect(suggestions(page)).to_have_count(len(world.PRODUCTS))


async def test_escape_closes_the_suggestions_and_keeps_what_was_typed(window: OpenWindow) -> None:
    page = await (await window()).open()
    product = page.get_by_role("combobox", name="Product")
    await product.fill("paxlovid")
    await expect(suggestions(page)).to_have_count(2)
    await page.keyboard.press("Escape")
    await expect(suggestions(page)).to_have_count(0)
    await expect(product).to_have_value("paxlovid")


async def test_a_typed_barcode_needs_no_suggestion(window: OpenWindow, twin: Twin) -> None:
    page = await (await window()).open()
    await page.get_by_role("combobox", name="Near").fill("Atlanta")
    await page.get_by_role("combobox", name="Product").fill("0 03006 91085 301")
    await page.keyboard.press("Enter")
    await store_names(page)
    assert twin.asked[-1] == {"gtin": world.GTIN, "near": "Atlanta", "radius_m": "48280", "limit": "10"}
    await expect(page.get_by_role("combobox", name="Product")).to_have_value(world.PRODUCTS[0]["name"])


async def test_a_name_that_fits_several_products_asks_which(window: OpenWindow, twin: Twin) -> None:
    page = await (await window()).open()
    await page.get_by_role("combobox", name="Near").fill("Atlanta")
    await page.get_by_role("combobox", name="Product").fill("paxlovid")
    await page.keyboard.press("Enter")
    await expect(page.locator("#product-hint")).to_have_text("Which of these? Choose one from the list.")
    await expect(suggestions(page)).to_have_count(2)
    assert twin.asked == []


async def test_a_product_without_a_shared_barcode_is_asked_by_our_id(window: OpenWindow, twin: Twin) -> None:
    page = await (await window()).open()
    await ask(page, product="oat bar")
    await store_names(page)
    assert twin.asked[-1]["product"] == str(world.PRIVATE_ID)
    assert "gtin" not in twin.asked[-1]


async def test_empty_boxes_are_named_beside_themselves(window: OpenWindow, twin: Twin) -> None:
    page = await (await window()).open()
    button = page.get_by_role("button", name="Check the shelves")
    await button.click()
    product = page.get_by_role("combobox", name="Product")
    await expect(product).to_be_focused()
    await expect(product).to_have_accessible_description(
        "Which product? Type its name or the number under the barcode."
    )
    await product.fill("0300691085301")
    await button.click()
    await expect(page.get_by_role("combobox", name="Near")).to_have_attribute("aria-invalid", "true")
    assert twin.asked == []


async def test_the_position_is_asked_only_on_tap_and_sent_rounded(window: OpenWindow, twin: Twin) -> None:
    made = await window(geolocation={"latitude": 33.748997, "longitude": -84.387985}, permissions=["geolocation"])
    await made.context.add_init_script(SPY_ON_POSITION)
    page = await made.open()
    await page.get_by_role("combobox", name="Product").fill("paxlovid 300")
    await suggestions(page).first.click()
    assert await page.evaluate("positionsAsked") == 0
    await page.get_by_role("button", name="Use my location").click()
    await store_names(page)
    assert await page.evaluate("positionsAsked") == 1
    assert (twin.asked[-1]["lat"], twin.asked[-1]["lon"]) == ("33.749", "-84.388")
    await expect(page.get_by_role("combobox", name="Near")).to_have_value("My location")
    await expect(page.locator(".head .muted")).to_contain_text("within 30 mi of you")


async def test_a_refused_position_is_explained_beside_the_place(window: OpenWindow) -> None:
    page = await (await window(permissions=[])).open()
    await page.get_by_role("button", name="Use my location").click()
    await expect(page.locator("#place-hint")).to_contain_text("Your browser did not share your location")
    await expect(page.locator("#place-hint")).to_contain_text("type a town or postcode")


async def test_a_shared_address_restores_the_question_and_its_answer(window: OpenWindow, origin: str) -> None:
    page = await (await window()).open()
    await ask(page)
    await store_names(page)
    other = await (await window()).open(page.url.removeprefix(origin))
    assert await store_names(other) == await store_names(page)
    await expect(other.get_by_role("combobox", name="Product")).to_have_value(world.PRODUCTS[0]["name"])
    await expect(other.get_by_role("combobox", name="Near")).to_have_value("Atlanta, GA 30303")
    await expect(other.get_by_role("combobox", name="Within")).to_have_value("48280")
    assert await other.title() == await page.title()


async def test_an_address_typed_by_hand_needs_only_product_and_place(window: OpenWindow, twin: Twin) -> None:
    page = await (await window(locale="de-DE")).open(f"/?gtin={world.GTIN}&near=Atlanta")
    await store_names(page)
    assert twin.asked[-1] == {"gtin": world.GTIN, "near": "Atlanta", "radius_m": "50000", "limit": "10"}
    await expect(page.locator(".distance").first).to_contain_text("810 m")


async def test_a_form_sent_without_script_is_answered_once_there_is_one(window: OpenWindow) -> None:
    page = await (await window()).open("/?q=paxlovid+300&near=Atlanta&radius_m=48280")
    assert (await store_names(page))[0] == "CVS Pharmacy, Peachtree Center"
    assert f"gtin={world.GTIN}" in page.url


async def test_back_and_forward_walk_through_the_questions(window: OpenWindow) -> None:
    page = await (await window()).open()
    await ask(page)
    await store_names(page)
    await ask(page, product="stabilo")
    await expect(page.get_by_role("heading", level=2)).to_have_text("No store within 30 mi lists it")
    await page.go_back()
    await expect(page.get_by_role("heading", level=2)).to_have_text("Very likely on a shelf 0.5 mi away")
    await expect(page.get_by_role("combobox", name="Near")).to_have_value("Atlanta, GA 30303")
    await page.go_back()
    await expect(page.get_by_role("heading", level=2)).to_have_text("What the answers mean")
    await expect(page.get_by_role("combobox", name="Product")).to_have_value("")
    await page.go_forward()
    assert (await store_names(page))[0] == "CVS Pharmacy, Peachtree Center"


async def test_another_radius_asks_again_without_a_step_in_the_history(window: OpenWindow, twin: Twin) -> None:
    page = await (await window()).open(ASKED)
    await store_names(page)
    steps = await page.evaluate("history.length")
    await page.get_by_role("combobox", name="Within").select_option(label="5 mi")
    await expect(page.locator(".head .muted")).to_contain_text("within 5 mi of Atlanta, GA")
    assert twin.asked[-1]["radius_m"] == "8047"
    assert await page.evaluate("history.length") == steps


async def test_the_link_is_copied_where_the_browser_cannot_share(window: OpenWindow) -> None:
    page = await (await window(permissions=["clipboard-read", "clipboard-write"])).open(ASKED)
    await page.get_by_role("button", name=re.compile("Copy link|Share")).click()
    await expect(page.locator("#toast")).to_have_text("Link copied")
    assert await page.evaluate("navigator.clipboard.readText()") == page.url

"""The answer on the page: words, colours, times, freshness, and what stands there when there is none."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.pages import world
from tests.pages.browsing import OpenWindow
from tests.pages.twin import Twin

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SHOWN = f"/?gtin={world.GTIN}&near=Atlanta&radius_m=48280"


def store(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


async def background(badge: Locator) -> str:
    return str(await badge.evaluate("node => getComputedStyle(node).backgroundColor"))


async def test_each_availability_has_its_own_word_colour_and_shape(window: OpenWindow) -> None:
    page = await (await window()).open(SHOWN)
    await expect(page.locator(".badge")).to_have_text(["In stock", "Limited", "In stock", "Unknown", "Out of stock"])
    badges = await page.locator(".badge").all()
    shapes = [await badge.locator("use").get_attribute("href") for badge in badges]
    assert len({await background(badge) for badge in badges}) == 4
    assert len(set(shapes)) == 4


async def test_a_store_says_all_that_is_known_of_it(window: OpenWindow) -> None:
    page = await (await window()).open(SHOWN)
    card = store(page, "CVS Pharmacy, Peachtree Center")
    for words in ["About 95% sure", "updated 9 min ago", "Open until midnight", "Look in aisle 7", "0.5 mi"]:
        await expect(card).to_contain_text(words)
    await expect(card).to_contain_text("Buy online, pick up here · ready same day")
    await expect(card.locator(".price")).to_have_text("was $34.99 sale price $29.99")
    await expect(card.locator(".distance span").first).to_have_attribute("title", "0.5 mi · 810 m")
    await expect(card.get_by_role("link", name="Call")).to_have_attribute("href", "tel:+14045550100")
    directions = card.get_by_role("link", name="Directions")
    await expect(directions).to_have_attribute("href", "https://www.openstreetmap.org/directions?to=33.759%2C-84.4")
    await expect(directions).to_have_attribute("rel", "noreferrer noopener")
    await expect(card.locator(".sure time")).to_have_attribute("datetime", "2026-11-22T03:31:10Z")
    await expect(card.locator(".sure time")).to_have_attribute("title", "Saturday, November 21, 2026 at 10:31 PM EST")


async def test_oddities_are_told_honestly(window: OpenWindow) -> None:
    page = await (await window()).open(SHOWN)
    await expect(store(page, "Publix")).to_contain_text("Not known: last report is 4 years old")
    await expect(store(page, "Publix")).to_contain_text("Opening hours not known")
    await expect(store(page, "Publix").get_by_role("link", name="Call")).to_have_count(0)
    await expect(store(page, "Publix")).not_to_contain_text("sure")
    await expect(store(page, "Walgreens")).to_contain_text("Closed · opens tomorrow 8 AM")
    await expect(store(page, "Walgreens")).to_contain_text("Nearly certain")
    await expect(store(page, "Walgreens").locator(".price")).to_have_count(0)
    await expect(store(page, "Kroger")).to_contain_text("Open 24 hours")
    await expect(store(page, "Kroger")).to_contain_text("1 or 2 left")
    await expect(store(page, "Kroger")).to_contain_text("updated 1 hour ago")
    await expect(store(page, "Target")).to_contain_text("On display: can be ordered in the store")
    await expect(store(page, "Target")).to_contain_text("Open until 11 PM · closes in 19 min")


async def test_the_evidence_says_who_and_when(window: OpenWindow) -> None:
    page = await (await window()).open(SHOWN)
    card = store(page, "CVS Pharmacy, Peachtree Center")
    await expect(card.locator(".why")).not_to_be_visible()
    await card.get_by_text("Why").click()
    lines = card.locator(".evidence li")
    await expect(lines).to_have_text(
        ["Stock record from cvs-inventory: 3 or more, 9 min ago", "Staff saw it on the shelf, 2 hours ago"]
    )
    await expect(store(page, "Target").locator(".evidence li").first).to_contain_text("Staff saw an empty shelf")


async def test_words_grow_older_with_the_services_clock(window: OpenWindow) -> None:
    made = await window()
    await made.page.clock.install()
    page = await made.open(SHOWN)
    await expect(store(page, "CVS")).to_contain_text("updated 9 min ago")
    await page.clock.fast_forward("05:10")
    await expect(store(page, "CVS")).to_contain_text("updated 14 min ago")


async def test_a_brief_note_is_not_cut_short_by_news(window: OpenWindow, twin: Twin) -> None:
    made = await window()
    await made.page.clock.install()
    page = await made.open(SHOWN)
    await twin.streams.opened()
    await page.clock.pause_at(await page.evaluate("Date.now() + 1000"))
    await page.get_by_role("button", name="Copy link").click()
    await expect(page.locator("#toast")).to_be_visible()
    twin.tell(availability="limited_availability")
    await expect(store(page, "CVS").locator(".badge")).to_have_text("Limited")
    await expect(page.locator("#toast")).to_be_visible()
    await page.clock.run_for(4_000)
    await expect(page.locator("#toast")).to_be_hidden()


async def test_the_nearest_store_beyond_the_radius_is_offered_and_demo_stock_is_called_so(window: OpenWindow) -> None:
    page = await (await window(locale="de-DE")).open(f"/?gtin={world.FAR}&near=Atlanta")
    await expect(page.get_by_role("heading", level=2)).to_have_text("Not within 50 km, but 126 km away")
    await expect(page.get_by_text("Nearest beyond 50 km: CVS Pharmacy, Macon, 126 km")).to_be_visible()
    await expect(page.get_by_role("note")).to_contain_text("Simulated demo stock")


async def test_no_store_at_all_offers_a_wider_circle(window: OpenWindow, twin: Twin) -> None:
    page = await (await window()).open(f"/?gtin={world.UNREPORTED}&near=Atlanta")
    await expect(page.locator(".head .muted")).to_have_text(
        "No store within 30 mi of Atlanta, GA has ever told us about this product."
    )
    await page.get_by_role("button", name="Look farther away").click()
    await expect(page.get_by_role("heading", level=2)).to_have_text("No store within 60 mi lists it")
    assert twin.asked[-1]["radius_m"] == "96561"


@pytest.mark.parametrize(
    ("address", "box", "detail", "title"),
    [
        (
            "/?gtin=00300691085300&near=Atlanta",
            "product",
            "The check digit should be 1.",
            "That question needs a change",
        ),
        (
            f"/?gtin={world.GTIN}&near=nowhere",
            "place",
            "This is no place that we know.",
            "That question needs a change",
        ),
        (
            f"/?gtin={world.GTIN}&lat=91&lon=0",
            "place",
            "A latitude lies between -90 and 90.",
            "That question needs a change",
        ),
        (
            "/?gtin=96385074&near=Atlanta",
            "product",
            "No store has told us about this product.",
            "We do not know this product",
        ),
    ],
)
async def test_a_refused_question_names_the_box_at_fault(
    window: OpenWindow, address: str, box: str, detail: str, title: str
) -> None:
    page = await (await window()).open(address)
    await expect(page.locator(f"#{box}-hint")).to_have_text(detail)
    await expect(page.locator(f"#{box}")).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_role("heading", level=2)).to_have_text(title)


async def test_an_outage_offers_to_try_again(window: OpenWindow, twin: Twin) -> None:
    made = await window()
    twin.failing = True
    page = await made.open(SHOWN)
    await expect(page.locator(".trouble")).to_contain_text("The service cannot answer just now. Try again in 5 s.")
    twin.failing = False
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".badge")).to_have_count(5)


async def test_where_keys_are_required_shoppers_are_sent_to_partners(window: OpenWindow, twin: Twin) -> None:
    twin.refusing = 401, "Send a key as Authorization: Bearer KEY."
    page = await (await window()).open(SHOWN)
    trouble = page.locator(".trouble")
    await expect(trouble).to_contain_text("This service answers its partners alone")
    await expect(trouble).not_to_contain_text("Bearer")
    await expect(page.locator("#news")).to_have_text(
        await trouble.locator("h2").inner_text() + ". " + await trouble.locator("p").inner_text()
    )
    await expect(page.get_by_role("button", name="Try again")).to_have_count(0)


async def test_being_offline_is_said_and_being_back_is_noticed(window: OpenWindow) -> None:
    made = await window()
    page = await made.open(SHOWN)
    await expect(page.locator(".badge")).to_have_count(5)
    await made.context.set_offline(True)
    await expect(page.locator("#toast")).to_contain_text("You are offline")
    await page.get_by_role("button", name="Check the shelves").click()
    await expect(page.get_by_role("heading", level=2)).to_have_text("You are offline")
    await made.context.set_offline(False)
    await expect(page.locator(".badge")).to_have_count(5)
    await expect(page.locator("#toast")).to_be_hidden()

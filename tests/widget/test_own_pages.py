"""Our own pages around the widget: the one to try it on, and the one that its links lead to."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.pages.browsing import DESK, PHONE
from tests.widget import world as shelves
from tests.widget.test_sights import findings
from tests.widget.watching import Visit, watched
from tests.widget.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Opening = Callable[..., Awaitable[Visit]]


@pytest_asyncio.fixture(loop_scope="session")
async def own(browser: Browser, origin: str, world: World) -> AsyncIterator[Opening]:
    """Opens pages of the service itself; afterwards none may have asked strangers, complained, or kept anything."""
    visits: list[Visit] = []

    async def make(path: str, **settings: Any) -> Visit:
        made = await watched(browser, (origin, origin), settings)
        visits.append(made)
        await made.page.goto(origin + path)
        return made

    yield make
    for each in visits:
        kept = await each.kept()
        await each.context.close()
        assert (each.strangers, each.complaints, kept) == ([], [], [])


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["360", "1280"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_to_try_it_shows_it_with_a_product_and_is_accessible(
    own: Opening, viewport: dict[str, int], scheme: str, pictures: Path
) -> None:
    made = await own("/widget", viewport=viewport, color_scheme=scheme)
    await expect(made.page.get_by_label("GTIN")).to_have_value(shelves.GTIN)
    await made.ask("98101")
    await expect(made.widget.get_by_role("listitem")).to_have_count(3)
    await made.page.screenshot(path=pictures / f"try-{viewport['width']}-{scheme}.png", full_page=True)
    assert await findings(made.page) == []
    assert await made.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


async def test_the_two_lines_hold_what_was_chosen(own: Opening, origin: str) -> None:
    made = await own(f"/widget?gtin={shelves.FAR}")
    await made.page.get_by_label("Publishable key").fill('pk_"quoted"')
    await made.page.get_by_label("Language").select_option("de")
    await made.page.get_by_label("Colours").select_option("dark")
    await expect(made.widget.get_by_role("heading")).to_have_text("Gibt es das in deiner Nähe?")
    await expect(made.page.locator("#snippet")).to_have_text(
        f'<script async src="{origin}/widget/v1.js"></script>\n'
        '<nearshelf-availability style="display:block;min-block-size:12.5rem"'
        f' gtin="{shelves.FAR}" key="pk_&quot;quoted&quot;" lang="de" theme="dark">'
        f'<a href="{origin}/?gtin={shelves.FAR}">In stock near you?</a></nearshelf-availability>'
    )
    assert not any("pk_" in each for each in made.asked)


async def test_what_is_wrong_with_the_product_is_said_on_the_page(own: Opening) -> None:
    made = await own("/widget?gtin=00300691085302")
    await made.ask("98101")
    await expect(made.page.locator("#trouble")).to_contain_text("gtin")
    assert len(made.complaints) == 1
    made.complaints.clear()


async def test_the_plain_link_asks_for_its_product_once_a_place_is_given(own: Opening) -> None:
    made = await own(f"/?gtin={shelves.GTIN}")
    await expect(made.page.get_by_role("combobox", name="Product")).to_have_value(shelves.GTIN)
    await made.page.get_by_role("combobox", name="Near").fill("98101")
    await made.page.get_by_role("button", name="Check the shelves").click()
    await expect(made.page.get_by_role("heading", level=2)).to_have_text("Very likely on a shelf 0.5 mi away")


async def test_the_link_of_an_answer_leads_to_the_same_one(own: Opening) -> None:
    made = await own("/widget")
    await made.ask("98101")
    href = await made.widget.get_by_role("link", name="More on Nearshelf").get_attribute("href")
    assert href is not None
    await made.page.goto(href)
    await expect(made.page.get_by_role("heading", level=2)).to_have_text("Very likely on a shelf 0.5 mi away")

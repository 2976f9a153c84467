"""The documentation in a real browser: readable, operable by everyone, and true."""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright

from inventory_service.web.endpoints import ENDPOINTS, POSTINGS, STAFF_ENDPOINTS

pytestmark = pytest.mark.browser
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest_asyncio.fixture
async def page(port: int) -> AsyncIterator[Page]:
    """A phone's window, 360 px wide, whose console stays silent."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("skipped: no browser")
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 360, "height": 740}, base_url=f"http://127.0.0.1:{port}")
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto("/docs")
        await page.get_by_role("heading", name="Problems").wait_for()
        yield page
        await browser.close()
    assert complaints == []


async def test_every_address_is_there_leads_to_its_body_and_can_be_tried(page: Page) -> None:
    for endpoint in ENDPOINTS:
        await page.get_by_role("heading", name=f"GET {endpoint.path}", exact=True).wait_for()
    for posting in POSTINGS:
        await page.get_by_role("heading", name=f"POST {posting.path}", exact=True).wait_for()
    await page.get_by_role("link", name="ReportBody").first.click()
    await page.locator("#schema-ReportBody").get_by_text("observed_at").wait_for()
    for endpoint in STAFF_ENDPOINTS:
        await page.get_by_role("heading", name=f"{endpoint.method} {endpoint.path}", exact=True).wait_for()
    await page.get_by_role("link", name="AvailabilityAnswer").first.click()
    await page.locator("#schema-AvailabilityAnswer").get_by_text("nearest_beyond").wait_for()
    await page.get_by_text("Try GET /v1/stores/{id}").click()
    trial = page.get_by_role("group").filter(has_text="Try GET /v1/stores/{id}")
    await trial.get_by_label("id", exact=True).fill("1")
    await trial.get_by_role("button", name="Ask").click()
    await trial.get_by_text("200 OK from /v1/stores/1").wait_for()
    assert "CVS 1" in await trial.get_by_label("Answer of /v1/stores/{id}").inner_text()


async def test_what_descriptions_quote_is_shown_as_code(page: Page) -> None:
    for details in await page.locator("summary").all():
        await details.click()
    shown = await page.locator("body").inner_text()
    assert "`" not in shown
    await page.locator("#about code", has_text="application/problem+json").wait_for()
    await page.locator("dd code", has_text="next").first.wait_for()


async def test_nothing_of_the_document_becomes_markup(page: Page) -> None:
    document = await (await page.request.get("/openapi.json")).json()
    document["info"]["description"] = "`<img src=x>` and <b>this</b>, an `open end"
    await page.route("**/openapi.json", lambda route: route.fulfill(json=document))
    await page.reload()
    await page.get_by_text("<b>this</b>, an `open end").wait_for()
    assert await page.locator("#about code").all_inner_texts() == ["<img src=x>"]
    assert await page.locator("img, b").count() == 0


async def test_a_post_can_be_tried_with_a_key_and_a_body_to_begin_with(page: Page) -> None:
    await page.get_by_label("Key for what you try below").fill("st_staff_0123456789")
    await page.get_by_text("Try POST /v1/reports").click()
    trial = page.get_by_role("group").filter(has_text="Try POST /v1/reports")
    assert '"found": true' in await trial.get_by_label("Body").input_value()
    body = '{"store_id": 1, "gtin": "00300691085301", "found": false, "device": "drawn-by-the-device-01"}'
    await trial.get_by_label("Body").fill(body)
    async with page.expect_request("**/v1/reports") as asked:
        await trial.get_by_role("button", name="Send").click()
    assert (await (await asked.value).all_headers())["authorization"] == "Bearer st_staff_0123456789"
    await trial.get_by_text("201 Created from /v1/reports").wait_for()
    assert await page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0


async def test_a_problem_type_leads_to_words_that_help(page: Page) -> None:
    problems = (await (await page.request.get("/openapi.json")).json())["x-problems"]
    for problem in problems:
        await page.goto(problem["type"])
        assert await page.locator("h1").inner_text() == problem["title"]
        for words in await page.locator("main section p").all_inner_texts():
            assert len(words) > 20, problem["type"]
    await page.goto("/docs")
    await page.locator("dt[id^=problem-]").first.wait_for()
    listed = await page.locator("dt[id^=problem-] + dd").all_inner_texts()
    assert len(listed) == len(problems)
    assert min(map(len, listed)) > 60


async def test_by_keyboard_alone_one_gets_to_an_answer(page: Page) -> None:
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    summary = page.get_by_text("Try GET /v1/places")
    await summary.focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("98101")
    await page.keyboard.press("Enter")
    await page.get_by_text("200 OK from /v1/places?q=98101").wait_for()


async def test_at_a_desk_it_has_no_barriers_and_nothing_runs_over(page: Page) -> None:
    await page.set_viewport_size({"width": 1280, "height": 900})
    for details in await page.locator("summary").all():
        await details.click()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 1280
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


async def test_it_fits_a_phone_and_has_no_barriers_in_light_and_dark(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    for details in await page.locator("summary").all():
        await details.click()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()

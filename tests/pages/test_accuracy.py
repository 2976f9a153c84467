"""The page of our own accuracy: figures for the eye, the same in tables, and plain words where there are none."""

import pytest
from playwright.async_api import Page, expect

from tests.pages import reports
from tests.pages.browsing import DESK, PHONE, OpenWindow
from tests.pages.test_manners import SMALL_TARGETS, serious_findings, settled
from tests.pages.twin import Twin

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGE = "/accuracy"


async def opened(page: Page) -> Page:
    await settled(page)
    for summary in await page.locator("summary").all():
        await summary.click()
    return page


async def test_the_score_stands_beside_that_of_the_record(window: OpenWindow) -> None:
    page = await (await window()).open(PAGE)
    await expect(page.get_by_role("heading", name="2,000 checks in 30 days")).to_be_visible()
    await expect(page.locator(".scores").first).to_contain_text("0.120")
    await expect(page.locator(".scores").first).to_contain_text("37% less than the record")


async def test_the_diagram_has_a_dot_for_each_line_of_its_table(window: OpenWindow) -> None:
    page = await (await window()).open(PAGE)
    await expect(page.get_by_role("img", name="Reliability diagram of 2000 checks")).to_be_visible()
    await expect(page.locator(".diagram .point")).to_have_count(10)
    rows = page.get_by_role("table", name="Of the answers of each tenth").get_by_role("row")
    await expect(rows).to_have_count(11)
    await expect(rows.nth(1)).to_contain_text("4%")
    await expect(rows.nth(10)).to_have_text("95%93%89% to 96%200")


async def test_a_dot_stands_where_its_figures_are(window: OpenWindow) -> None:
    page = await (await window()).open(PAGE)
    await settled(page)
    places = await page.locator(".diagram .point").evaluate_all(
        "dots => dots.map(dot => [Number(dot.getAttribute('cx')), Number(dot.getAttribute('cy'))])"
    )
    ideal = await page.locator(".diagram .ideal").evaluate(
        "line => ['x1', 'y1', 'x2', 'y2'].map(name => Number(line.getAttribute(name)))"
    )
    width, height = ideal[2] - ideal[0], ideal[1] - ideal[3]
    shares = [((x - ideal[0]) / width, (ideal[1] - y) / height) for x, y in places]
    assert shares[0] == (pytest.approx(0.05), pytest.approx(0.04))
    assert shares[9] == (pytest.approx(0.95), pytest.approx(0.93))


async def test_what_does_not_count_is_told(window: OpenWindow) -> None:
    page = await (await window()).open(PAGE)
    checks = page.locator(".plain").first
    for text in ("12 where we had said “unknown”", "7 of them", "5 left out", "1 left out", "2 taken back"):
        await expect(checks).to_contain_text(text)


async def test_a_silent_source_is_told_by_name(window: OpenWindow) -> None:
    page = await opened(await (await window()).open(PAGE))
    row = page.get_by_role("row", name="till")
    await expect(row).to_contain_text("silent")
    await expect(row).to_contain_text("15 days")


async def test_too_few_checks_give_no_diagram_and_the_reason(window: OpenWindow, twin: Twin) -> None:
    twin.looks = [reports.other("judged", 12, 9)]
    page = await (await window()).open(PAGE)
    await expect(page.get_by_role("heading", name="No score yet")).to_be_visible()
    await expect(page.get_by_text("12 in 30 days, and 30 are needed")).to_be_visible()
    await expect(page.locator(".diagram")).to_have_count(0)


async def test_nobody_has_checked_anything_yet(window: OpenWindow, twin: Twin) -> None:
    twin.looks = []
    page = await (await window()).open(PAGE)
    await expect(page.get_by_text("0 in 30 days, and 30 are needed")).to_be_visible()
    await expect(page.get_by_role("img", name="Checks by day, at most 0 on one day")).to_be_visible()


async def test_simulated_checks_are_called_so(window: OpenWindow, twin: Twin) -> None:
    made = await window()
    page = await made.open(PAGE)
    await settled(page)
    await expect(page.get_by_text("Simulated:")).to_have_count(0)
    twin.looks = reports.judged(is_simulated=True)
    await page.reload()
    await expect(page.get_by_text("Simulated: these confirmations come from the demo")).to_be_visible()


@pytest.mark.parametrize(("address", "days"), [(PAGE, 30), (f"{PAGE}?days=7", 7), (f"{PAGE}?days=1000", 30)])
async def test_the_period_is_in_the_address(window: OpenWindow, address: str, days: int) -> None:
    page = await (await window()).open(address)
    await expect(page.locator(".periods [aria-current=page]")).to_have_text(f"{days} days")
    await expect(page.get_by_role("heading", name=f"checks in {days} days")).to_be_visible()


async def test_a_service_that_cannot_answer_is_asked_again(window: OpenWindow, twin: Twin) -> None:
    twin.failing = True
    page = await (await window()).open(PAGE)
    await expect(page.get_by_role("heading", name="No answer just now")).to_be_visible()
    twin.failing = False
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="2,000 checks")).to_be_visible()


@pytest.mark.parametrize(
    ("refusing", "words"),
    [
        ((401, "Send a key as Authorization: Bearer KEY."), "This service answers its partners alone"),
        ((429, "No more than 4 a minute without a key are allowed. Ask again in 15 s."), "Too many questions at once"),
    ],
    ids=["key", "limit"],
)
async def test_a_refusal_is_said_once_and_close_together(
    window: OpenWindow, twin: Twin, refusing: tuple[int, str], words: str
) -> None:
    twin.refusing = refusing
    page = await (await window(viewport=PHONE)).open(PAGE)
    trouble = page.locator(".trouble")
    await expect(trouble.get_by_role("heading", name=words)).to_be_visible()
    said = await trouble.inner_text()
    assert (" key" in said, said.count("15 s")) == (False, int(refusing[0] == 429))
    box = await trouble.bounding_box()
    assert box is not None
    assert box["height"] < 260


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(window: OpenWindow, scheme: str) -> None:
    page = await opened(await (await window(color_scheme=scheme, reduced_motion="reduce")).open(PAGE))
    assert await serious_findings(page) == []


@pytest.mark.parametrize("viewport", [{"width": 320, "height": 640}, PHONE, DESK], ids=["320", "360", "1280"])
async def test_nothing_is_wider_than_the_screen(window: OpenWindow, viewport: dict[str, int]) -> None:
    page = await opened(await (await window(viewport=viewport)).open(PAGE))
    assert await page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


async def test_everything_to_tap_is_at_least_44_pixels(window: OpenWindow) -> None:
    page = await opened(await (await window(has_touch=True)).open(PAGE))
    assert await page.evaluate(SMALL_TARGETS) == []


async def test_without_script_the_figures_are_a_link_away(window: OpenWindow) -> None:
    page = await (await window(java_script_enabled=False)).open(PAGE)
    await expect(page.get_by_role("link", name="as JSON")).to_have_attribute("href", "/v1/accuracy")


async def test_shoppers_find_the_page(window: OpenWindow) -> None:
    page = await (await window()).open("/")
    await page.get_by_role("link", name="How often are we right?").click()
    await expect(page.get_by_role("heading", name="How often are we right?")).to_be_visible()

"""The page's pure functions, called in a real browser: durations, store time, distances, money, certainty."""

from typing import Any

import pytest
from playwright.async_api import Page

from tests.pages.browsing import OpenWindow

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NOW_MS = 1_795_318_812_000
"""2026-11-22T03:40:12Z: Saturday 22:40 in New York, Sunday 12:40 in Tokyo."""
CALL_EACH = """
  async ([module, name, calls]) => {
    const called = (await import(`/static/js/${module}.js`))[name];
    return calls.map((given) => called(...given));
  }
"""


async def said(page: Page, module: str, name: str, cases: dict[tuple[Any, ...], Any]) -> list[Any]:
    given = [list(case) for case in cases]
    answers: list[Any] = await page.evaluate(CALL_EACH, [module, name, given])
    return [plain(answer) for answer in answers]


def plain(answer: Any) -> Any:
    """Narrow and no-break spaces of the browser's locale data are spaces to a reader."""
    return answer.replace("\u202f", " ").replace("\xa0", " ") if isinstance(answer, str) else answer


async def test_durations_name_their_largest_unit_and_never_round_up(window: OpenWindow) -> None:
    page = await (await window()).open()
    cases = {
        (0,): "less than a minute",
        (59.9,): "less than a minute",
        (60,): "1 min",
        (3_599,): "59 min",
        (3_600,): "1 hour",
        (86_399,): "23 hours",
        (86_400,): "1 day",
        (29 * 86_400,): "29 days",
        (40 * 86_400,): "1 month",
        (364 * 86_400,): "11 months",
        (147_843_612,): "4 years",
    }
    assert await said(page, "time", "span", cases) == list(cases.values())


async def test_a_time_in_the_future_of_our_clock_reads_as_just_now(window: OpenWindow) -> None:
    page = await (await window()).open()
    cases = {("2026-11-22T03:44:00Z", NOW_MS): "just now", ("2026-11-22T03:31:10Z", NOW_MS): "9 min ago"}
    assert await said(page, "time", "ago", cases) == list(cases.values())


async def test_hours_are_the_stores_and_follow_the_readers_habit(window: OpenWindow) -> None:
    page = await (await window()).open()
    cases = {
        ("2026-11-23T02:00:00Z", "America/New_York", "en-US"): "9 PM",
        ("2026-11-23T02:30:00Z", "America/New_York", "en-US"): "9:30 PM",
        ("2026-11-23T02:00:00Z", "America/New_York", "en-GB"): "21:00",
        ("2026-11-23T02:00:00Z", "Asia/Kathmandu", "en-US"): "7:45 AM",
        ("2026-11-23T05:00:00Z", "America/New_York", "en-US"): "midnight",
        ("2026-11-23T17:00:00Z", "America/New_York", "en-US"): "noon",
        ("2026-11-23T02:00:00Z", "Mars/Olympus", "en-GB"): "02:00",
    }
    assert await said(page, "time", "clockTime", cases) == list(cases.values())


async def test_days_are_counted_on_the_stores_calendar(window: OpenWindow) -> None:
    page = await (await window()).open()
    cases = {
        ("2026-11-22T04:30:00Z", "America/New_York", NOW_MS, "en-US"): "",
        ("2026-11-22T05:30:00Z", "America/New_York", NOW_MS, "en-US"): "tomorrow",
        ("2026-11-22T05:30:00Z", "Asia/Tokyo", NOW_MS, "en-US"): "",
        ("2026-11-23T14:00:00Z", "America/New_York", NOW_MS, "en-US"): "Monday",
        ("2026-12-01T14:00:00Z", "America/New_York", NOW_MS, "en-US"): "Dec 1",
    }
    assert await said(page, "time", "dayWord", cases) == list(cases.values())


async def test_distances_keep_the_precision_that_helps(window: OpenWindow) -> None:
    page = await (await window()).open()
    cases = {
        (0, "mi"): "0 ft",
        (100, "mi"): "350 ft",
        (161, "mi"): "0.1 mi",
        (812, "mi"): "0.5 mi",
        (15_999, "mi"): "9.9 mi",
        (16_050, "mi"): "10 mi",
        (48_280, "mi"): "30 mi",
        (812, "km"): "810 m",
        (994, "km"): "990 m",
        (999, "km"): "1 km",
        (8_149, "km"): "8.1 km",
        (50_000, "km"): "50 km",
        (1_234_567, "km"): "1,235 km",
    }
    assert await said(page, "measure", "distance", cases) == list(cases.values())


async def test_miles_are_for_regions_that_drive_them(window: OpenWindow) -> None:
    page = await (await window()).open()
    cases = {
        ("en-US",): "mi",
        ("en-GB", "DE"): "mi",
        ("de-DE", "US"): "km",
        ("de",): "km",
        ("de", "US"): "mi",
        ("en",): "mi",
        ("my",): "mi",
        ("fr-CA",): "km",
    }
    assert await said(page, "measure", "unitFor", cases) == list(cases.values())


async def test_prices_keep_every_decimal_that_was_given(window: OpenWindow) -> None:
    page = await (await window()).open()
    amounts = [
        ("29.99", "USD"),
        ("31.5", "USD"),
        ("0.0725", "USD"),
        ("12345678901234567.89", "EUR"),
        ("500", "JPY"),
        ("1", "??"),
    ]
    given = [[{"amount": amount, "currency": code}, "en-US"] for amount, code in amounts]
    answers = await page.evaluate(CALL_EACH, ["measure", "price", given])
    assert answers == ["$29.99", "$31.50", "$0.0725", "€12,345,678,901,234,567.89", "¥500", "1 ??"]


async def test_certainty_is_that_of_the_word(window: OpenWindow) -> None:
    page = await (await window()).open()
    given = [
        ("in_stock", 0.95),
        ("limited_availability", 0.7),
        ("out_of_stock", 0.05),
        ("out_of_stock", 0.0),
        ("unknown", None),
    ]
    calls = [[{"availability": word, "probability": probability}] for word, probability in given]
    answers = await page.evaluate(CALL_EACH, ["words", "certainty", calls])
    assert answers == ["about 95% sure", "about 70% sure", "about 95% sure", "nearly certain", None]


async def test_barcodes_are_recognised_as_typed_and_shown_as_printed(window: OpenWindow) -> None:
    page = await (await window()).open()
    typed = {
        ("036000291452",): "036000291452",
        (" 4 006381-333931 ",): "4006381333931",
        ("1234567",): None,
        ("lamp 36000291452",): None,
    }
    assert await said(page, "words", "barcodeIn", typed) == list(typed.values())
    shown = {("00036000291452",): "036000291452", ("04006381333931",): "4006381333931", ("00000096385074",): "96385074"}
    assert await said(page, "words", "printed", shown) == list(shown.values())


async def test_numbers_that_each_retailer_gives_out_itself_are_not_shared(window: OpenWindow) -> None:
    page = await (await window()).open()
    cases = {
        ("02000000000008",): True,
        ("00212345678909",): True,
        ("09912345678905",): True,
        ("00300691085301",): False,
    }
    assert await said(page, "words", "restrictedGtin", cases) == list(cases.values())


async def test_pickup_is_said_in_words_or_not_at_all(window: OpenWindow) -> None:
    page = await (await window()).open()
    offers = [
        {"method": "ship_to_store", "sla": "multi_week"},
        {"method": "reserve", "sla": None},
        {"method": "not_supported", "sla": None},
        None,
    ]
    answers = await page.evaluate(CALL_EACH, ["words", "pickupWords", [[offer] for offer in offers]])
    assert answers == [
        "Order online, sent to this store · ready in several weeks",
        "Reserve online, pay here",
        None,
        None,
    ]


async def test_an_address_survives_the_way_there_and_back(window: OpenWindow) -> None:
    page = await (await window()).open()
    there_and_back = """async (address) => {
      const { fromAddress, toAddress } = await import("/static/js/state.js");
      return toAddress(fromAddress(new URL(address, location.origin).search));
    }"""
    addresses = [
        "/?gtin=00300691085301&near=K%C3%B6ln&radius_m=50000",
        "/?product=77&lat=-0.001&lon=179.999&radius_m=8047&limit=30&place=Somewhere+%26+else",
    ]
    assert [await page.evaluate(there_and_back, address) for address in addresses] == addresses

"""What is typed or scanned, read in the browser; the camera, where there is one."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.async_api import expect

from inventory_service.domain.gtin import check_digit
from tests.pages.browsing import OpenWindow
from tests.pages.staff.twin import StaffTwin
from tests.pages.staff.working import answer, sign_in, unsent

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

READ_EACH = """async (texts) => {
  const { readCode } = await import("/static/js/staff/code.js");
  return texts.map((text) => readCode(...[text].flat()));
}"""
CHECK_EACH = """async (bodies) => {
  const { checkDigit } = await import("/static/js/staff/code.js");
  return bodies.map(checkDigit);
}"""
READER = """
  window.BarcodeDetector = class {
    static async getSupportedFormats() { return ["ean_13", "upc_e"]; }
    async detect(video) { return video.readyState > 1 ? [{ rawValue: window.seen, format: "ean_13" }] : []; }
  };
  window.seen = "4006381333930";
"""
"""A stand-in for a reader that Chromium has on phones alone; it first reads a digit wrongly."""


async def test_codes_are_read_in_every_usual_form(window: OpenWindow) -> None:
    page = await (await window()).open("/staff")
    cases: dict[Any, Any] = {
        " 4 006381-333931 ": {"gtin": "04006381333931"},
        "036000291452": {"gtin": "00036000291452"},
        "96385074": {"gtin": "00000096385074"},
        "]E04006381333931": {"gtin": "04006381333931"},
        "]d2010400638133393117261231\u001d10AB": {"gtin": "04006381333931"},
        "010400638133393117261231": {"gtin": "04006381333931"},
        "(01)04006381333931(10)AB": {"gtin": "04006381333931"},
        "https://id.example/01/04006381333931/10/AB?x=1": {"gtin": "04006381333931"},
        "https://elsewhere.example/": {"scan": "https://elsewhere.example/"},
        "]C110AB": {"scan": "]C110AB"},
        "A-17": {"item_id": "A-17"},
        "04252614": {"gtin": "00042100005264"},
        ("04252614", "upc_e"): {"gtin": "00042100005264"},
        "": {"fault": "Scan a barcode, or type the number under it.", "item_id": None},
        "4711": {"fault": "A barcode has 8, 12, 13 or 14 digits, not 4.", "item_id": "4711"},
        "00000000": {"fault": "A barcode is not all zeros.", "item_id": "00000000"},
        "036000291453": {
            "fault": "A digit is wrong: this number would have to end in 2.",
            "item_id": "036000291453",
        },
    }
    given_texts = [list(case) if isinstance(case, tuple) else case for case in cases]
    assert await page.evaluate(READ_EACH, given_texts) == list(cases.values())


async def test_the_browser_and_the_service_compute_the_same_check_digit(window: OpenWindow) -> None:
    page = await (await window()).open("/staff")
    bodies: list[str] = []

    @settings(max_examples=200)
    @given(st.text("0123456789", min_size=7, max_size=13))
    def gather(body: str) -> None:
        bodies.append(body)

    gather()
    assert await page.evaluate(CHECK_EACH, bodies) == [check_digit(body) for body in bodies]


async def test_without_a_reader_no_scan_button_is_offered(window: OpenWindow) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await expect(page.get_by_role("button", name="Find")).to_be_visible()
    await expect(page.get_by_role("button", name="Scan")).to_have_count(0)


async def test_the_camera_reads_until_a_code_holds_and_then_stops(window: OpenWindow, twin: StaffTwin) -> None:
    made = await window(permissions=["camera"])
    await made.context.add_init_script(READER)
    page = await made.open("/staff")
    await sign_in(page)
    await page.get_by_role("button", name="Scan").click()
    await expect(page.get_by_label("What the camera sees")).to_be_visible()
    await expect(page.get_by_role("button", name="Stop the camera")).to_be_visible()
    await page.evaluate("() => { window.seen = '4006381333931'; }")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Stabilo Boss highlighter, yellow")
    assert await page.evaluate("document.getElementById('video').srcObject") is None
    await answer(page, "Yes")
    await expect(unsent(page)).to_have_text("All sent")
    assert len(twin.said) == 1


async def test_a_camera_that_is_refused_leaves_typing(window: OpenWindow) -> None:
    made = await window(permissions=[])
    await made.context.add_init_script(READER)
    page = await made.open("/staff")
    await sign_in(page)
    await page.get_by_role("button", name="Scan").click()
    await expect(page.locator("#code-hint")).to_contain_text("The browser may not use the camera.")
    await expect(page.get_by_label("What the camera sees")).to_be_hidden()

"""A clerk's work with a connection: sign in, find, say, take back, sign out."""

import pytest
from playwright.async_api import expect

from tests.pages.browsing import OpenWindow
from tests.pages.staff.twin import CHAIN, SELDOM, SINGLE, StaffTwin
from tests.pages.staff.working import answer, find, sign_in, unsent

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

KEPT = "[JSON.stringify(sessionStorage), JSON.stringify(localStorage)].map((text) => text.includes('st_clerk'))"


async def test_a_code_and_one_tap_tell_what_is_on_the_shelf(window: OpenWindow, twin: StaffTwin) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await find(page, "4006381333931")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Stabilo Boss highlighter, yellow")
    await expect(page.locator(".held")).to_contain_text("In stock")
    await answer(page, "No")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Acme Broadway")
    await expect(page.locator(".entry")).to_contain_text("No: Stabilo Boss highlighter, yellow")
    await expect(page.locator(".entry")).to_contain_text("Sent")
    (body,) = twin.said.values()
    assert (body["store_id"], body["gtin"], body["shelf"]) == (9, "04006381333931", "none")


async def test_a_double_tap_says_it_once(window: OpenWindow, twin: StaffTwin) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await find(page, "4006381333931")
    both = "node => { node.click(); node.click(); }"
    await page.locator(".choices").get_by_role("button", name="Yes").evaluate(both)
    await expect(unsent(page)).to_have_text("All sent")
    await expect(page.locator(".entry")).to_have_count(1)
    assert len(twin.said) == 1


async def test_one_of_a_chains_stores_is_found_by_parts_of_its_address(window: OpenWindow) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page, CHAIN, store=None)
    await expect(page.get_by_text("And 470 more.")).to_be_visible()
    await page.get_by_label("Part of its name, number or address").fill("elm 417")
    await expect(page.locator(".row")).to_have_count(1)
    await page.get_by_role("button", name="Acme 417").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Acme 417")
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Acme 417")
    await page.get_by_role("button", name="Other store").click()
    await page.get_by_label("Part of its name, number or address").fill("nowhere")
    await expect(page.get_by_text("No store fits.")).to_be_visible()


async def test_a_count_is_said_with_a_number(window: OpenWindow, twin: StaffTwin) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await find(page, "036000291452")
    await page.get_by_label("Or count").fill("1.5")
    await page.get_by_role("button", name="Save count").click()
    await expect(page.locator("#count-hint")).to_have_text("A count is a whole number of at most 5 digits.")
    await page.get_by_label("Or count").fill("12")
    await page.keyboard.press("Enter")
    await expect(page.locator(".entry")).to_contain_text("Counted 12: Tissues")
    await expect(unsent(page)).to_have_text("All sent")
    assert [(body["gtin"], body["quantity"]) for body in twin.said.values()] == [("00036000291452", 12)]


async def test_what_was_said_is_taken_back_by_one_tap(window: OpenWindow, twin: StaffTwin) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await find(page, "4006381333931")
    await answer(page, "Low")
    await expect(page.locator(".entry")).to_contain_text("Sent")
    await page.locator("#snack").get_by_role("button", name="Undo").click()
    await expect(page.locator(".entry")).to_contain_text("Undone")
    assert twin.undone == ["1"]


async def test_the_check_list_is_worked_off_one_by_one(window: OpenWindow, twin: StaffTwin) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page, SINGLE, store=None)
    rows = page.locator(".checks .row")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text("Aisle 7 · Stabilo · 4006381333931")
    await expect(rows.last).to_contain_text(f"We say: In stock, about 70% sure. {SELDOM}")
    await rows.last.click()
    await answer(page, "Yes")
    await expect(rows).to_have_count(1)
    await expect(unsent(page)).to_have_text("All sent")
    assert [(body["product"], body["shelf"]) for body in twin.said.values()] == [(77, "seen")]


async def test_the_phones_back_button_leads_back_to_the_list(window: OpenWindow) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await find(page, "4006381333931")
    await expect(page.get_by_role("heading", name="Is it on the shelf?")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Acme Broadway")


async def test_a_wrong_check_digit_is_said_at_the_box(window: OpenWindow, twin: StaffTwin) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await find(page, "4006381333930")
    await expect(page.locator("#code-hint")).to_have_text("A digit is wrong: this number would have to end in 1.")
    await expect(page.locator("#code")).to_have_attribute("aria-invalid", "true")
    await expect(page.locator("#news")).to_contain_text("A digit is wrong")
    await page.get_by_role("button", name="It is our item number").click()
    await answer(page, "Yes")
    await expect(unsent(page)).to_have_text("All sent")
    assert [body["item_id"] for body in twin.said.values()] == ["4006381333930"]


async def test_a_hand_scanner_needs_no_focus_and_no_tap(window: OpenWindow) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Acme Broadway")
    await page.keyboard.type("4006381333931\n")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Stabilo Boss highlighter, yellow")
    await page.get_by_label("Or count").click()
    await page.keyboard.type("036000291452\n")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tissues, 85 sheets")


async def test_what_nobody_has_told_of_is_called_by_its_number_and_can_be_answered(
    window: OpenWindow, twin: StaffTwin
) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await find(page, "A-17")
    await expect(page.locator(".held")).to_contain_text("In stock")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Item A-17")
    await answer(page, "Yes")
    await expect(page.locator(".entry")).to_contain_text("Yes: Item A-17")
    await expect(page.locator(".entry")).to_contain_text("Sent")
    assert [body["item_id"] for body in twin.said.values()] == ["A-17"]


async def test_a_scan_without_a_number_cannot_be_answered(window: OpenWindow) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await find(page, "https://elsewhere.example/")
    await expect(page.locator(".held")).to_have_text("This has no GTIN.")
    await expect(page.locator(".choices")).to_have_count(0)


@pytest.mark.parametrize(("keep", "kept"), [(False, [True, False]), (True, [False, True])])
async def test_the_key_is_kept_where_the_clerk_wants_it_and_nowhere_after_signing_out(
    window: OpenWindow, keep: bool, kept: list[bool]
) -> None:
    page = await (await window()).open("/staff")
    await page.get_by_label("Keep me signed in on this device").set_checked(keep)
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Acme Broadway")
    assert await page.evaluate(KEPT) == kept
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Acme Broadway")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Staff sign-in")
    assert await page.evaluate(KEPT) == [False, False]


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("", "Type or paste the key that you were given."),
        ("pk_shop_0123456789", "A staff key begins with st_."),
        ("st_not one of ours", "A key has only letters, digits, - and _."),
        ("st_nobody_0123456789", "This key is not valid."),
    ],
)
async def test_a_key_that_will_not_do_is_explained(window: OpenWindow, secret: str, words: str) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page, secret, store=None)
    await expect(page.locator("#key-hint")).to_contain_text(words)
    await expect(page.get_by_label("Staff key")).to_be_focused()

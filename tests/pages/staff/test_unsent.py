"""Without a connection, or with a service that refuses: what waits, in which order it goes, and what becomes of it."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.pages.browsing import OpenWindow
from tests.pages.staff.twin import HIGHLIGHTER, SECRET, SINGLE, STORES, StaffTwin
from tests.pages.staff.working import answer, find, sign_in, unsent

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CODES = ["4006381333931", "036000291452", "96385074"]
FILL = """async (many) => {
  const { createLedger } = await import("/static/js/staff/ledger.js");
  const ledger = createLedger(() => {});
  for (let at = 0; at < many; at += 1) {
    const said = { owner: "none", identity: { gtin: "1" }, product: null, body: { shelf: "seen" } };
    ledger.add({ ...said, said_at: "2026-11-22T03:40:12Z" });
  }
}"""


async def say(page: Page, code: str, word: str) -> None:
    await find(page, code)
    await answer(page, word)


async def test_what_is_said_offline_waits_visibly_outlives_a_new_page_and_goes_in_order(
    window: OpenWindow, twin: StaffTwin
) -> None:
    made = await window()
    page = await made.open("/staff")
    await page.get_by_label("Keep me signed in on this device").check()
    await sign_in(page)
    await expect(page.locator(".checks .row")).to_have_count(2)
    await made.context.set_offline(True)
    for count, (code, word) in enumerate(zip(CODES, ["Yes", "Low", "No"], strict=True), start=1):
        await say(page, code, word)
        await expect(unsent(page)).to_have_text(f"Offline: {count} not sent yet")
    again = await made.context.new_page()
    await page.close()
    await made.context.set_offline(False)
    await again.goto(made.origin + "/staff")
    await expect(again.locator(".entry")).to_have_count(3)
    await expect(unsent(again)).to_have_text("All sent")
    assert [body["shelf"] for body in twin.said.values()] == ["seen", "low", "none"]
    assert twin.attempts == list(twin.said)
    assert len(set(twin.attempts)) == 3


async def test_coming_back_online_sends_without_a_tap(window: OpenWindow, twin: StaffTwin) -> None:
    made = await window()
    page = await made.open("/staff")
    await sign_in(page)
    await expect(page.locator(".checks .row")).to_have_count(2)
    await made.context.set_offline(True)
    await say(page, CODES[0], "No")
    await expect(page.locator(".entry")).to_contain_text("No: Stabilo Boss highlighter, yellow")
    await expect(page.locator(".entry")).to_contain_text("Not sent yet")
    await made.context.set_offline(False)
    await expect(unsent(page)).to_have_text("All sent")
    assert len(twin.said) == 1


async def test_the_page_opens_and_works_where_nothing_can_be_reached(window: OpenWindow, twin: StaffTwin) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await page.wait_for_function("async () => Boolean(await caches.match('/staff'))")
    await page.evaluate("navigator.serviceWorker.ready")
    twin.gone = True
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text(STORES[0]["name"])
    await expect(page.locator(".brand .icon")).to_be_visible()
    await say(page, CODES[1], "Low")
    await expect(unsent(page)).to_have_text("1 not sent yet")
    twin.gone = False
    await page.get_by_role("button", name="Try now").click()
    await expect(unsent(page)).to_have_text("All sent")
    assert [body["gtin"] for body in twin.said.values()] == ["00036000291452"]


async def test_the_time_is_that_of_the_tap(window: OpenWindow, twin: StaffTwin) -> None:
    made = await window()
    await made.page.clock.install()
    page = await made.open("/staff")
    await sign_in(page)
    await made.context.set_offline(True)
    await say(page, CODES[0], "No")
    said_ms = await page.evaluate("Date.now()")
    await page.clock.fast_forward("20:00")
    await made.context.set_offline(False)
    await expect(unsent(page)).to_have_text("All sent")
    (body,) = twin.said.values()
    seen_ms = await page.evaluate("(iso) => Date.parse(iso)", body["observed_at"])
    assert abs(seen_ms - said_ms) < 5_000


async def test_a_clock_that_differs_much_gives_way_to_the_services(window: OpenWindow, twin: StaffTwin) -> None:
    twin.answered_at = "2022-03-17T00:00:00Z"
    page = await (await window()).open("/staff")
    await sign_in(page)
    await say(page, CODES[0], "No")
    await expect(unsent(page)).to_have_text("All sent")
    (body,) = twin.said.values()
    assert body["observed_at"].startswith("2022-03-17T00:0")


async def test_what_was_never_sent_is_taken_back_without_the_service(window: OpenWindow, twin: StaffTwin) -> None:
    made = await window()
    page = await made.open("/staff")
    await sign_in(page)
    await expect(page.locator(".checks .row")).to_have_count(2)
    await made.context.set_offline(True)
    await say(page, CODES[0], "No")
    await say(page, CODES[1], "Yes")
    await page.get_by_role("button", name="Undo Stabilo").click()
    await expect(page.locator(".entry")).to_have_count(1)
    await made.context.set_offline(False)
    await expect(unsent(page)).to_have_text("All sent")
    assert [body["gtin"] for body in twin.said.values()] == ["00036000291452"]
    assert twin.undone == []


async def test_an_undo_offline_of_what_was_sent_is_sent_later(window: OpenWindow, twin: StaffTwin) -> None:
    made = await window()
    page = await made.open("/staff")
    await sign_in(page)
    await say(page, CODES[0], "No")
    await expect(page.locator(".entry")).to_contain_text("Sent")
    await made.context.set_offline(True)
    await page.get_by_role("button", name="Undo Stabilo").click()
    await expect(unsent(page)).to_have_text("Offline: 1 not sent yet")
    await made.context.set_offline(False)
    await expect(page.locator(".entry")).to_contain_text("Undone")
    assert twin.undone == ["1"]


async def test_a_refused_answer_is_shown_with_its_reason_and_holds_up_nothing(
    window: OpenWindow, twin: StaffTwin
) -> None:
    twin.statuses = [422, 201]
    page = await (await window()).open("/staff")
    await sign_in(page)
    await say(page, CODES[0], "No")
    await say(page, CODES[1], "Yes")
    await expect(page.get_by_role("heading", name="Refused: 1")).to_be_visible()
    await expect(page.locator(".refused")).to_contain_text("Refused with 422.")
    await expect(unsent(page)).to_have_text("All sent")
    assert [body["gtin"] for body in twin.said.values()] == ["00036000291452"]
    await page.get_by_role("button", name="Drop Stabilo").click()
    await expect(page.locator(".refused")).to_have_count(0)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_service_gets_the_same_answer_again_after_its_time(
    window: OpenWindow, twin: StaffTwin, status: int
) -> None:
    twin.statuses = [status]
    page = await (await window()).open("/staff")
    await sign_in(page)
    await say(page, CODES[0], "No")
    await expect(page.get_by_text("The service cannot take your answers just now.")).to_be_visible()
    await expect(unsent(page)).to_have_text("All sent")
    assert twin.attempts == [twin.attempts[0]] * 2


async def test_an_answer_on_which_the_service_always_fails_is_set_aside(window: OpenWindow, twin: StaffTwin) -> None:
    twin.statuses = [500] * 5
    page = await (await window()).open("/staff")
    await sign_in(page)
    await say(page, CODES[0], "No")
    for _ in range(4):
        await page.get_by_role("button", name="Try now").click()
    await expect(page.locator(".refused")).to_contain_text("Refused with 500.")
    await say(page, CODES[1], "Yes")
    await expect(unsent(page)).to_have_text("All sent")
    assert len(twin.said) == 1


async def test_a_key_that_ended_asks_for_another_and_keeps_what_waits(window: OpenWindow, twin: StaffTwin) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await find(page, CODES[0])
    await expect(page.locator(".held")).to_contain_text("In stock")
    del twin.keys[SECRET]
    await answer(page, "No")
    await expect(page.get_by_text("This key is not valid any more.")).to_be_visible()
    await sign_in(page, SINGLE, store=None)
    await expect(page.get_by_text("1 not sent yet, said on this device with another key.")).to_be_visible()
    assert twin.said == {}
    await page.get_by_role("button", name="Send with my key").click()
    await expect(page.locator(".entry")).to_contain_text("Sent")
    assert len(twin.said) == 1


async def test_signing_in_again_with_the_same_key_sends_what_waited(window: OpenWindow, twin: StaffTwin) -> None:
    made = await window()
    page = await made.open("/staff")
    await sign_in(page)
    await made.context.set_offline(True)
    await say(page, CODES[0], "No")
    await expect(unsent(page)).to_have_text("Offline: 1 not sent yet")
    asked: list[str] = []

    async def agree(dialog: object) -> None:
        asked.append(dialog.message)  # type: ignore[attr-defined]
        await dialog.accept()  # type: ignore[attr-defined]

    page.on("dialog", agree)
    await page.get_by_role("button", name="Sign out").click()
    assert asked[0].startswith("1 answer is not sent yet. Sign out?")
    await made.context.set_offline(False)
    await sign_in(page)
    await expect(unsent(page)).to_have_text("All sent")
    assert len(twin.said) == 1


async def test_signing_out_forgets_what_was_sent(window: OpenWindow) -> None:
    page = await (await window()).open("/staff")
    await sign_in(page)
    await say(page, CODES[0], "No")
    await expect(page.locator(".entry")).to_contain_text("Sent")
    await page.get_by_role("button", name="Sign out").click()
    assert HIGHLIGHTER["name"] not in await page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")


async def test_more_than_can_wait_is_refused_in_words_and_not_lost_silently(window: OpenWindow) -> None:
    made = await window()
    page = await made.open("/staff")
    await sign_in(page)
    await page.evaluate(FILL, 200)
    await find(page, CODES[0])
    await answer(page, "No")
    await expect(page.locator("#snack")).to_contain_text("200 answers wait on this device already.")
    await expect(page.get_by_role("heading", name="Is it on the shelf?")).to_be_visible()


async def test_two_tabs_send_each_answer_once(window: OpenWindow, twin: StaffTwin) -> None:
    made = await window()
    page = await made.open("/staff")
    await page.get_by_label("Keep me signed in on this device").check()
    await sign_in(page)
    other = await made.context.new_page()
    await other.goto(made.origin + "/staff")
    await expect(other.get_by_role("heading", level=1)).to_have_text(STORES[0]["name"])
    await made.context.set_offline(True)
    for code in CODES:
        await say(page, code, "Yes")
    await expect(unsent(other)).to_have_text("Offline: 3 not sent yet")
    await made.context.set_offline(False)
    await asyncio.gather(*(expect(unsent(each)).to_have_text("All sent") for each in (page, other)))
    assert twin.attempts == list(twin.said)
    assert len(twin.attempts) == 3

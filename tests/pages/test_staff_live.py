"""The staff page and the shopper's page on the running programs: what one window says, the other shows."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from playwright.async_api import Page, expect

from tests.pages.browsing import OpenWindow
from tests.pages.staff.working import answer, find, sign_in, unsent
from tests.pages.test_manners import serious_findings
from tests.programs.running import Running, environment, gone_within, running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SHOWN_WITHIN_MS = 2_000
STORES = """store_code,name,street,city,region,postcode,country,lat,lon
0042,Acme Broadway,1535 Broadway,New York,NY,10036,US,40.7583,-73.9858
0043,Acme Harlem,125 W 125th St,New York,NY,10027,US,40.8083,-73.9466
"""
PRODUCTS = """id	title	brand	gtin	price
A-1	Highlighter, yellow	Stabilo	4006381333931	1.99 USD
A-2	Highlighter, red	Stabilo	4006381333948	1.99 USD
"""
INVENTORY = """store_code	id	quantity	availability
0042	A-1	5	in stock
0043	A-2	1	in stock
"""
CODE, NEVER_LISTED = "4006381333931", "96385074"
QUESTION = "/?gtin={}&lat=40.7583&lon=-73.9858&radius_m=5000"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("staff-live")
    data = folder / "data"
    with running(environment(data, DEMO="0")) as started:
        load(started, folder, "stores.csv", STORES, "--format", "csv", "--mapping", "stores-simple")
        load(started, folder, "products.tsv", PRODUCTS, "--format", "google")
        load(started, folder, "inventory.tsv", INVENTORY, "--format", "google")
        yield started
    assert gone_within(30, data) == []


@pytest.fixture(scope="module")
def secret(program: Running) -> str:
    words = ["keys", "create", "--kind", "staff", "--retailer", "acme", "--name", "Broadway, Ana"]
    return program.command("inventory_service", *words).stdout.strip()


@pytest.fixture(scope="module")
def origin(program: Running) -> str:
    return program.url


def load(program: Running, folder: Path, name: str, text: str, *how: str) -> None:
    (folder / name).write_text(text)
    done = program.command("store_sync", "load", "--retailer", "acme", *how, str(folder / name))
    assert done.returncode == 0, done.stderr


async def status_after_reload(page: Page) -> int:
    """What becomes of the question whether the key still holds."""
    async with page.expect_response("**/v1/staff/me") as answer_of:
        await page.reload()
    return (await answer_of.value).status


def questions(page: Page) -> list[str]:
    """The addresses of all that the page will ask about availability, by stream or one by one."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/v1/availability" in request.url else None)
    return asked


async def shown(page: Page, word: str) -> None:
    """The shopper's page says so soon enough."""
    began_s = monotonic()
    await expect(page.locator(".badge").first).to_have_text(word, timeout=SHOWN_WITHIN_MS)
    print(f"shown after {monotonic() - began_s:.2f} s")


async def test_what_a_clerk_said_offline_is_on_the_shoppers_page_soon_after_it_was_sent(
    window: OpenWindow, secret: str
) -> None:
    began_s = monotonic()
    looking = await window()
    asked = questions(looking.page)
    shopper = await looking.open(QUESTION.format(CODE))
    await expect(shopper.locator(".badge").first).to_have_text("In stock")
    made = await window()
    clerk = await made.open("/staff")
    await sign_in(clerk, secret, "Acme Broadway")
    await find(clerk, CODE)
    await expect(clerk.get_by_role("heading", level=1)).to_have_text("Highlighter, yellow")
    await expect(clerk.locator(".held .badge")).to_have_text("In stock")
    await made.context.set_offline(True)
    await answer(clerk, "No")
    await expect(unsent(clerk)).to_have_text("Offline: 1 not sent yet")
    await expect(shopper.locator(".badge").first).to_have_text("In stock")
    await made.context.set_offline(False)
    await expect(unsent(clerk)).to_have_text("All sent")
    await shown(shopper, "Out of stock")
    await shopper.get_by_text("Why").click()
    await expect(shopper.locator(".evidence li").first).to_contain_text("Staff saw an empty shelf")
    await clerk.get_by_role("button", name="Undo Highlighter").click()
    await expect(clerk.locator(".entry")).to_contain_text("Undone")
    await shown(shopper, "In stock")
    streams = [each for each in asked if "/stream?" in each]
    assert len(streams) == 1
    assert len(asked) - len(streams) <= 1 + (monotonic() - began_s) // 60


async def test_a_product_that_nobody_listed_here_can_be_counted(window: OpenWindow, secret: str) -> None:
    clerk = await (await window()).open("/staff")
    await sign_in(clerk, secret, "Acme Harlem")
    await find(clerk, NEVER_LISTED)
    await expect(clerk.locator(".held .badge")).to_have_text("Unknown")
    await clerk.get_by_label("Or count").fill("12")
    await clerk.get_by_role("button", name="Save count").click()
    await expect(clerk.locator(".entry")).to_contain_text("Sent")
    await find(clerk, NEVER_LISTED)
    await expect(clerk.locator(".held .badge")).to_have_text("In stock")
    assert await serious_findings(clerk) == []


async def test_what_is_worth_a_look_is_listed_until_somebody_looked(window: OpenWindow, secret: str) -> None:
    clerk = await (await window()).open("/staff")
    await sign_in(clerk, secret, "Acme Harlem")
    listed = clerk.locator(".checks .row").filter(has_text="Highlighter, red")
    await expect(listed).to_contain_text("We say: Limited")
    assert await serious_findings(clerk) == []
    await listed.click()
    await answer(clerk, "Yes")
    await expect(clerk.locator(".entry")).to_contain_text("Sent")
    await clerk.get_by_role("button", name="Sign out").click()
    await sign_in(clerk, secret, "Acme Harlem")
    await expect(clerk.locator(".checks")).not_to_contain_text("Looking…")
    await expect(listed).to_have_count(0)


async def test_a_revoked_key_leads_back_to_the_key(window: OpenWindow, program: Running) -> None:
    words = ["keys", "create", "--kind", "staff", "--retailer", "acme", "--name", "for a while"]
    clerk = await (await window()).open("/staff")
    await sign_in(clerk, program.command("inventory_service", *words).stdout.strip(), "Acme Broadway")
    await expect(clerk.get_by_role("heading", level=1)).to_have_text("Acme Broadway")
    keys = [json.loads(line) for line in program.command("inventory_service", "keys", "list").stdout.splitlines()]
    (number,) = (str(key["key_id"]) for key in keys if key["name"] == "for a while")
    assert program.command("inventory_service", "keys", "revoke", number).returncode == 0
    async with asyncio.timeout(10):
        while await status_after_reload(clerk) != 401:
            pass
    await expect(clerk.get_by_text("This key is not valid any more.")).to_be_visible()

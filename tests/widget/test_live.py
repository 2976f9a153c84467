"""Two lines on a partner's page and a key of the running program: what the key allows, and its end."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.programs.running import Running, environment, gone_within, running
from tests.widget.hosts import Host, Hosts, hosting, strict, widget
from tests.widget.sights import LINK
from tests.widget.watching import Visit, watched

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MILK = "9520000000417"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("widget-live")
    with running(environment(data, REQUIRE_KEY="1")) as started:
        yield started
    assert gone_within(30, data) == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def partner(program: Running) -> AsyncIterator[tuple[Hosts, str]]:
    async with hosting(program.url) as made:
        yield made


async def created(program: Running, name: str, origin: str) -> str:
    words = ["keys", "create", "--kind", "publishable", "--name", name, "--origin", origin]
    return (await asyncio.to_thread(program.command, "inventory_service", *words)).stdout.strip()


async def revoke(program: Running, name: str) -> None:
    listed = (await asyncio.to_thread(program.command, "inventory_service", "keys", "list")).stdout
    (number,) = (str(key["key_id"]) for key in map(json.loads, listed.splitlines()) if key["name"] == name)
    done = await asyncio.to_thread(program.command, "inventory_service", "keys", "revoke", number)
    assert done.returncode == 0


async def opened(browser: Browser, program: Running, partner: tuple[Hosts, str], body: str) -> Visit:
    hosts, origin = partner
    made = await watched(browser, (origin, program.url), {})
    await made.page.goto(origin + hosts.add("shop", strict(Host(body))))
    return made


async def test_a_key_works_on_its_origin_until_it_is_revoked(
    browser: Browser, program: Running, partner: tuple[Hosts, str]
) -> None:
    key = await created(program, "shop", partner[1])
    made = await opened(browser, program, partner, widget(MILK, key, LINK))
    await made.ask("10001")
    await expect(made.widget.get_by_role("listitem").first).to_be_visible()
    await expect(made.widget.locator(".about")).to_contain_text("Simulated demo stock")
    assert made.complaints == []
    await revoke(program, "shop")
    async with asyncio.timeout(30):
        while await made.widget.get_by_role("textbox").count():
            await made.widget.evaluate("host => host.shadowRoot.querySelector('form')?.requestSubmit()")
            await asyncio.sleep(0.1)
    await expect(made.page.get_by_role("link", name="In stock near you?")).to_be_visible()
    assert any("publishable" in line for line in made.complaints)
    assert (made.strangers, await made.kept()) == ([], [])
    await made.context.close()


async def test_a_key_of_another_origin_is_told_on_the_console_which_origin_this_is(
    browser: Browser, program: Running, partner: tuple[Hosts, str], pictures: Path
) -> None:
    key = await created(program, "elsewhere", "https://shop.example")
    made = await opened(browser, program, partner, widget(MILK, key, near="10001"))
    await expect(made.widget).to_be_hidden()
    (said,) = made.complaints
    assert f"exactly this origin: {partner[1]}" in said
    await made.page.screenshot(path=pictures / "wrong-origin.png")
    await made.context.close()

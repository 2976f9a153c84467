"""The service, partners' pages on another origin, and a watched window on them."""

import os
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.pages.conftest import browser as browser
from tests.widget.hosts import Host, Hosts, hosting
from tests.widget.watching import Visit, Visiting, watched
from tests.widget.world import World, serving

_numbers = count()


@pytest.fixture(scope="session")
def serving_world() -> World:
    return World()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def origin(serving_world: World) -> AsyncIterator[str]:
    """Of the service."""
    async with serving(serving_world) as address:
        yield address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def partners(origin: str, serving_world: World) -> AsyncIterator[Hosts]:
    """The origin of their pages is the one at which the partner's key works."""
    async with hosting(origin) as (hosts, serving_world.origin):
        yield hosts


@pytest.fixture
def world(serving_world: World, partners: Hosts) -> World:
    """As new."""
    serving_world.forget()
    return serving_world


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the run keeps its pictures: the folder that SCREENSHOTS names, else pytest's own."""
    named = os.environ.get("SCREENSHOTS")
    folder = Path(named) / "widget" if named else tmp_path_factory.mktemp("widget-pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, partners: Hosts, world: World) -> AsyncIterator[Visiting]:
    """Opens partners' pages; afterwards none may have asked strangers, complained, or kept anything on the device."""
    visits: list[Visit] = []

    async def make(host: Host, **settings: Any) -> Visit:
        path = partners.add(f"page-{next(_numbers)}", host)
        made = await watched(browser, (world.origin, partners.origin), settings)
        visits.append(made)
        await made.page.goto(world.origin + path)
        return made

    yield make
    for each in visits:
        kept = await each.kept()
        await each.context.close()
        assert (each.strangers, each.complaints, kept) == ([], [], [])

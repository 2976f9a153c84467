"""One worker delivers; who dies loses the turn at once, and who is stopped loses it for want of a sign of life."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import asyncpg
import pytest
import pytest_asyncio

from inventory_service.storage import webhook_turn
from inventory_service.storage.postgres import OwnConnection, Pool, connect
from inventory_service.storage.webhook_turn import Turn
from tests.programs.running import environment, running
from tests.webhooks.receiver import Receiver, sooner_or_later
from tests.webhooks.world import Open

SERVE = (sys.executable, "-m", "inventory_service", "serve")
WITHIN_S = 60.0
Session = Callable[[], Awaitable[OwnConnection]]


@pytest_asyncio.fixture
async def session(database_url: str) -> AsyncIterator[Session]:
    async with AsyncExitStack() as stack:

        async def session() -> OwnConnection:
            connection = await connect(database_url, deadline_s=WITHIN_S)
            stack.callback(connection.terminate)
            return connection

        yield session


async def taken(connection: OwnConnection) -> Turn:
    async with asyncio.timeout(WITHIN_S):
        while (turn := await webhook_turn.take(connection)) is None:
            await asyncio.sleep(0.05)
    return turn


async def time_passes(pool: Pool) -> None:
    await pool.execute("UPDATE webhook_turn SET expires_at = expires_at - $1::interval", webhook_turn.LEASE)


async def test_who_gives_signs_of_life_keeps_the_turn(pool: Pool, session: Session) -> None:
    one, other = await session(), await session()
    turn = await taken(one)
    for _ in range(3):
        await time_passes(pool)
        async with pool.acquire() as connection:
            await turn.renew(connection)
        assert await webhook_turn.take(other) is None
    assert turn.held
    assert await one.fetchval("SELECT 1") == 1


async def test_who_gives_none_is_ended_and_nothing_that_was_begun_is_written(pool: Pool, session: Session) -> None:
    one, other = await session(), await session()
    turn = await taken(one)
    begun = one.transaction()
    await begun.start()
    await one.execute("UPDATE webhook_reader SET xact_id = 4711")
    await time_passes(pool)
    later = await taken(other)
    assert await pool.fetchval("SELECT count(*) FROM webhook_reader WHERE xact_id = 4711") == 0
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await begun.commit()
    async with pool.acquire() as connection:
        await turn.renew(connection)
    assert (turn.held, later.held) == (False, True)


async def test_who_dies_loses_the_turn_whatever_it_had_said(pool: Pool, session: Session) -> None:
    one, other = await session(), await session()
    await taken(one)
    await pool.execute("UPDATE webhook_turn SET expires_at = 'infinity'")
    one.terminate()
    assert (await taken(other)).held


async def test_nobody_is_ended_for_what_an_earlier_holder_left_undone(pool: Pool, session: Session) -> None:
    one, other = await session(), await session()
    await taken(one)
    await time_passes(pool)
    await pool.execute("UPDATE webhook_turn SET pid = pid + 1")
    assert await webhook_turn.take(other) is None
    assert await one.fetchval("SELECT 1") == 1


async def test_a_program_that_is_stopped_is_relieved_and_only_repeats_itself(
    open_house: Open, receiver: Receiver, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """It is stopped with a delivery on its way, which another makes again, under the same id."""
    house = await open_house(None)
    settings = environment(
        tmp_path, DATABASE_URL=database_url, REDIS_URL=redis_url, DEADLINE_S="30", DEMO="0", WEBHOOK_PRIVATE="1"
    )
    with running(settings, SERVE) as program:
        made = await house.subscribe(receiver)
        receiver.hanging = True
        await house.holds(0)
        await receiver.gets(1)
        os.kill(program.process.pid, signal.SIGSTOP)
        try:
            receiver.hanging = False
            other = await open_house()
            await receiver.gets(2)
            await house.settled("delivered")
            assert other.counted("nearshelf_webhooks_working") == 1
        finally:
            os.kill(program.process.pid, signal.SIGCONT)
        async with aiohttp.ClientSession() as client, asyncio.timeout(WITHIN_S):
            while await _works(client, program.url):
                await asyncio.sleep(0.1)
        await house.holds(2)
        await house.settled("delivered", 2)
    await sooner_or_later(lambda: {one.data["quantity_band"] for one in receiver.arrivals} == {"0", "1-2"})
    told = {(one.event_id, one.body) for one in receiver.arrivals}
    assert len(told) == 2
    assert all(one.verified(made["secret"]) for one in receiver.arrivals)
    assert await house.pool.fetchval("SELECT count(*) FROM webhook_delivery") == 2


async def _works(client: aiohttp.ClientSession, url: str) -> bool:
    async with client.get(f"{url}/metrics") as response:
        return "nearshelf_webhooks_working 1.0" in await response.text()

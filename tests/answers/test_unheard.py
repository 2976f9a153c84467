"""What nobody has told of is known to be unknown without asking; whatever anybody has told of is asked for."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio

from inventory_service.lookup import memory as memories
from inventory_service.lookup.memory import Memory
from inventory_service.storage import offered
from inventory_service.storage.postgres import Pool, open_pool
from tests.answers.conftest import House
from tests.answers.doors import Door, same
from tests.sync.world import GTIN, OTHER_GTIN, OWN_GTIN, Syncer, at, count, item, shop

NEVER = 96385074
POINT = "lat=47.6&lon=-122.3"


async def believed(house: House) -> None:
    """Until the worker keeps up with the log."""
    async with asyncio.timeout(20):
        while not house.service.shortcut.unheard(NEVER):
            await asyncio.sleep(0.01)


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url, deadline_s=30.0)
    yield pool
    pool.terminate()


@pytest_asyncio.fixture
async def sync(pool: Pool) -> Syncer:
    return Syncer(pool)


@pytest_asyncio.fixture
async def memory(pool: Pool) -> Memory:
    """One that follows nothing by itself, and for which no time passes."""
    memory = Memory(pool, "US", timedelta(days=14))
    await memory.load()
    await memory.catch_up()
    return memory


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "memory" in request.fixturenames:
        monkeypatch.setattr(memories, "LIVE_S", 3_600.0)


async def test_a_product_is_heard_of_with_the_first_look_at_the_log_after_it_was_committed(
    memory: Memory, sync: Syncer
) -> None:
    assert memory.unheard(int(GTIN))
    await sync.load([item("cola", GTIN, name="Cola")])
    await memory.catch_up()
    assert not memory.unheard(int(GTIN))
    assert memory.unheard(NEVER)


async def test_a_product_that_gets_its_gtin_later_is_heard_of_then(memory: Memory, sync: Syncer) -> None:
    await sync.load([shop("1"), count("1", "cola", 4, at(30))])
    await memory.catch_up()
    assert memory.unheard(int(GTIN))
    await sync.load([item("cola", GTIN, name="Cola")])
    await memory.catch_up()
    assert not memory.unheard(int(GTIN))


async def test_a_product_into_which_another_merges_stays_heard_of(memory: Memory, sync: Syncer) -> None:
    await sync.load([shop("1"), count("1", "cola", 4, at(30))])
    await sync.load([item("4711", GTIN, name="Cola")], "bolt")
    await memory.catch_up()
    await sync.load([item("cola", GTIN, name="Acme cola")])
    await memory.catch_up()
    assert not memory.unheard(int(GTIN))
    again = Memory(memory._pool, "US", timedelta(days=14))
    await again.load()
    assert not again.unheard(NEVER)
    await again.catch_up()
    assert again.unheard(NEVER)
    assert not again.unheard(int(GTIN))


async def test_a_retailers_own_number_is_nobody_elses(memory: Memory, sync: Syncer) -> None:
    await sync.load([item("own", OWN_GTIN, name="Bread"), item("cola", GTIN)])
    await memory.catch_up()
    assert memory.unheard(int(OWN_GTIN))
    assert not memory.unheard(int(GTIN))


async def test_products_committed_later_than_others_that_began_after_them_are_heard_of(
    memory: Memory, sync: Syncer, pool: Pool
) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetchval("SELECT pg_current_xact_id()")
        await sync.load([item("cola", GTIN, name="Cola")])
        await memory.catch_up()
        assert not memory.unheard(int(GTIN))
        product_id = await connection.fetchval(
            "INSERT INTO product (gtin, as_of) VALUES ($1, now()) RETURNING product_id", OTHER_GTIN
        )
        await connection.execute(
            "INSERT INTO change (committed_at, kind, ids, store_ids) VALUES (now(), 'products', $1, '{}')", [product_id]
        )
        await memory.catch_up()
        assert memory.unheard(int(OTHER_GTIN))
    await memory.catch_up()
    assert not memory.unheard(int(OTHER_GTIN))


async def test_who_was_told_of_a_product_is_not_told_that_nobody_knows_it(memory: Memory, sync: Syncer) -> None:
    await sync.load([item("cola", GTIN, name="Cola")])
    (row,) = await sync.fetch("SELECT product_id FROM product")
    async with memory._pool.acquire() as connection:
        (cola,) = await offered.by_ids(connection, [row["product_id"]])
    memory.hear(cola.gtin)
    assert not memory.unheard(int(GTIN))


async def test_more_products_than_there_was_room_for_are_all_heard_of(
    memory: Memory, sync: Syncer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inventory_service.lookup.heard.LEAST_ROOM", 1)
    monkeypatch.setattr(memories, "PRODUCTS_AT_ONCE", 2)
    await memory.load()
    await memory.catch_up()
    gtins = [96385074, 12345670, int(GTIN), int(OTHER_GTIN)]
    for place, gtin in enumerate(gtins):
        await sync.load([item(f"i{place}", f"{gtin:014d}", name="One")])
        await memory.catch_up()
    assert not memory._heard.full
    assert [memory.unheard(gtin) for gtin in gtins] == [False] * 4


async def test_after_a_loading_that_broke_off_nothing_is_unheard_of_until_all_is_read(
    memory: Memory, sync: Syncer
) -> None:
    await sync.load([item("cola", GTIN, name="Cola")])
    await memory.catch_up()
    assert memory.unheard(NEVER)
    await sync.fetch("ALTER TABLE product RENAME TO gone")
    await memory.load()
    with pytest.raises(asyncpg.UndefinedTableError):
        await memory.catch_up()
    assert not memory.unheard(NEVER)
    await sync.fetch("ALTER TABLE gone RENAME TO product")
    await memory.catch_up()
    assert memory.unheard(NEVER)
    assert not memory.unheard(int(GTIN))


async def test_when_the_log_cannot_be_followed_nothing_is_unheard_of_for_long(house: House) -> None:
    memory = house.service._parts.memory
    await believed(house)
    await house.postgres.cut()
    async with asyncio.timeout(10):
        while memory.unheard(NEVER):
            await asyncio.sleep(0.01)
    assert not house.service.shortcut.unheard(NEVER)


async def test_a_new_product_is_found_soon_after_nobody_knew_it(house: House, door: Door) -> None:
    target = f"/v1/availability?gtin={GTIN}&{POINT}"
    await believed(house)
    assert (await door.ask(target))[0] == 404
    await house.sync.load([shop("s1"), count("s1", "i1", 5, at(60), gtin=GTIN)])
    async with asyncio.timeout(20):
        while (await door.ask(target))[0] != 200:
            await asyncio.sleep(0.01)
    assert (await same(door, target))[0] == 200


async def test_a_product_just_found_by_another_way_is_found_by_the_quick_one(house: House, door: Door) -> None:
    await house.sync.load([shop("s1"), count("s1", "i1", 5, at(60), gtin=GTIN)])
    assert (await door.ask(f"/v1/products/{GTIN}"))[0] == 200
    assert (await door.ask(f"/v1/availability?gtin={GTIN}&{POINT}"))[0] == 200


@pytest.mark.parametrize("gtin", ["96385074", "00300691085318", "300691085318", "0300691085318"])
async def test_that_nobody_knows_a_product_is_told_and_counted_the_same(house: House, door: Door, gtin: str) -> None:
    counted = 'nearshelf_request_seconds_count{method="GET",route="/v1/availability",status="404"}'
    before = door.counted(counted)
    for place in (POINT, "near=47.6,-122.3"):
        await believed(house)
        status, headers, body = await same(door, f"/v1/availability?gtin={gtin}&{place}")
        assert (status, headers["content-type"]) == (404, "application/problem+json")
        assert f"{int(gtin):014d}".encode() in body
    assert door.counted(counted) - before == 4


async def test_what_nobody_knows_costs_postgres_no_question(house: House, door: Door) -> None:
    target = f"/v1/availability?gtin=96385074&{POINT}"
    await believed(house)
    await house.sync.fetch("ALTER TABLE product RENAME TO gone")
    async with asyncio.timeout(20):
        while (await door.ask(target))[0] != 404:
            await believed(house)
    assert (await door.ask(f"/v1/products/{GTIN}"))[0] == 500

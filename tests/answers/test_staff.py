"""What staff see is what everybody is answered, within a second and on either way to an answer."""

import asyncio
import time
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry

from inventory_service.program import service
from inventory_service.runtime.http.server import serve_app
from inventory_service.web.app import create_app
from tests.answers.conftest import House
from tests.answers.doors import Door, same
from tests.staff.world import CONFIRMATIONS, STAFF, add_keys, furnish, words
from tests.sync.world import GTIN, NOW, OTHER_GTIN, item

NEAR = f"/v1/availability?gtin={GTIN}&lat=47.6&lon=-122.3"


class Staff:
    """Staff at a service, and how long all else may take."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def confirm(self, **told: Any) -> Any:
        headers = {"Authorization": f"Bearer {STAFF}"}
        async with self._session.post(CONFIRMATIONS, data=orjson.dumps(words(**told)), headers=headers) as response:
            assert response.status == 201
            return await response.json()

    async def undo(self, confirmation_id: str) -> None:
        headers = {"Authorization": f"Bearer {STAFF}"}
        async with self._session.post(f"{CONFIRMATIONS}/{confirmation_id}/undo", headers=headers) as response:
            assert response.status == 200


@pytest_asyncio.fixture
async def staff(house: House, door: Door) -> Staff:
    store_ids = await furnish(house.sync)
    await add_keys(house.sync.pool, store_ids)
    await house.service._parts.memory.load()
    await house.current()
    return Staff(door._session)


def of_acme(body: bytes) -> Any:
    """The store s1 of acme."""
    found = orjson.loads(body)["results"]
    return next(one for one in found if (one["store"]["retailer"], one["store"]["store_code"]) == ("acme", "s1"))


async def told(door: Door) -> Any:
    """On either way: nothing changes meanwhile."""
    return of_acme((await same(door, NEAR))[2])


async def until(door: Door, kind: str) -> None:
    """Until what is told is a record, or a confirmation."""
    async with asyncio.timeout(20):
        while of_acme((await door.ask(NEAR))[2])["evidence"][0]["kind"] != kind:
            await asyncio.sleep(0.01)


async def test_what_staff_see_is_answered_as_theirs_and_taken_back_as_if_it_had_not_been(
    staff: Staff, door: Door
) -> None:
    before = await told(door)
    assert (before["availability"], before["evidence"][0]["kind"]) == ("in_stock", "record")
    confirmation = await staff.confirm(shelf="none")
    await until(door, "confirmation")
    after = await told(door)
    assert after["availability"] == "out_of_stock"
    assert after["evidence"] == [
        {"kind": "confirmation", "source": "staff", "observed_at": "2026-11-22T12:00:00Z", "seen": False}
    ]
    assert (after["as_of"], after["covered_at"]) == ("2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z")
    await staff.undo(confirmation["id"])
    await until(door, "record")
    assert await told(door) == before


@pytest.mark.parametrize(
    ("word", "seen"), [({"shelf": "seen"}, True), ({"shelf": "low"}, True), ({"quantity": 0}, False)]
)
async def test_each_word_is_told_as_seen_or_not_on_either_way(
    staff: Staff, door: Door, word: dict[str, Any], seen: bool
) -> None:
    await told(door)
    await staff.confirm(**word)
    await until(door, "confirmation")
    assert (await told(door))["evidence"][0]["seen"] is seen


async def test_the_only_word_there_was_taken_back_is_no_evidence(staff: Staff, door: Door, house: House) -> None:
    await house.sync.load([item("rope", OTHER_GTIN)], "acme")
    confirmation = await staff.confirm(gtin=OTHER_GTIN, shelf="seen")
    await staff.undo(confirmation["id"])
    await house.current()
    _, _, body = await same(door, NEAR.replace(GTIN, OTHER_GTIN))
    (result,) = orjson.loads(body)["results"]
    assert (result["availability"], result["probability"], result["evidence"]) == ("unknown", None, [])


async def test_a_confirmation_is_answered_by_every_worker_within_a_second(
    staff: Staff, door: Door, house: House
) -> None:
    async with service(house.tools) as other:
        app = create_app(other, house.tools.settings)
        async with serve_app(app, "127.0.0.1", 0) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            doors = [door, Door(session, CollectorRegistry())]
            for one in doors:
                await told(one)
            await staff.confirm(shelf="none")
            began = time.monotonic()
            await asyncio.gather(*(until(one, "confirmation") for one in doors))
            assert time.monotonic() - began < 1.0


async def test_answers_on_the_quick_way_are_counted_too(staff: Staff, door: Door, house: House) -> None:
    for _ in range(3):
        await same(door, NEAR)
    assert door.counted('nearshelf_searches_total{by="kernel"}') > 3
    await house.service.demand.add_up(house.sync.pool, NOW)
    async with asyncio.timeout(20):
        while await house.sync.value("SELECT sum(count) FROM asked") != 6:
            await asyncio.sleep(0.01)


async def test_a_product_that_nobody_ever_listed_is_answered_once_staff_have_seen_it(staff: Staff, door: Door) -> None:
    target = NEAR.replace(GTIN, OTHER_GTIN)
    assert (await same(door, target))[0] == 404
    await staff.confirm(gtin=OTHER_GTIN, quantity=4)
    async with asyncio.timeout(20):
        while (await door.ask(target))[0] != 200:
            await asyncio.sleep(0.01)
        while not (found := orjson.loads((await same(door, target))[2])["results"]):
            await asyncio.sleep(0.01)
    (result,) = found
    assert (result["store"]["store_code"], result["availability"]) == ("s1", "in_stock")
    assert result["evidence"][0]["kind"] == "confirmation"

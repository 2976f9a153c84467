"""Without scope counts an answer stands on the evidence that is shown, whichever way it takes; with it on the evidence
itself.
"""

from typing import Any

import orjson
import pytest_asyncio

from inventory_service.storage import changes, keys
from inventory_service.storage.postgres import transaction
from tests.answers.conftest import House
from tests.answers.doors import UNUSUAL, Door, same
from tests.sync.world import GTIN, at, count, item, shop

ASKED = f"/v1/availability?gtin={GTIN}&lat=47.6&lon=-122.3"
COUNTS, READER = "sk_counts_01", "sk_reader_01"


@pytest_asyncio.fixture
async def told(house: House, door: Door) -> Door:
    """A shelf whose count was last told an hour ago, and is shown as it was told three hours ago."""
    await house.sync.load([shop("s1"), item("i1", gtin=GTIN, name="Tea"), count("s1", "i1", 7, at(60))])
    await house.sync.fetch(
        "UPDATE position SET shown_source_id = source_id, shown_at = $1, shown_covered_at = $2", at(180), at(120)
    )
    async with transaction(house.tools.pool, deadline_s=10) as connection:
        now, rest = house.tools.clock(), {"kind": "sk", "retailer": None, "store_ids": [], "origins": []}
        for secret, scopes in ((COUNTS, ["read", "counts"]), (READER, ["read"])):
            await keys.add(connection, secret=secret, name=secret, scopes=scopes, now=now, **rest)
        await changes.append(connection, "keys", [1], [], now)
    await house.current()
    return door


def stands_on(body: bytes) -> tuple[Any, ...]:
    (result,) = orjson.loads(body)["results"]
    (seen,) = result["evidence"]
    return result["as_of"], result["covered_at"], seen["observed_at"]


def text(minutes: float) -> str:
    return f"{at(minutes):%Y-%m-%dT%H:%M:%SZ}"


async def test_what_is_shown_is_told_by_the_kernel_and_without_it(told: Door) -> None:
    for _ in range(3):
        _, _, body = await same(told, ASKED)
        assert stands_on(body) == (text(180), text(120), text(180))
    assert told.counted('nearshelf_searches_total{by="kernel"}') > 0
    _, _, read = await told.ask(ASKED, Authorization=f"Bearer {READER}")
    assert stands_on(read) == (text(180), text(120), text(180))


async def test_a_key_with_counts_is_told_of_the_evidence_itself(told: Door) -> None:
    for target in (ASKED, ASKED + UNUSUAL):
        _, _, body = await told.ask(target, Authorization=f"Bearer {COUNTS}")
        assert stands_on(body) == (text(60), text(60), text(60))


async def test_linked_data_is_valid_from_what_is_shown(told: Door) -> None:
    _, _, body = await told.ask(ASKED, Accept="application/ld+json")
    _, _, counted = await told.ask(ASKED, Accept="application/ld+json", Authorization=f"Bearer {COUNTS}")
    valid = [orjson.loads(one)["offers"][0]["validFrom"] for one in (body, counted)]
    assert valid == [text(180), text(60)]


async def test_nothing_of_an_answer_moves_while_what_is_shown_stays(house: House, told: Door) -> None:
    _, before, _ = await told.ask(ASKED)
    _, counted, _ = await told.ask(ASKED, Authorization=f"Bearer {COUNTS}")
    await house.sync.fetch("UPDATE position SET version = version + 1, low = 8, high = 8, observed_at = $1", at(59))
    await house.sync.fetch("UPDATE position SET covered_at = observed_at")
    await house.cache.forget_all()
    status, after, _ = await told.ask(ASKED, If_None_Match=before["etag"])
    assert (status, after["etag"]) == (304, before["etag"])
    assert (await told.ask(ASKED, Authorization=f"Bearer {COUNTS}"))[1]["etag"] != counted["etag"]

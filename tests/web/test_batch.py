"""POST /v1/availability/batch: many pairs, a status each."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from inventory_service.settings import Settings
from tests.web.conftest import QUESTION, Ask, Heard
from tests.web.twin import HANGING_ID, MERGED_ID, SEATTLE, Twin

PATH = "/v1/availability/batch"
PAIR = {"gtin": "00300691085301", "near": "98101"}

Batch = Callable[..., Awaitable[Heard]]


@pytest.fixture
def settings() -> Settings:
    return Settings(deadline_s=2.0)


@pytest_asyncio.fixture
async def batch(port: int) -> Any:
    async with aiohttp.ClientSession() as session:

        async def batch(body: Any, **headers: str) -> Heard:
            sent = body if isinstance(body, bytes) else orjson.dumps(body)
            async with session.post(f"http://127.0.0.1:{port}{PATH}", data=sent, headers=headers) as response:
                read = await response.read()
                return Heard(response.status, response.headers, read, orjson.loads(read))

        yield batch


def statuses(heard: Heard) -> list[int]:
    assert heard.status == 200, heard.body
    assert heard.json["next"] is None
    return [one["status"] for one in heard.json["results"]]


async def test_each_pair_is_answered_byte_for_byte_as_a_get_answers_it(batch: Batch, ask: Ask) -> None:
    heard = await batch({"queries": [{**PAIR, "limit": 2}, {**PAIR, "radius_m": 1000}]})
    told = [(await ask(f"{QUESTION}&limit=2")).body, (await ask(f"{QUESTION}&radius_m=1000")).body]
    framed = b",".join(b'{"status":200,"answer":%b}' % one for one in told)
    assert heard.body == b'{"results":[%b],"next":null}' % framed


async def test_a_key_with_counts_is_told_counts(batch: Batch) -> None:
    pairs = {"queries": [PAIR, {**PAIR, "quantity": 9}]}
    open_to_all = await batch(pairs)
    assert statuses(open_to_all) == [200, 403]
    assert b'"quantity":7' not in open_to_all.body
    counted = await batch(pairs, Authorization="Bearer sk_counts_0123456789")
    assert statuses(counted) == [200, 200]
    assert b'"quantity":7' in counted.body


async def test_one_bad_pair_does_not_spoil_the_others(batch: Batch) -> None:
    bad = [
        {**PAIR, "gtin": "00300691085302"},
        {**PAIR, "gtin": "04006381333931"},
        {**PAIR, "near": "nowhere at all"},
        {"product": MERGED_ID, "near": "98101"},
        {"scan": "no code", "near": "98101"},
        {**PAIR, "retailer": ["nobody"]},
        {"gtin": "02000000000015", "lat": SEATTLE.lat, "lon": SEATTLE.lon},
    ]
    heard = await batch({"queries": [one for pair in bad for one in (pair, PAIR)]})
    assert statuses(heard) == [400, 200, 404, 200, 400, 200, 308, 200, 400, 200, 400, 200, 400, 200]
    problems = [one["problem"] for one in heard.json["results"][::2]]
    assert [problem["errors"][0]["pointer"] for problem in problems] == [
        *("/queries/0/gtin", "/queries/2/gtin", "/queries/4/near", "/queries/6/product"),
        *("/queries/8/scan", "/queries/10/retailer", "/queries/12/gtin"),
    ]


async def test_a_pair_that_takes_too_long_is_answered_for_itself(batch: Batch) -> None:
    heard = await batch({"queries": [PAIR, {"product": HANGING_ID, "near": "98101"}, PAIR]})
    assert statuses(heard) == [200, 503, 200]


async def test_a_database_that_is_away_is_each_pairs_problem(batch: Batch, twin: Twin) -> None:
    twin.failing = True
    heard = await batch({"queries": [PAIR, PAIR]})
    assert statuses(heard) == [503, 503]
    assert b"10.1.2.3" not in heard.body


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (b"{", [""]),
        ([], [""]),
        ({}, ["/queries"]),
        ({"queries": None}, ["/queries"]),
        ({"queries": PAIR}, ["/queries"]),
        ({"queries": []}, ["/queries"]),
        ({"queries": [PAIR] * 101}, ["/queries"]),
        ({"queries": [PAIR], "limit": 3}, ["/limit"]),
        ({"queries": [PAIR, 7]}, ["/queries/1"]),
        ({"queries": [PAIR, {**PAIR, "gtin": 300691085301}]}, ["/queries/1/gtin"]),
        ({"queries": [PAIR, {"near": "98101"}]}, ["/queries/1/gtin"]),
        ({"queries": [{**PAIR, "product": 17}]}, ["/queries/0/gtin", "/queries/0/product"]),
        ({"queries": [{**PAIR, "lat": 1.0}]}, ["/queries/0/lat", "/queries/0/near"]),
        ({"queries": [{"gtin": "1", "lat": 91, "lon": 0}]}, ["/queries/0/lat"]),
        ({"queries": [PAIR, {**PAIR, "limit": "3", "open_now": 1}]}, ["/queries/1/limit", "/queries/1/open_now"]),
        ({"queries": [{**PAIR, "colour/~": "red"}]}, ["/queries/0/colour~1~0"]),
        ({"queries": [{**PAIR, "retailer": ["ok", "not ok"]}]}, ["/queries/0/retailer/1"]),
    ],
)
async def test_a_body_that_is_wrong_as_a_whole_names_each_field(batch: Batch, body: Any, pointers: list[str]) -> None:
    heard = await batch(body)
    assert (heard.status, heard.pointers) == (400, pointers), heard.body


async def test_null_is_as_good_as_nothing(batch: Batch) -> None:
    assert statuses(await batch({"queries": [{**PAIR, "lat": None, "product": None, "limit": None}]})) == [200]


async def test_a_body_that_is_too_large_is_not_read(batch: Batch) -> None:
    assert (await batch(b" " * 70_000)).status == 413


async def test_long_answers_are_compressed_and_none_is_kept(batch: Batch) -> None:
    heard = await batch({"queries": [PAIR]}, **{"Accept-Encoding": "gzip"})
    assert (heard.headers["Content-Encoding"], heard.headers["Cache-Control"]) == ("gzip", "no-store")

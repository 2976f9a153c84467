"""Requests that are answered outside of any task: whatever client or Redis do meanwhile, each gets its answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from random import Random

import orjson
import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry

from inventory_service.runtime.http.server import serve_app
from inventory_service.web.app import create_app
from tests.answers.conftest import House
from tests.sync.world import GTIN, at, count, shop

QUESTION = f"/v1/availability?gtin={GTIN}&lat=47.6&lon=-122.3"
FAR = f"/v1/availability?gtin={GTIN}&lat=40.0&lon=-122.3"


@dataclass
class Client:
    """One raw connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, *targets: str) -> None:
        self.writer.write(b"".join(request(target) for target in targets))

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of the next response."""
        async with asyncio.timeout(10):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next(line for line in head.splitlines() if line.startswith("content-length:"))
            return int(head.split()[1]), await self.reader.readexactly(int(length.split()[1]))


def request(target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


async def under_way(house: House) -> None:
    """Until the worker has asked Redis for somebody."""
    reads = house.service._parts.cache._reads
    async with asyncio.timeout(10):
        while not (reads._turn or reads._line.turns):
            await asyncio.sleep(0)


def limit_told(body: bytes) -> int:
    return len(orjson.loads(body)["results"])


@pytest_asyncio.fixture
async def client(house: House) -> AsyncIterator[Client]:
    await house.sync.load([shop(f"s{n}") for n in range(5)])
    await house.sync.load([count(f"s{n}", "i1", 5, at(60), gtin=GTIN) for n in range(5)])
    await house.current()
    async with serve_app(create_app(house.service, house.tools.settings, CollectorRegistry()), "127.0.0.1", 0) as port:
        client = Client(*await asyncio.open_connection("127.0.0.1", port))
        for _ in range(2):
            client.send(QUESTION)
            assert (await client.answer())[0] == 200
        yield client
        client.writer.close()


async def test_requests_in_one_packet_are_answered_in_their_order(client: Client) -> None:
    limits = [3, 1, 4, 2, 5, 1, 1, 2]
    client.send(*(f"{QUESTION}&limit={limit}" for limit in limits))
    assert [limit_told((await client.answer())[1]) for _ in limits] == limits


async def test_what_is_asked_while_an_answer_is_under_way_is_answered_after_it(house: House, client: Client) -> None:
    house.redis.freeze()
    client.send(f"{QUESTION}&limit=2")
    await under_way(house)
    client.send(f"{QUESTION}&limit=3", "/nowhere")
    house.redis.thaw()
    assert [limit_told((await client.answer())[1]) for _ in range(2)] == [2, 3]
    assert (await client.answer())[0] == 404


async def test_a_request_in_pieces_is_answered_once_it_is_whole(client: Client) -> None:
    for byte in request(f"{QUESTION}&limit=2"):
        client.writer.write(bytes((byte,)))
        await client.writer.drain()
    assert limit_told((await client.answer())[1]) == 2


async def test_an_answer_under_way_goes_the_usual_way_when_redis_breaks_off(house: House, client: Client) -> None:
    house.redis.freeze()
    client.send(QUESTION)
    await under_way(house)
    await house.redis.cut()
    assert limit_told((await client.answer())[1]) == 5


async def test_the_nearest_beyond_is_told_by_the_lane_too(client: Client) -> None:
    client.send(FAR)
    _, body = await client.answer()
    document = orjson.loads(body)
    assert document["results"] == []
    assert document["nearest_beyond"]["distance_m"] > 50_000


async def test_a_client_that_hangs_up_disturbs_nobody(house: House, client: Client) -> None:
    port = client.writer.get_extra_info("peername")[1]
    other = Client(*await asyncio.open_connection("127.0.0.1", port))
    house.redis.freeze()
    other.send(QUESTION)
    await under_way(house)
    client.send(QUESTION)
    other.writer.transport.abort()
    house.redis.thaw()
    assert limit_told((await client.answer())[1]) == 5


async def test_much_that_is_asked_while_an_answer_is_under_way_waits_its_turn(house: House, client: Client) -> None:
    house.redis.freeze()
    client.send(f"{QUESTION}&limit=2")
    await under_way(house)
    limits = [1 + n % 5 for n in range(300)]
    for limit in limits:
        client.send(f"{QUESTION}&limit={limit}")
        await asyncio.sleep(0)
    client.send("/nowhere")
    house.redis.thaw()
    assert [limit_told((await client.answer())[1]) for _ in range(301)] == [2, *limits]
    assert (await client.answer())[0] == 404


async def test_what_waits_for_an_answer_is_answered_when_redis_breaks_off(house: House, client: Client) -> None:
    house.redis.freeze()
    client.send(f"{QUESTION}&limit=2")
    await under_way(house)
    client.send(f"{QUESTION}&limit=3", "/nowhere", f"{QUESTION}&limit=1")
    await house.redis.cut()
    assert [limit_told((await client.answer())[1]) for _ in range(2)] == [2, 3]
    assert (await client.answer())[0] == 404
    assert limit_told((await client.answer())[1]) == 1


LINES = [
    "",
    "Accept-Encoding: gzip\r\n",
    "accept: application/ld+json\r\n",
    "Origin: https://a.example\r\n",
    "X: \xe9\r\n",
]
TARGETS = [
    *(QUESTION, f"{QUESTION}&limit=1", f"{QUESTION}&limit=0", f"{QUESTION}#top", "/v1/products/4006381333931", "*"),
    *(f"/v1/availability?gtin={GTIN}&near=Z\xfcrich", "//v1/availability?gtin=1", f"http://x{QUESTION}"),
]


async def told(client: Client, wire: bytes) -> tuple[int, object]:
    """What is answered, without what time changes."""
    client.writer.write(wire)
    status, body = await client.answer()
    if body.startswith(b"{"):
        document = orjson.loads(body)
        return status, [document.get("type"), document.get("detail"), len(document.get("results", ()))]
    return status, body[:10]


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_follows_on_a_connection_is_answered_as_on_one_of_its_own(client: Client, seed: int) -> None:
    random, port = Random(seed), client.writer.get_extra_info("peername")[1]
    for _ in range(60):
        head = f"GET {random.choice(TARGETS)} HTTP/1.{random.choice('1110')}\r\nHost: x\r\n{random.choice(LINES)}"
        wire = (head + random.choice(("", "", "", "Content-Length: 0\r\n")) + "\r\n").encode("latin-1")
        other = Client(*await asyncio.open_connection("127.0.0.1", port))
        alone = await told(other, wire)
        other.writer.close()
        if client.reader.at_eof():
            client = Client(*await asyncio.open_connection("127.0.0.1", port))
        assert await told(client, wire) == alone, wire
        await asyncio.sleep(0.001)

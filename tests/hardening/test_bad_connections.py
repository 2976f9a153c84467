"""Bad connections beside normal traffic, on the programs as a person starts them."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.hardening.clients import HEAD, Bad, Ended, asking, bomb, sending, suffered
from tests.programs.running import Running, environment, running

GONE_WITHIN_S = 22.0
"""15 seconds, and what a loaded machine takes for a thousand connections of a test."""
STORES = (
    "store_code,name,street,city,region,postcode,country,lat,lon,phone,opening_hours\n"
    "0042,Acme Broadway,1535 Broadway,New York,NY,10036,US,40.7583,-73.9858,+1 212 555 0142,Mo-Su 08:00-22:00\n"
)
FEED = "/v1/feeds/shelf?retailer=acme"
CUT = re.compile(r'^nearshelf_connections_cut_total\{reason="(\w+)"\} (\S+)$', re.MULTILINE)
RECEIVER = {"slow_head", "large_head", "malformed", "slow_body", "idle"}
ANSWERING = RECEIVER | {"unread"}
EVENTS = "/v1/events/till?retailer=acme"


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(environment(tmp_path_factory.mktemp("hardening"), DEMO="0")) as program:
        yield program


@pytest.fixture(scope="module")
def key(programs: Running, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A sender's, of a retailer with one store."""
    stores: Path = tmp_path_factory.mktemp("feeds") / "stores.csv"
    stores.write_text(STORES)
    words = ("--retailer", "acme", "--format", "csv", "--mapping", "stores-simple", str(stores))
    loaded = programs.command("store_sync", "load", *words)
    assert loaded.returncode == 0, loaded.stderr
    made = programs.command("inventory_service", "keys", "create", "--kind", "secret", "--scope", "ingest")
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def of_any_program(path: str, idle: int) -> list[Bad]:
    """`path` answers a GET."""
    begun = b"GET %b HTTP/1.1\r\n%b" % (path.encode(), HEAD)
    return [
        *[Bad("never asks", b"")] * (idle // 2),
        *[Bad("asks once", asking(path))] * (idle // 2),
        *[Bad("partial header", begun + b"X-Slow: ")] * 20,
        *[Bad("trickling header", begun, b"X", 1.0)] * 20,
        *[Bad("header flood", begun, b"X-Flood: %b\r\n" % (b"x" * 4_000), 0.02)] * 20,
        *[Bad("partial line", b"GET /" + b"x" * 1_000)] * 10,
        *[Bad("no request", b"\x00" * 20_000, b"\x00" * 1_000, 0.5)] * 5,
    ]


def of_the_answering_program() -> list[Bad]:
    return [
        *of_any_program("/v1/places?q=New%20York", 500),
        *[Bad("partial body", sending("/v1/reports", 200) + b'{"found": ')] * 20,
        *[Bad("trickling body", sending("/v1/reports", 4_000), b" ", 0.5)] * 20,
        *[Bad("reads nothing", asking("/openapi.json") * 30, asking("/openapi.json") * 30, 0.2, reads=False)] * 5,
        Bad("gzip bomb", bomb("/v1/reports", "")),
    ]


def of_the_receiver(key: str) -> list[Bad]:
    return [
        *of_any_program("/livez", 200),
        *[Bad("partial body", sending("/v1/webhooks/shopify/x", 200) + b"{")] * 10,
        *[Bad("trickling webhook", sending("/v1/webhooks/shopify/x", 4_000), b" ", 0.5)] * 10,
        *[Bad("body of a stranger", sending(FEED, 4_000), b" ", 0.5)] * 10,
        Bad("partial file", sending(FEED, 4_000, key) + b"store_code"),
        Bad("partial events", sending(EVENTS, 4_000, key) + b'{"kind": '),
    ]


async def cut(address: str) -> dict[str, float]:
    """How many connections a program says that it has ended, by reason."""
    async with aiohttp.ClientSession() as session, session.get(f"{address}/metrics") as answer:
        told = await answer.text()
    return {found[1]: float(found[2]) for found in CUT.finditer(told)}


class Traffic:
    """Normal clients: each asks again and again, on connections that it keeps where it may."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses
        self.statuses: Counter[str] = Counter()
        self.longest_s = 0.0
        self.going = True

    async def run(self, clients: int) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
            await asyncio.gather(*(self._client(session) for _ in range(clients)))

    async def _client(self, session: aiohttp.ClientSession) -> None:
        while self.going:
            for address in self._addresses:
                began = time.monotonic()
                try:
                    async with session.get(address) as answer:
                        await answer.read()
                        self.statuses[str(answer.status)] += 1
                except (aiohttp.ClientError, TimeoutError) as error:
                    self.statuses[repr(error)] += 1
                self.longest_s = max(self.longest_s, time.monotonic() - began)
                await asyncio.sleep(0.05)


async def beside_normal_traffic(programs: Running, key: str) -> tuple[Traffic, list[Ended]]:
    answering, receiver = urlsplit(programs.url).port or 0, urlsplit(programs.receiver).port or 0
    traffic = Traffic(f"{programs.url}/v1/stores?near=10036", f"{programs.url}/", f"{programs.receiver}/readyz")
    normal = asyncio.create_task(traffic.run(clients=4))
    ended = await asyncio.gather(
        *(suffered(answering, bad) for bad in of_the_answering_program()),
        *(suffered(receiver, bad) for bad in of_the_receiver(key)),
        suffered(receiver, Bad("gzip bomb", bomb(FEED, key))),
    )
    traffic.going = False
    await normal
    return traffic, ended


async def test_bad_connections_are_gone_soon_and_normal_traffic_does_not_notice(programs: Running, key: str) -> None:
    traffic, ended = await beside_normal_traffic(programs, key)
    slowest = {one.kind: 0.0 for one in ended}
    for one in ended:
        slowest[one.kind] = max(slowest[one.kind], float("inf") if one.after_s is None else one.after_s)
    print(slowest, dict(traffic.statuses), round(traffic.longest_s, 2))
    assert {kind: round(after_s, 1) for kind, after_s in slowest.items() if after_s > GONE_WITHIN_S} == {}
    assert set(traffic.statuses) == {"200"}
    assert traffic.statuses["200"] > 100
    for address, wanted in ((programs.url, ANSWERING), (programs.receiver, RECEIVER)):
        assert {why for why, count in (await cut(address)).items() if count} >= wanted, address

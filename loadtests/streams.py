"""Many open streams of one worker: memory of each, how soon a change is at the right ones, and who else heard of it.

Drives a running service by HTTP alone; `--help` tells how. Half of the streams watch each product; the first is then
confirmed on a shelf again and again by the staff key.
"""

import argparse
import asyncio
import json
import socket
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import aiohttp

OPEN_AT_ONCE = 50
HEARD_WITHIN_S, LOOK_S = 10.0, 0.02
DROPPED_WITHIN_S = 60.0
STALLED_BUFFER_BYTES = 4_096


@dataclass
class Ear:
    """One stream: when each event came, but for the first."""

    gtin: str
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    heard_s: list[float] = field(default_factory=list)

    async def listen(self, session: aiohttp.ClientSession, near: str) -> None:
        query = urlencode({"gtin": self.gtin, "near": near})
        async with session.get(f"/v1/availability/stream?{query}") as response:
            if response.status != 200:
                raise SystemExit(f"{await response.text()}\nSTREAMS_PER_CLIENT bounds those of one address.")
            async for line in response.content:
                if line.startswith(b"event:"):
                    if self.begun.is_set():
                        self.heard_s.append(time.monotonic())
                    self.begun.set()


def resident_kib(pid: int) -> int:
    """What the process has in memory of its own."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Dirty", "Private_Clean")))


async def metric(session: aiohttp.ClientSession, name: str) -> float:
    async with session.get("/metrics") as response:
        lines = (await response.text()).splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


async def confirm(session: aiohttp.ClientSession, key: str, store_id: int, gtin: str, shelf: str) -> float:
    """When it was answered, by which time it is committed."""
    body = {"store_id": store_id, "gtin": gtin, "shelf": shelf}
    async with session.post(
        "/v1/staff/confirmations", json=body, headers={"Authorization": f"Bearer {key}"}
    ) as response:
        response.raise_for_status()
        return time.monotonic()


async def store_of(session: aiohttp.ClientSession, key: str, gtin: str, near: str) -> int:
    """The nearest store of the key's retailer in the answer."""
    async with session.get("/v1/staff/me", headers={"Authorization": f"Bearer {key}"}) as response:
        retailer = (await response.json())["retailer"]
    retailer = retailer["slug"] if isinstance(retailer, dict) else retailer
    async with session.get("/v1/availability", params={"gtin": gtin, "near": near, "retailer": retailer}) as response:
        return int((await response.json())["results"][0]["store"]["id"])


async def opened(session: aiohttp.ClientSession, ears: list[Ear], near: str) -> list["asyncio.Task[None]"]:
    tasks = []
    for at in range(0, len(ears), OPEN_AT_ONCE):
        some = ears[at : at + OPEN_AT_ONCE]
        tasks += [asyncio.create_task(ear.listen(session, near)) for ear in some]
        await asyncio.gather(*(ear.begun.wait() for ear in some))
    return tasks


async def told(ears: list[Ear], rounds: int, since_s: float) -> list[float]:
    """How long each took; those that heard nothing in time are left out."""
    for _ in range(round(HEARD_WITHIN_S / LOOK_S)):
        if all(len(ear.heard_s) >= rounds for ear in ears):
            break
        await asyncio.sleep(LOOK_S)
    return [ear.heard_s[rounds - 1] - since_s for ear in ears if len(ear.heard_s) >= rounds]


def stalled(url: str, gtin: str, near: str) -> socket.socket:
    """Asks for a stream and reads nothing of it."""
    parts = urlsplit(url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, STALLED_BUFFER_BYTES)
    connection.connect((parts.hostname, parts.port))
    query = urlencode({"gtin": gtin, "near": near, "limit": 50})
    connection.sendall(f"GET /v1/availability/stream?{query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
    return connection


async def dropped_after_s(session: aiohttp.ClientSession, given: argparse.Namespace, store_id: int) -> float | None:
    """Until a client that reads nothing was dropped, while its product changes all the time; None: it was not."""
    before, began = await metric(session, "nearshelf_streams_dropped_total"), time.monotonic()
    connection, number = stalled(given.url, given.gtin[0], given.near), 0
    try:
        while time.monotonic() - began < DROPPED_WITHIN_S:
            await confirm(session, given.staff_key, store_id, given.gtin[0], ("seen", "none")[number % 2])
            number += 1
            await asyncio.sleep(0.3)
            if await metric(session, "nearshelf_streams_dropped_total") > before:
                return time.monotonic() - began
    finally:
        connection.close()
    return None


async def measured(given: argparse.Namespace) -> dict[str, object]:
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(given.url, connector=connector, timeout=timeout) as session:
        store_id = await store_of(session, given.staff_key, given.gtin[0], given.near)
        before_kib = resident_kib(given.pid)
        ears = [Ear(given.gtin[number % 2]) for number in range(given.streams)]
        tasks = await opened(session, ears, given.near)
        await asyncio.sleep(3.0)
        kib = (resident_kib(given.pid) - before_kib) / given.streams
        right = [ear for ear in ears if ear.gtin == given.gtin[0]]
        strayed = sum(len(ear.heard_s) for ear in ears if ear.gtin != given.gtin[0])
        late: list[float] = []
        for number in range(given.rounds):
            since_s = await confirm(session, given.staff_key, store_id, given.gtin[0], ("none", "seen")[number % 2])
            late += await told(right, number + 1, since_s)
        others = sum(len(ear.heard_s) for ear in ears if ear.gtin != given.gtin[0]) - strayed
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        drop_s = await dropped_after_s(session, given, store_id)
    late.sort()
    return {
        "streams": given.streams,
        "kib_per_stream": round(kib, 1),
        "events_expected": len(right) * given.rounds,
        "events_heard": len(late),
        "heard_s_p50": round(statistics.median(late), 3),
        "heard_s_p99": round(late[int(0.99 * (len(late) - 1))], 3),
        "heard_s_most": round(late[-1], 3),
        "events_at_others": others,
        "stalled_dropped_s": None if drop_s is None else round(drop_s, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--staff-key", required=True)
    parser.add_argument("--gtin", action="append", required=True, help="given twice: changed, and left alone")
    parser.add_argument("--near", required=True)
    parser.add_argument("--pid", type=int, required=True, help="of the worker, for its memory")
    parser.add_argument("--streams", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    print(json.dumps(asyncio.run(measured(parser.parse_args()))))


if __name__ == "__main__":
    main()

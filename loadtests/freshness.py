"""How fresh answers are while all that can be disturbed is: python -m loadtests.freshness [--seconds N] [--seed N]

Starts its own programs in a folder of its own (one that answers, two that sync), writes counts through the receivers'
HTTP and asks over connections that stay open, on loopback only. Meanwhile the syncing programs are killed, stopped and
continued, and Redis is emptied. Each answer is held against what had been committed when. The last line is one JSON
object; exit status 1 where an answer was too old, went back or told what nobody had written.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
from redis.asyncio import Redis

from loadtests.freshness_programs import Server, command
from loadtests.truth import Heard, Shelf, Truth, percentiles_s, went_back

STORES, ITEMS, WRITERS, READERS, LINES = 40, 25, 3, 8, 20
BOUND_S, STOPPED_S, EVERY_S, LONGEST_S = 1.0, 4.5, 3.0, 1_800.0
ASK_WITHIN, SEND_WITHIN = aiohttp.ClientTimeout(total=10), aiohttp.ClientTimeout(total=2)
ATTEMPTS = 1_000
RETAILER = "freshness"


def gtin(number: int) -> str:
    body = f"0952{number:09d}"
    return body + str(-sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(body)) % 10)


SHELVES: list[Shelf] = [(gtin(item), f"s{store}") for item in range(ITEMS) for store in range(STORES)]


@dataclass
class Run:
    """What is under test, and what was seen."""

    api: Server
    syncs: list[Server]
    keys: dict[str, str]
    random: Random
    redis: Redis
    truth: Truth = field(default_factory=Truth)
    heard: list[Heard] = field(default_factory=list)
    replies: Counter[str] = field(default_factory=Counter)
    disturbed: Counter[str] = field(default_factory=Counter)

    async def write(self, session: aiohttp.ClientSession, shelves: list[Shelf]) -> None:
        """The next count of some shelves: the same lines again, to any receiver, until one says that they are safe."""
        began_s = time.monotonic()
        observed_at = datetime.now(UTC).isoformat(timespec="microseconds")
        lines = [
            {"store_code": store, "item_id": item, "gtin": item, "observed_at": observed_at}
            | {"quantity": self.truth.next_count((item, store), began_s)}
            for item, store in shelves
        ]
        body = "\n".join(map(json.dumps, lines)).encode()
        for _ in range(ATTEMPTS):
            if await self._accepted(session, body):
                break
            await asyncio.sleep(0.05)
        else:
            raise SystemExit("No receiver took the lines.")
        for shelf in shelves:
            self.truth.committed(shelf, time.monotonic())

    async def _accepted(self, session: aiohttp.ClientSession, body: bytes) -> bool:
        url = f"{self.random.choice(self.syncs).url}/v1/events/live?retailer={RETAILER}"
        headers = {"Authorization": f"Bearer {self.keys['ingest']}"}
        try:
            async with session.post(url, data=body, headers=headers, timeout=SEND_WITHIN) as reply:
                tally = await reply.json()
                self.replies[f"events {reply.status}"] += 1
                return reply.status == 200 and tally["rejected"] == 0
        except (aiohttp.ClientError, TimeoutError, OSError):
            self.replies["events cut off"] += 1
            return False

    async def writing(self, own: list[Shelf]) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                await self.write(session, self.random.sample(own, LINES))

    async def asking(self, connection: int) -> None:
        """One connection that is kept alive."""
        headers = {"Authorization": f"Bearer {self.keys['counts']}"}
        connector = aiohttp.TCPConnector(limit=1)
        async with aiohttp.ClientSession(self.api.url, connector=connector, headers=headers) as session:
            while True:
                item, asked_s = gtin(self.random.randrange(ITEMS)), time.monotonic()
                question = f"/v1/availability?gtin={item}&lat=40.2&lon=-75&radius_m=500000&limit=50"
                async with session.get(question, timeout=ASK_WITHIN) as reply:
                    answer, heard_s = await reply.json(), time.monotonic()
                self.replies[f"answers {reply.status}"] += 1
                for one in answer.get("results", []):
                    shelf = (item, one["store"]["store_code"])
                    self.heard.append(Heard(connection, shelf, one["quantity"], asked_s, heard_s))

    async def disturbing(self) -> None:
        while True:
            await asyncio.sleep(self.random.uniform(0.5, 2 * EVERY_S))
            one = self.random.choice(self.syncs)
            what = self.random.choice(("killed", "stopped", "emptied"))
            self.disturbed[what] += 1
            if what == "emptied":
                await self.redis.flushdb()
            elif what == "stopped":
                one.send(signal.SIGSTOP)
                await asyncio.sleep(STOPPED_S)
                one.send(signal.SIGCONT)
            else:
                one.send(signal.SIGKILL)
                await asyncio.to_thread(one.start)


async def under_way(run: Run, seconds: float) -> None:
    """All at once, for so many seconds; what fails ends it."""
    async with aiohttp.ClientSession() as session:
        for start in range(0, len(SHELVES), 500):
            await run.write(session, SHELVES[start : start + 500])
    work = [run.writing(SHELVES[part::WRITERS]) for part in range(WRITERS)]
    work += [run.asking(number) for number in range(READERS)]
    tasks = [asyncio.ensure_future(one) for one in (*work, run.disturbing())]
    done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in done:
        task.result()
    await run.redis.aclose()


def verdict(run: Run) -> dict[str, Any]:
    staleness = percentiles_s([run.truth.staleness_s(one) for one in run.heard])
    ahead = sum(map(run.truth.was_ahead, run.heard))
    back = len(went_back(run.heard))
    fine = staleness["p99.9"] <= BOUND_S and not ahead and not back
    figures = {f"staleness_{name.replace('.', '_')}_s": value for name, value in staleness.items()}
    told = {"counts_heard": len(run.heard), "counts_written": run.truth.commits, "went_back": back, "ahead": ahead}
    return {**figures, **told, "replies": run.replies, "disturbed": run.disturbed, "ok": fine}


@contextmanager
def house(folder: Path, random: Random) -> Iterator[Run]:
    own = {"DATA_DIR": str(folder / "data"), "PORT": "0", "SYNC_PORT": "0", "DEMO": "0", "LOG_LEVEL": "warning"}
    environment = {**os.environ, **own, "ANONYMOUS_PER_MINUTE": "0"}
    api = Server(["-m", "inventory_service", "serve"], environment)
    syncs = [Server(["-m", "store_sync", "serve"], environment) for _ in range(2)]
    with ExitStack() as stack:
        for server in (api, *syncs):
            stack.callback(server.end)
            server.start()
        stores = folder / "stores.csv"
        rows = (f"s{number},Fresh {number},{40 + number / 100:.2f},-75\n" for number in range(STORES))
        stores.write_text("store_code,name,lat,lon\n" + "".join(rows))
        words = ("--retailer", RETAILER, "--format", "csv", "--mapping", "stores-simple", str(stores))
        command(environment, "store_sync", "load", *words)
        secret = ("keys", "create", "--kind", "secret", "--per-minute", "0", "--per-day", "0")
        keys = {
            "counts": command(environment, "inventory_service", *secret, "--scope", "read", "--scope", "counts"),
            "ingest": command(environment, "inventory_service", *secret, "--scope", "ingest", "--retailer", RETAILER),
        }
        (socket,) = (folder / "data").rglob("redis.sock")
        yield Run(api, syncs, keys, random, Redis.from_url(f"unix://{socket}"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fresh-") as name, house(Path(name), Random(asked.seed)) as run:
        asyncio.run(under_way(run, min(asked.seconds, LONGEST_S)))
        found = verdict(run)
    print(json.dumps(found))
    sys.exit(not found["ok"])


if __name__ == "__main__":
    main()

"""How long a change takes to be visible in every worker: counts that only grow, and one connection to each worker."""

import asyncio
import itertools
from collections import defaultdict, deque
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, time
from typing import Any

import aiohttp

from loadtests.bench.changing import Stream, send
from loadtests.bench.programs import House, command
from loadtests.bench.windows import Window
from loadtests.client.heard import milliseconds

RETAILER, STORES, LAT, LON = "bench-probe", 20, 32.3, -64.8
GTIN = "09529990000018"
UNLIMITED = ("--per-minute", "0", "--per-day", "0")
PROBES_PER_S, LOOK_EVERY_S = 40.0, 0.01
QUESTION = f"/v1/availability?gtin={GTIN}&lat={LAT}&lon={LON}&radius_m=100000&limit={STORES}"


@dataclass(frozen=True, slots=True)
class Shop:
    """A retailer of our own whose shelves are looked at, and keys to write and to see counts."""

    stream: Stream
    counts_key: str

    @classmethod
    def opened(cls, house: House, folder: Path) -> "Shop":
        """Its stores loaded, its keys made."""
        rows = (f"s{store},Probe {store},{LAT + store / 1_000:.3f},{LON}\n" for store in range(STORES))
        stores = folder / "probe-stores.csv"
        stores.write_text("store_code,name,lat,lon\n" + "".join(rows))
        words = ("--retailer", RETAILER, "--format", "csv", "--mapping", "stores-simple", str(stores))
        command(house.environment, "store_sync", "load", *words)
        return cls(Stream((), ingest_key(house), "till"), _key(house, "read", "counts"))


def ingest_key(house: House) -> str:
    return _key(house, "ingest")


def _key(house: House, *scopes: str) -> str:
    words = itertools.chain.from_iterable(("--scope", scope) for scope in scopes)
    return command(
        house.environment,
        "inventory_service",
        "keys",
        "create",
        "--kind",
        "secret",
        "--name",
        "bench",
        *UNLIMITED,
        *words,
    )


class Prober:
    """Writes a new count in one store after another, and looks in every worker until it is there."""

    def __init__(self, session: aiohttp.ClientSession, house: House, shop: Shop, windows: dict[int, Window]) -> None:
        self._session, self._receiver, self._shop, self._windows = session, house.receiver, shop, windows
        self._sent_s: dict[int, float] = {}
        self._safe_s: dict[int, float] = {}
        self._waiting: defaultdict[tuple[int, str], deque[int]] = defaultdict(deque)
        self._seen_s: dict[int, dict[int, float]] = {worker: {} for worker in windows}
        self._numbers = itertools.count(int(time() % 1e6) * 1_000)

    def work(self) -> Iterable[Coroutine[Any, Any, None]]:
        """Until cancelled."""
        return self._write(), *(self._look(worker) for worker in self._windows)

    def figures(self) -> dict[str, Any]:
        """From sending, and from the moment that the receiver had said that it was safe, to the last worker."""
        done = [number for number in self._safe_s if all(number in seen for seen in self._seen_s.values())]
        last_s = {number: max(seen[number] for seen in self._seen_s.values()) for number in done}
        sent = milliseconds([last_s[number] - self._sent_s[number] for number in done])
        safe = milliseconds([max(0.0, last_s[number] - self._safe_s[number]) for number in done])
        return {
            "visible": len(done),
            "never_visible": sum(perf_counter() - self._sent_s[number] > 1.0 for number in set(self._safe_s) - {*done}),
            **{f"visible_{name}": value for name, value in sent.items()},
            **{f"visible_after_safe_{name}": value for name, value in safe.items()},
        }

    async def _write(self) -> None:
        async with asyncio.TaskGroup() as sending:
            for store in itertools.cycle(range(STORES)):
                sending.create_task(self._tell(store, next(self._numbers)))
                await asyncio.sleep(1 / PROBES_PER_S)

    async def _tell(self, store: int, number: int) -> None:
        line: dict[str, Any] = {
            "kind": "count",
            "store_code": f"s{store}",
            "item_id": GTIN,
            "gtin": GTIN,
            "quantity": number,
        }
        for worker in self._windows:
            self._waiting[worker, line["store_code"]].append(number)
        self._sent_s[number] = perf_counter()
        await send(self._session, self._receiver, self._shop.stream, RETAILER, [line])
        self._safe_s[number] = perf_counter()

    async def _look(self, worker: int) -> None:
        while True:
            answer = await self._windows[worker].ask(QUESTION, self._shop.counts_key)
            at_s = perf_counter()
            for result in answer.get("results", ()):
                self._seen(worker, result["store"]["store_code"], result["quantity"], at_s)
            await asyncio.sleep(LOOK_EVERY_S)

    def _seen(self, worker: int, store: str, count: int | None, at_s: float) -> None:
        """A count that is there, and those before it that it took the place of."""
        waiting = self._waiting[worker, store]
        if count in waiting:
            while (number := waiting.popleft()) != count:
                self._seen_s[worker][number] = at_s
            self._seen_s[worker][number] = at_s

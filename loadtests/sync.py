"""`python -m loadtests.sync`: how fast stock comes in, beside a bare upsert of the same rows; and webhooks, end to end.

Starts its own programs in a folder of its own, over loopback only; bounded in rows and time (about two minutes).
Every cached block is there beforehand (`rebuild`), so that publishing has to write each changed level. In turn, several
times: the bare upsert (batches of 10,000 into the same table), a feed in which every count changed (parsed, committed,
published, visible in an answer), and the same feed again as a snapshot that changes nothing. The last line is JSON.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from loadtests.usage import processor_s

STORES, ITEMS, ROUNDS = 250, 2_000, 5
BATCH = 10_000
MARKER = "04006381333931"
"""GTIN of the item on the feed's last line: once its count is visible, so is everything before it."""
SECRET_VARIABLE, SECRET, SHOP = "BENCH_SHOP_SECRET", "no secret at all", "shop"
WEBHOOK_SECONDS, WEBHOOK_CONNECTIONS, PROBES = 6.0, 16, 100
AT_ONCE = 1_000
VISIBLE_WITHIN_S = 60.0

KEYS = "SELECT product_id, store_id, source_id FROM position ORDER BY store_id, product_id"
BARE = """
INSERT INTO position (product_id, store_id, low, high, observed_at, as_of, covered_at, source_id)
SELECT * FROM unnest($1::int[], $2::int[], $3::int[], $3::int[], $4::timestamptz[], $4::timestamptz[],
                     $4::timestamptz[], $5::smallint[])
ON CONFLICT (product_id, store_id) DO UPDATE SET
    version = position.version + 1, low = excluded.low, high = excluded.high, observed_at = excluded.observed_at,
    as_of = excluded.as_of, covered_at = excluded.covered_at, source_id = excluded.source_id
"""


@contextmanager
def house(folder: Path) -> Iterator[tuple[str, str, int, dict[str, str]]]:
    """Both programs on an empty database: their addresses, the receiver's process, and the environment of commands."""
    sources = folder / "sources.toml"
    sources.write_text(
        f'[[source]]\nretailer = "bench"\nsource = "{SHOP}"\nvendor = "shopify"\nsecrets = ["{SECRET_VARIABLE}"]\n'
    )
    own = {"DATA_DIR": str(folder / "data"), "PORT": "0", "SYNC_PORT": "0", "DEMO": "0", "LOG_LEVEL": "warning"}
    own["ANONYMOUS_PER_MINUTE"] = "0"
    environment = {**os.environ, **own, "SOURCES": str(sources), SECRET_VARIABLE: SECRET}
    with (
        program(["inventory_service", "serve"], environment) as (url, _),
        program(["store_sync", "serve"], environment) as (at, receiver),
    ):
        yield url, at, receiver, environment


@contextmanager
def program(words: list[str], environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    process = subprocess.Popen(
        [sys.executable, "-m", *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        yield next(line.split()[1] for line in process.stdout if line.startswith("ready ")), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def command(environment: dict[str, str], *words: str) -> dict[str, Any]:
    """The JSON object that a command ends with."""
    done = subprocess.run(
        [sys.executable, "-m", "store_sync", *words], env=environment, capture_output=True, text=True, timeout=600
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def ask(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.loads(answer.read())


class Feeds:
    """A retailer's files, and loading them."""

    def __init__(self, folder: Path, url: str, environment: dict[str, str]) -> None:
        self._folder, self._url, self._environment = folder, url, environment
        self._clock = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)

    def begin(self) -> None:
        stores = "".join(f"{number},Bench {number},{40 + number / 100:.2f},-75\n" for number in range(STORES))
        self._load("csv", "stores.csv", "store_code,name,lat,lon\n" + stores, "--mapping", "stores-simple")
        self._load("google", "products.tsv", f"id\ttitle\tgtin\nitem{ITEMS - 1}\tMarker\t{MARKER}\n")

    def start(self, data: Path, receiver: int) -> dict[str, float]:
        """What loading next to nothing costs, in seconds by program."""
        began = processor_s(data, receiver)
        self._load("google", "products.tsv", f"id\ttitle\tgtin\nitem{ITEMS - 1}\tMarker\t{MARKER}\n")
        ended = processor_s(data, receiver)
        return {name: ended[name] - began[name] for name in began}

    def stock(self, shift: int, *more: str) -> dict[str, Any]:
        """Loads a feed in which each count depends on `shift`; `seconds` lasts until the last line is visible."""
        lines = (f"{s}\titem{i}\t{(s * 31 + i * 17 + shift) % 23}\n" for s in range(STORES) for i in range(ITEMS))
        self._clock += timedelta(seconds=30)
        as_of = f"{self._clock:%Y-%m-%dT%H:%M:%SZ}"
        body = "store_code\tid\tquantity\n" + "".join(lines)
        tally = self._load("google", "stock.tsv", body, "--as-of", as_of, *more)
        began = time.monotonic()
        if "--snapshot" not in more:
            self._until_visible(as_of)
        return {**tally, "seconds": tally["seconds"] + time.monotonic() - began}

    def _load(self, feed_format: str, name: str, text: str, *more: str) -> dict[str, Any]:
        (self._folder / name).write_text(text)
        words = ["load", "--retailer", "bench", "--source", "feed", "--format", feed_format, *more]
        return command(self._environment, *words, str(self._folder / name))

    def _until_visible(self, as_of: str) -> None:
        lat = 40 + (STORES - 1) / 100
        question = f"{self._url}/v1/availability?gtin={MARKER}&lat={lat:.2f}&lon=-75&limit=1"
        until = time.monotonic() + VISIBLE_WITHIN_S
        while ask(question)["results"][0]["covered_at"] < as_of:
            if time.monotonic() > until:
                raise SystemExit("What was loaded never became visible.")
            time.sleep(0.002)


async def bare_upsert(data: Path, shift: int) -> float:
    """Rows a second of the bare upsert into the same table, as another day's counts."""
    sockets = (data / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    connection = await asyncpg.connect(host=sockets, user="nearshelf", database="nearshelf", timeout=10)
    try:
        await connection.execute("VACUUM ANALYZE position")
        keys = await connection.fetch(KEYS)
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=shift)
        began = time.perf_counter()
        for start in range(0, len(keys), BATCH):
            some = keys[start : start + BATCH]
            products, stores, sources = (list(column) for column in zip(*some, strict=True))
            counts = [50 + (one + shift) % 23 for one in products]
            async with connection.transaction():
                await connection.execute(BARE, products, stores, counts, [moment] * len(some), sources)
        rate = len(keys) / (time.perf_counter() - began)
        await connection.execute("VACUUM ANALYZE position")
    finally:
        await connection.close()
    return rate


def feeds(folder: Path, url: str, receiver: int, environment: dict[str, str]) -> dict[str, Any]:
    data = Path(environment["DATA_DIR"])
    own = Feeds(folder, url, environment)
    own.begin()
    new = own.stock(0)
    rebuilt = command(environment, "rebuild")
    print(f"feed, new       {new['rows'] / new['seconds']:>9,.0f} rows/s   rebuild {rebuilt}")
    start = own.start(data, receiver)
    rounds, used = [], []
    for number in range(ROUNDS):
        bare = asyncio.run(bare_upsert(data, number))
        began = processor_s(data, receiver)
        changed = own.stock(number + 1)
        between = processor_s(data, receiver)
        asyncio.run(vacuumed(data))
        vacuum = processor_s(data, receiver)
        unchanged = own.stock(number + 1, "--snapshot")
        used.append((_micros(began, between, start), _micros(vacuum, processor_s(data, receiver), start)))
        rates = {"bare": bare, **{name: one["rows"] / one["seconds"] for name, one in
                                  (("changed", changed), ("unchanged", unchanged))}}  # fmt: skip
        if changed["applied"] != changed["rows"] or unchanged["unchanged"] != unchanged["rows"]:
            raise SystemExit(f"Not what was to be measured: {changed} {unchanged}")
        rounds.append(rates)
        print("   ".join(f"{name} {rate:>9,.0f} rows/s" for name, rate in rates.items()))
    for name, spent in zip(("changed", "unchanged"), zip(*used, strict=True), strict=True):
        print(f"microseconds of processor time a row, {name}: {_median_of(spent)}")
    return {
        "sync_changed_cpu_us": _median_of([one for one, _ in used]),
        "sync_unchanged_cpu_us": _median_of([one for _, one in used]),
        "sync_rows": STORES * ITEMS,
        "sync_new_rows_per_s": round(new["rows"] / new["seconds"]),
        "sync_bare_upsert_rows_per_s": round(statistics.median(one["bare"] for one in rounds)),
        "sync_changed_rows_per_s": round(statistics.median(one["changed"] for one in rounds)),
        "sync_unchanged_rows_per_s": round(statistics.median(one["unchanged"] for one in rounds)),
        "sync_changed_to_bare": round(statistics.median(one["changed"] / one["bare"] for one in rounds), 3),
        "sync_unchanged_to_changed_cost": round(
            statistics.median(one["changed"] / one["unchanged"] for one in rounds), 3
        ),
    }


def _micros(began: dict[str, float], ended: dict[str, float], start: dict[str, float]) -> dict[str, float]:
    """Microseconds a row by program, without what starting the command costs."""
    return {name: (ended[name] - began[name] - start[name]) / (STORES * ITEMS) * 1e6 for name in began}


def _median_of(spent: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(one[name] for one in spent), 2) for name in spent[0]}


async def vacuumed(data: Path) -> None:
    sockets = (data / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    connection = await asyncpg.connect(host=sockets, user="nearshelf", database="nearshelf", timeout=10)
    await connection.execute("VACUUM ANALYZE position")
    await connection.close()


class Shop:
    """A shop that sends webhooks, each about another level, and looks whether its customers see them."""

    def __init__(self, session: aiohttp.ClientSession, url: str, receiver: str) -> None:
        self._session, self._url = session, url
        self._hook = f"{receiver}/v1/webhooks/shopify/{SHOP}"
        self._number = 0
        self.sent = 0

    async def tell(self, store: int, item: str) -> str:
        """Sends one count; returns the moment that it was observed at."""
        self._number += 1
        moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        body = json.dumps(
            {"inventory_item_id": item, "location_id": str(store), "available": self._number, "updated_at": moment}
        ).encode()
        signature = base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()
        async with self._session.post(self._hook, data=body, headers={"X-Shopify-Hmac-Sha256": signature}) as answer:
            if answer.status != 200:
                raise SystemExit(f"webhook: {answer.status} {await answer.text()}")
        self.sent += 1
        return moment

    async def visible(self) -> float:
        """Seconds from sending a webhook until an answer shows it."""
        began = time.perf_counter()
        store = self._number % STORES
        moment = await self.tell(store, f"item{ITEMS - 1}")
        question = f"{self._url}/v1/availability?gtin={MARKER}&lat={40 + store / 100:.2f}&lon=-75&limit=1"
        while time.perf_counter() - began < VISIBLE_WITHIN_S:
            async with self._session.get(question) as answer:
                (result,) = (await answer.json())["results"]
            if result["covered_at"] >= moment[:19]:
                return time.perf_counter() - began
            await asyncio.sleep(0.002)
        raise SystemExit("A webhook never became visible.")


async def webhooks(url: str, receiver: str) -> dict[str, Any]:
    """The most that goes in, then at half of it the time from sending to a visible answer."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        busy = Shop(session, url, receiver)
        until = time.monotonic() + WEBHOOK_SECONDS

        async def keep_busy(lane: int) -> None:
            while time.monotonic() < until:
                await busy.tell(lane, f"item{busy.sent % (ITEMS - 1)}")

        await asyncio.gather(*(keep_busy(lane) for lane in range(WEBHOOK_CONNECTIONS)))
        peak = busy.sent / WEBHOOK_SECONDS
        background = asyncio.create_task(_steady(busy, peak / 2))
        prober = Shop(session, url, receiver)
        seconds = sorted([await prober.visible() for _ in range(PROBES)])
        background.cancel()
        await asyncio.gather(background, return_exceptions=True)
    p50, p99 = seconds[PROBES // 2], seconds[int(PROBES * 0.99) - 1]
    print(f"webhooks {peak:>9,.0f} /s; at half of that visible after p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms")
    return {
        "webhooks_per_s": round(peak),
        "webhook_visible_p50_ms": round(p50 * 1e3, 1),
        "webhook_visible_p99_ms": round(p99 * 1e3, 1),
        "webhook_visible_max_ms": round(seconds[-1] * 1e3, 1),
    }


async def _steady(shop: Shop, rate: float) -> None:
    """Open loop: sends at a rate whether or not answers come, AT_ONCE at most; until cancelled."""
    running: set[asyncio.Task[str]] = set()
    loop = asyncio.get_running_loop()
    at = loop.time()
    try:
        while True:
            at += 1 / rate
            await asyncio.sleep(max(0.0, at - loop.time()))
            if len(running) < AT_ONCE:
                task = asyncio.create_task(shop.tell(len(running) % STORES, f"item{shop.sent % (ITEMS - 1)}"))
                running.add(task)
                task.add_done_callback(running.discard)
    finally:
        await asyncio.gather(*running)


def measured(folder: Path) -> dict[str, Any]:
    with house(folder) as (url, at, receiver, environment):
        return {**feeds(folder, url, receiver, environment), **asyncio.run(webhooks(url, at))}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="nearshelf-sync-") as name:
        print(json.dumps(measured(Path(name))))


if __name__ == "__main__":
    main()

"""Changes written meanwhile, at a rate, through the receiver's own `POST /v1/events`."""

import asyncio
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import aiohttp
import orjson

BATCH, AT_ONCE = 250, 4


Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stream:
    """Batches of one retailer each, the key that may write them, and the source that they come from.

    A source that has told of the positions before: then a change takes its own last word's place. Told by another
    source, it would be one witness more.
    """

    batches: Iterable[tuple[str, list[Line]]]
    key: str
    source: str


class Writer:
    """Open loop as far as AT_ONCE batches under way allow; `figures` say what rate was reached."""

    def __init__(self, session: aiohttp.ClientSession, receiver: str, stream: Stream, per_s: float) -> None:
        self._session, self._receiver, self._stream, self._per_s = session, receiver, stream, per_s
        self._free = asyncio.Semaphore(AT_ONCE)
        self._began_s = self._ended_s = perf_counter()
        self._applied = self._unchanged = 0

    async def run(self) -> None:
        """Until cancelled. Raises RuntimeError where a batch is not taken whole."""
        self._began_s, sent = perf_counter(), 0
        async with asyncio.TaskGroup() as sending:
            for retailer, lines in self._stream.batches:
                await asyncio.sleep(self._began_s + sent / self._per_s - perf_counter())
                await self._free.acquire()
                sent += len(lines)
                sending.create_task(self._send(retailer, lines))

    def figures(self) -> dict[str, Any]:
        took_s = max(1e-9, self._ended_s - self._began_s)
        return {
            "changes_per_s": round((self._applied + self._unchanged) / took_s),
            "changes_unchanged": self._unchanged,
            "changes_asked_per_s": self._per_s,
        }

    async def _send(self, retailer: str, lines: list[Line]) -> None:
        try:
            tally = await send(self._session, self._receiver, self._stream, retailer, lines)
        finally:
            self._free.release()
        self._applied += tally["applied"]
        self._unchanged += tally["unchanged"]
        self._ended_s = perf_counter()


async def send(
    session: aiohttp.ClientSession, receiver: str, stream: Stream, retailer: str, lines: list[Line]
) -> dict[str, Any]:
    """The receiver's tally of records observed now. Raises RuntimeError where a line is refused."""
    said = {"kind": "count", "observed_at": datetime.now(UTC).isoformat(timespec="microseconds")}
    body = b"\n".join(orjson.dumps(line | said) for line in lines)
    address = f"{receiver}/v1/events/{stream.source}?retailer={retailer}"
    async with session.post(address, data=body, headers={"Authorization": f"Bearer {stream.key}"}) as reply:
        told = await reply.read()
    tally = dict(orjson.loads(told)) if reply.status == 200 else {"rejected": True}
    if tally["rejected"]:
        raise RuntimeError(f"Changes were not taken: {reply.status} {told[:500]!r}")
    return tally


def batched(changes: Iterable[tuple[str, Line]]) -> Iterator[tuple[str, list[Line]]]:
    """Batches of one retailer; what other retailers say waits for its turn."""
    waiting: dict[str, list[Line]] = {}
    for retailer, line in changes:
        lines = waiting.setdefault(retailer, [])
        lines.append(line)
        if len(lines) >= BATCH:
            yield retailer, waiting.pop(retailer)
    yield from waiting.items()


def of_shops(retailer: str, stores: int, items: int) -> Iterator[tuple[str, Line]]:
    """Every position in turn, endlessly, with another count each time."""
    for turn in itertools.count(1):
        for item, store in itertools.product(range(items), range(stores)):
            yield (
                retailer,
                {"store_code": f"s{store}", "item_id": f"i{item}", "quantity": (turn + store + item) % 40},
            )

"""One kept connection to each answering process, told apart by who holds its other end."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from loadtests.bench.programs import House
from loadtests.client import wire

TRIED, ANSWER_WITHIN_S = 400, 10.0
ESTABLISHED = "01"


@dataclass(frozen=True, slots=True)
class Window:
    """A connection through which one worker answers."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def port(self) -> int:
        """Our end's."""
        return int(self.writer.get_extra_info("sockname")[1])

    async def ask(self, target: str, key: str = "") -> dict[str, Any]:
        """Raises TimeoutError, ConnectionError, and ValueError for what is no JSON object."""
        allowed = f"Authorization: Bearer {key}\r\n" if key else ""
        self.writer.write(f"GET {target} HTTP/1.1\r\nHost: bench\r\n{allowed}\r\n".encode())
        async with asyncio.timeout(ANSWER_WITHIN_S):
            head = await self.reader.readuntil(wire.HEAD_END)
            measures = wire.measures(head)
            return dict(orjson.loads(await self.reader.readexactly(measures[1] if measures else 0)))


@asynccontextmanager
async def each_worker(house: House) -> AsyncIterator[dict[int, Window]]:
    """A window by worker. Raises LookupError where some take no connections."""
    found: dict[int, Window] = {}
    async with AsyncExitStack() as stack:
        for _ in range(TRIED):
            window = await stack.enter_async_context(_opened(house.url))
            found.setdefault(await _holder(window, house.workers), window)
            if len(found) == len(house.workers):
                break
        else:
            raise LookupError("Some workers take no connections.")
        yield found


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Window]:
    address = urlsplit(url)
    window = Window(*await asyncio.open_connection(address.hostname, address.port))
    try:
        yield window
    finally:
        window.writer.close()


async def _holder(window: Window, workers: Iterable[int]) -> int:
    """The worker at the other end, by the inode of its socket in /proc. Raises LookupError."""
    await window.ask("/v1/places?q=x")
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[2].rpartition(":")[2], 16) == window.port and fields[3] == ESTABLISHED:
            for worker in workers:
                if any(_link(one) == f"socket:[{fields[9]}]" for one in Path(f"/proc/{worker}/fd").iterdir()):
                    return worker
    raise LookupError(f"No worker holds the connection from port {window.port}.")


def _link(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except OSError:
        return ""

"""Feeds as files, and what the database holds of sources."""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from inventory_service.storage import diagnostics, source_state
from inventory_service.storage.postgres import connected
from store_sync.declared import DeclaredSource
from store_sync.sources.taking import Means
from tests.sync.world import NOW, Syncer, at, shop

DEADLINE_S = 20.0
FEED = DeclaredSource("acme", "feed", "google-local-inventory", every_s=0.05)
HEAD = "store code\titemid\tquantity\n"


def watched(path: Path, **more: Any) -> DeclaredSource:
    return replace(FEED, watch=path, **more)


def feed(*counts: tuple[str, str, int]) -> str:
    """A Google local inventory of (store, item, quantity)."""
    return HEAD + "".join(f"{store}\t{item}\t{quantity}\n" for store, item, quantity in counts)


def write(path: Path, content: str | bytes, made_at: datetime) -> Path:
    """Writes a file whose own time is `made_at`."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return touch(path, made_at)


def touch(path: Path, made_at: datetime) -> Path:
    os.utime(path, (made_at.timestamp(), made_at.timestamp()))
    return path


async def until(condition: Callable[[], Any], what: str) -> None:
    """Waits for an awaitable or plain condition, with a deadline."""
    ends_at = time.monotonic() + DEADLINE_S
    while True:
        found = condition()
        if await found if asyncio.iscoroutine(found) else found:
            return
        assert time.monotonic() < ends_at, f"not within {DEADLINE_S:.0f} s: {what}"
        await asyncio.sleep(0.02)


class Sources:
    """One database, as tests of sources look at it."""

    def __init__(self, means: Means) -> None:
        self.means, self.sync = means, Syncer(means.pool)

    async def open_shops(self, *codes: str) -> None:
        """Shops of acme, loaded by hand from a source of their own."""
        await self.sync.load([shop(code) for code in codes], source="shops", as_of=at(1_000_000))

    async def loads(self, source: str = "feed") -> list[tuple[str, str | None]]:
        """(name of the file, why it was refused) of every load, the oldest first."""
        rows = await self.sync.fetch(
            "SELECT file, failure FROM load JOIN source USING (source_id) WHERE slug = $1 ORDER BY load_id", source
        )
        return [(row["file"].rpartition("/")[2], row["failure"]) for row in rows]

    async def files(self, source: str = "feed") -> list[str]:
        return [name for name, _ in await self.loads(source)]

    async def quantities(self) -> dict[tuple[str, str], int | None]:
        """(store, item) → pieces."""
        found = await self.sync.quantities()
        return {(code, product.removeprefix("item ")): quantity for (code, product), quantity in found.items()}

    async def row(self, source: str = "feed") -> dict[str, Any]:
        """What the diagnostics tell of a source of acme."""
        async with connected(self.means.pool, deadline_s=DEADLINE_S) as connection:
            rows = await diagnostics.overview(connection, NOW)
        return next(one for one in rows if one["source"] == source)

    async def pause(self, source: str = "feed") -> None:
        await self._decide(source, "pause")

    async def resume(self, source: str = "feed") -> None:
        await self._decide(source, "resume")

    async def _decide(self, source: str, verdict: source_state.Verdict) -> None:
        async with connected(self.means.pool, deadline_s=DEADLINE_S) as connection, connection.transaction():
            source_id = await source_state.enrol(connection, "acme", source, NOW)
            await source_state.decide(connection, source_id, verdict, "ann@till", NOW)

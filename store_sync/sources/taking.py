"""What watchers and pullers share: the parts they work with, and a fetched file's way into the loader."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from inventory_service.domain.clock import Clock
from inventory_service.storage import source_state
from inventory_service.storage.postgres import Pool, connected, transaction
from inventory_service.storage.stores import RetailerProfile
from store_sync.declared import DeclaredSource
from store_sync.files import open_feeds
from store_sync.formats.registry import parser_for
from store_sync.load import FeedOrder, Loader
from store_sync.sources.turns import LEASE_S, Turn, turn

DEADLINE_S = 10.0
LOADS_AT_ONCE = 3
"""Each holds a connection of the pool for as long as its file lasts."""
SPOOL = "spool"


@dataclass(frozen=True)
class Means:
    """What all sources of one program work with. `environ` holds the secrets that the file names."""

    pool: Pool
    loader: Loader
    clock: Clock
    data_dir: Path
    environ: Mapping[str, str]
    pull_max_bytes: int
    lease_s: float = LEASE_S
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LOADS_AT_ONCE))

    @property
    def spool(self) -> Path:
        return self.data_dir / SPOOL


async def enrolled(means: Means, source: DeclaredSource) -> int:
    """The source's id; it is added where it is not known. Raises StorageError."""
    async with transaction(means.pool, deadline_s=DEADLINE_S) as connection:
        return await source_state.enrol(connection, source.retailer, source.source, means.clock())


def turn_of(means: Means, source_id: int) -> AbstractAsyncContextManager[Turn | None]:
    """The turn to take files of a source; None while another process has it. Raises StorageError."""
    return turn(means.pool, source_id, means.lease_s)


async def tell_looked(means: Means, source_id: int) -> None:
    async with connected(means.pool, deadline_s=DEADLINE_S) as connection:
        await source_state.looked(connection, source_id, means.clock())


async def tell_failed(means: Means, source_id: int, sentence: str) -> None:
    async with connected(means.pool, deadline_s=DEADLINE_S) as connection:
        await source_state.look_failed(connection, source_id, sentence)


async def load_file(
    means: Means, source: DeclaredSource, turn: Turn, path: Path, modified_at: datetime | None, label: str
) -> None:
    """Loads what `path` holds, told as `label`, while the turn lasts.

    Raises FeedRefusedError, PausedError, StorageError and TurnLostError.
    """
    parser = parser_for(source.format, source.kind, source.mapping)
    for feed in open_feeds(str(path)):
        order = FeedOrder(
            profile=RetailerProfile(source.retailer, source.retailer),
            source=source.source,
            file=label + feed.name.removeprefix(str(path)),
            kind=source.kind or "any",
            modified_at=modified_at,
            snapshot=source.snapshot,
        )
        await means.loader.load(order, turn.guarded(parser(feed.stream)))

"""What every command of both programs works with: servers up, schema current, a pool and a clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from inventory_service.domain.clock import Clock, clock_from
from inventory_service.embedded import Servers, servers
from inventory_service.runtime.shutdown import close_pool
from inventory_service.settings import Settings
from inventory_service.storage.migrate import migrate
from inventory_service.storage.postgres import Pool, open_pool

BULK_DEADLINE_S = 120.0


@dataclass(frozen=True, slots=True)
class Toolbox:
    """A migrated database, reached with deadlines for bulk work, and our clock."""

    settings: Settings
    servers: Servers
    pool: Pool
    clock: Clock


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Toolbox]:
    """Raises ConfigurationError, StorageError."""
    async with servers(settings) as found:
        await migrate(found.database_url)
        pool = await open_pool(found.database_url, deadline_s=BULK_DEADLINE_S)
        try:
            yield Toolbox(settings, found, pool, clock_from(settings.clock))
        finally:
            await close_pool(pool)

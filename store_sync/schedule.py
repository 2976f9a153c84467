"""All declared sources beside each other: each is looked at in its own time, and none takes the others down."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from inventory_service.domain.errors import UnavailableError
from inventory_service.runtime.outage import Outage
from store_sync.declared import Declared, DeclaredSource
from store_sync.pulling import Puller, clear_spool
from store_sync.sources.taking import Means
from store_sync.watching import Watcher

log = structlog.get_logger(__name__)

Look = Callable[[], Awaitable[float]]
"""One look at a source; gives the seconds until the next."""

FIRST_REST_S = 0.5
LONGEST_REST_S = 30.0


async def tend(declared: Declared, means: Means) -> None:
    """Watches and pulls until cancelled; returns at once where there is nothing to watch or pull."""
    await asyncio.to_thread(clear_spool, means.spool)
    async with asyncio.TaskGroup() as group:
        for source in declared.sources:
            look = _look(source, means)
            if look is not None:
                group.create_task(keep_looking(source.name, look))


def _look(source: DeclaredSource, means: Means) -> Look | None:
    if source.watch is not None:
        return Watcher(source, source.watch, means).look
    return None if source.url is None else Puller(source, source.url, means).look


async def keep_looking(name: str, look: Look) -> None:
    """Looks until cancelled. A failure is told once, and rested from, longer each time."""
    outage = Outage(f"the source {name}")
    failures = 0
    while True:
        try:
            wait_s = await look()
            outage.over()
            failures = 0
        except Exception as error:
            if not (failures or isinstance(error, UnavailableError)):
                log.exception("source_failed", source=name)
            outage.met(error)
            wait_s = min(FIRST_REST_S * 2.0 ** min(failures, 10), LONGEST_REST_S)
            failures += 1
        await asyncio.sleep(wait_s)

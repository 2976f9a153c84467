"""A process that watches a folder until it is ended: `python -m tests.sources.tending URL FOLDER`."""

import asyncio
import sys
from pathlib import Path

from inventory_service.storage.postgres import open_pool
from store_sync.declared import Declared
from store_sync.load import Loader
from store_sync.schedule import tend
from store_sync.sources.taking import Means
from tests.sources.world import watched
from tests.sync.world import stopped_clock

LEASE_S = 1.0


async def main(url: str, folder: Path) -> None:
    pool = await open_pool(url, deadline_s=30.0)
    clock = stopped_clock()
    means = Means(pool, Loader(pool, clock), clock, folder.parent / "data", {}, 1 << 20, LEASE_S)
    await tend(Declared([watched(folder)]), means)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))

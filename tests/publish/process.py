"""A publisher in a process of its own: python -m tests.publish.process DATABASE_URL REDIS_URL. Logs to stderr."""

import asyncio
import sys

from inventory_service.runtime import logs
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.client import open_redis
from store_sync.publisher import Publisher
from tests.sync.world import stopped_clock


async def main(database_url: str, redis_url: str) -> None:
    await Publisher(database_url, Cache(open_redis(redis_url, deadline_s=5.0)), stopped_clock()).run()


if __name__ == "__main__":
    logs.configure("info")
    asyncio.run(main(*sys.argv[1:]))

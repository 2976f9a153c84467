"""The publisher's look at Redis's clock: late by little, never early."""

import asyncio

from redis.asyncio import Redis

from inventory_service.storage.cache.cache import Cache
from store_sync.publish.redis_clock import RedisClock


class Counting(Cache):
    """Counts how often the clock is asked."""

    asked = 0

    async def now_ms(self) -> int:
        self.asked += 1
        return await super().now_ms()


async def test_the_clock_is_asked_again_once_the_answer_is_old_and_never_read_ahead(redis: Redis) -> None:
    cache = Counting(redis)
    clock, looks = RedisClock(cache), 0
    async with asyncio.timeout(5):
        while cache.asked < 3:
            told_ms = await clock.at_least_ms()
            looks += 1
            assert told_ms <= await Cache(redis).now_ms()
    assert looks > cache.asked

"""The way into Redis: short deadlines, no hidden retries, errors in our own words."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from inventory_service.domain.errors import CacheError

COMMAND_DEADLINE_S = 0.5


def open_redis(url: str, *, deadline_s: float = COMMAND_DEADLINE_S, connections: int = 32) -> Redis:
    """A client whose commands fail after `deadline_s` seconds and are never sent twice."""
    return Redis.from_url(
        url,
        socket_timeout=deadline_s,
        socket_connect_timeout=deadline_s,
        retry=Retry(NoBackoff(), 0),
        max_connections=connections,
        protocol=2,
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turns what the driver raises while Redis is away, full or too slow into CacheError."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise CacheError(f"Redis did not answer ({type(error).__name__}).") from error

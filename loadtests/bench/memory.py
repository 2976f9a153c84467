"""What all of it takes: Redis by position, our processes together, one worker."""

from typing import Any

from redis import Redis

from loadtests import usage
from loadtests.bench.programs import House

DEADLINE_S = 10.0


def redis_bytes(house: House) -> int:
    """`used_memory`: everything that Redis holds, its own needs included."""
    with Redis(unix_socket_path=house.redis_socket, socket_timeout=DEADLINE_S) as redis:
        return int(redis.info("memory")["used_memory"])


def figures(house: House, positions: int) -> dict[str, Any]:
    used = redis_bytes(house)
    return {
        "redis_bytes": used,
        "redis_bytes_per_position": round(used / positions, 2),
        "pss_bytes": usage.pss_bytes(house.processes),
        "worker_rss_bytes": max(map(usage.rss_bytes, house.workers)),
        "worker_pss_bytes": max(usage.pss_bytes([worker]) for worker in house.workers),
    }

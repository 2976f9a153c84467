"""A process that takes the turn of a source and uses it until it is lost: `python -m tests.sources.holder URL ID S`."""

import asyncio
import sys
import time
from collections.abc import Iterator

from inventory_service.storage.postgres import open_pool
from store_sync.sources.turns import TurnLostError, turn


def endless() -> Iterator[int]:
    """Lines, one every millisecond, for at most a minute."""
    for number in range(60_000):
        time.sleep(0.001)
        yield number


async def main(url: str, source_id: int, lease_s: float) -> None:
    pool = await open_pool(url, deadline_s=10.0)
    async with turn(pool, source_id, lease_s) as mine:
        assert mine is not None
        print("held", flush=True)
        try:
            for number in mine.guarded(endless()):
                if number % 10 == 0:
                    await asyncio.sleep(0)
        except TurnLostError:
            print("lost", flush=True)
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))

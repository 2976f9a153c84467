"""A process that takes a lock and stops itself in the middle of rows: `python -m tests.programs.sending URL WAY`.

WAY: `sending` rows, `receiving` them, or `holding` the lock for its session, between two commands.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

from inventory_service.storage.postgres import Connection, connected, open_pool

LOCK = 4_711
MUCH = "SELECT repeat('x', 1000) FROM generate_series(1, 20000)"


def stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


async def rows() -> AsyncIterator[bytes]:
    yield b"1\n"
    await asyncio.sleep(0.05)
    stop()
    yield b"1\n"


async def sending(connection: Connection) -> None:
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await connection.execute("CREATE TABLE sent (number int)")
        await connection.copy_to_table("sent", source=rows())


async def receiving(connection: Connection) -> None:
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await connection.execute("CREATE TABLE sent (number int)")
        asyncio.get_running_loop().call_soon(stop)
        await connection.execute(MUCH)


async def holding(connection: Connection) -> None:
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
    stop()
    await connection.execute("CREATE TABLE sent (number int)")


async def main(database_url: str, way: str) -> None:
    pool = await open_pool(database_url, deadline_s=60.0)
    async with connected(pool, deadline_s=60.0) as connection:
        await {"sending": sending, "receiving": receiving, "holding": holding}[way](connection)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))

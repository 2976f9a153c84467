"""A program that joins the embedded servers: `python member.py DATA_DIR`.

Prints its addresses as JSON; for each line on stdin writes to both servers and prints what it then reads; leaves at
the end of stdin, or after it has used them once more on SIGINT.
"""

import asyncio
import json
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from inventory_service.embedded import Servers, servers
from inventory_service.settings import Settings


async def use_redis(running: Servers) -> None:
    """By hand: an interpreter that another user can run may lack what the client library needs."""
    reader, writer = await asyncio.open_unix_connection(urlsplit(running.redis_url).path)
    writer.write(b"SET visited 1\r\n")
    assert await reader.readexactly(5) == b"+OK\r\n"
    writer.close()


async def use(running: Servers) -> int:
    """The number of times that anyone did this with this data folder."""
    await use_redis(running)
    connection = await asyncpg.connect(running.database_url, timeout=10, command_timeout=10)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS visit (at timestamptz)")
        await connection.execute("INSERT INTO visit VALUES (now())")
        return await connection.fetchval("SELECT count(*) FROM visit")
    finally:
        await connection.close(timeout=5)


async def use_when_back(running: Servers) -> int:
    """Like `use`, while servers may just be starting again."""
    while True:
        try:
            return await use(running)
        except (OSError, EOFError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            await asyncio.sleep(0.05)


async def main(data_dir: str) -> None:
    interrupted = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.set)
    async with servers(Settings(data_dir=Path(data_dir), database_url=None, redis_url=None)) as running:
        print(json.dumps([running.database_url, running.redis_url]), flush=True)
        interruption = asyncio.create_task(interrupted.wait())
        while not interrupted.is_set():
            line = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
            await asyncio.wait([line, interruption], return_when=asyncio.FIRST_COMPLETED)
            if not interrupted.is_set() and not line.result():
                break
            async with asyncio.timeout(30):
                print(await use_when_back(running), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

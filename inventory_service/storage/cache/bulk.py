"""Many commands in one round trip, at a fraction of what a driver's call for each of them costs."""

import asyncio
import math
from collections.abc import Iterable, Sequence
from hashlib import sha1
from typing import Any

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import NoScriptError

from inventory_service.storage.cache.client import translated

Command = tuple[Any, ...]
"""Name and arguments: str, bytes, int."""


def digest(script: str) -> str:
    """The name by which EVALSHA calls a script."""
    return sha1(script.encode(), usedforsecurity=False).hexdigest()


class Bulk:
    """Runs commands, scripts by their digest among them. They must bear being run twice."""

    def __init__(self, redis: Redis, scripts: Sequence[str]) -> None:
        self._redis, self._scripts = redis, scripts
        self._deadline_s = redis.connection_pool.connection_kwargs.get("socket_timeout")

    async def run(self, commands: Iterable[Command]) -> list[Any]:
        """The answers in the order of the commands, all within the client's deadline. Raises CacheError."""
        sent = list(commands)
        if not sent:
            return []
        with translated():
            try:
                return await self._run(sent)
            except NoScriptError:
                for script in self._scripts:
                    await self._redis.script_load(script)
                return await self._run(sent)

    async def _run(self, commands: Sequence[Command]) -> list[Any]:
        pool = self._redis.connection_pool
        connection: AbstractConnection = await pool.get_connection()  # type: ignore[no-untyped-call]
        try:
            async with asyncio.timeout(self._deadline_s):
                return await _exchange(connection, commands)
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        finally:
            await pool.release(connection)


async def _exchange(connection: AbstractConnection, commands: Sequence[Command]) -> list[Any]:
    packed = b"".join([hiredis.pack_command(command) for command in commands])
    await connection.send_packed_command(packed, check_health=False)
    return [await connection.read_response(timeout=math.inf) for _ in commands]

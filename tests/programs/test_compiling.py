"""Machine code is made by a process of its own, once for all starts."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL
from pathlib import Path

from inventory_service.runtime.compiling import COMMAND, compiled_here

PROJECT = Path(__file__).resolve().parents[2]
DEADLINE_S = 240


async def test_the_command_that_compiles_keeps_what_it_made_for_every_start(database_url: str, redis_url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *COMMAND, cwd=PROJECT, env=environment, stdout=DEVNULL
    )
    async with asyncio.timeout(DEADLINE_S):
        assert await process.wait() == 0
    assert compiled_here()

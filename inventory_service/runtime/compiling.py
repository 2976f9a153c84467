"""The answers' machine code, made by a process that ends: whoever makes it holds 100 MB and more from then on."""

import asyncio
import os
import sys
from pathlib import Path

import structlog

from geo.compiled import KEPT
from inventory_service.embedded import Servers

COMMAND = ("-m", "inventory_service", "compile")
MARK = "complete"

log = structlog.get_logger(__name__)


def compiled_here() -> bool:
    """Whether all of these sources' machine code is kept; where nothing can be, every process makes its own."""
    return (Path(KEPT) / MARK).exists()


def keep_compiled() -> None:
    """Everything has been compiled."""
    (Path(KEPT) / MARK).touch()


async def ensure_compiled(found: Servers) -> None:
    """Has another process make what is missing. Where it cannot, this one does so itself when it needs it."""
    if compiled_here() or not isinstance(KEPT, Path):
        return
    environment = {**os.environ, "DATABASE_URL": found.database_url, "REDIS_URL": found.redis_url}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *COMMAND, stdout=asyncio.subprocess.DEVNULL, env=environment
    )
    if await process.wait() != 0:
        log.warning("compiled_here", reason="the process that was to compile ended with an error")

"""What the commands of both programs share: settings, one sentence for an error, tables."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

import orjson
import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from inventory_service.domain.errors import ConfigurationError, NearshelfError
from inventory_service.runtime import logs
from inventory_service.runtime.toolbox import Toolbox, opened
from inventory_service.settings import Settings

TERMINATED = 128 + signal.SIGTERM


def settings() -> Settings:
    """Raises ConfigurationError that names each bad variable."""
    try:
        return Settings()
    except ValidationError as error:
        faults = (f"{'.'.join(str(part) for part in one['loc']).upper()}: {one['msg']}" for one in error.errors())
        raise ConfigurationError("; ".join(faults)) from None


def run_with(work: Callable[[Toolbox], Awaitable[None]]) -> None:
    """Runs a command's work with the database open; an error of ours is one sentence and exit status 2.

    SIGTERM interrupts it: what it has begun is told as interrupted, and the exit status is 143.
    """

    async def main() -> None:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        async with opened(settings()) as tools:
            await work(tools)

    guarded(main)


def guarded(main: Callable[[], Coroutine[None, None, None]]) -> None:
    """Runs `main`; an error of ours is one sentence on stderr and exit status 2."""
    try:
        logs.configure(settings().log_level)
        uvloop.run(main())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        print("Interrupted.", file=sys.stderr)
        raise typer.Exit(TERMINATED) from None
    except NearshelfError as error:
        print(f"{error}", file=sys.stderr)
        raise typer.Exit(2) from None


def show(rows: list[dict[str, Any]], columns: Sequence[str]) -> None:
    """A table of `columns` on a terminal; elsewhere JSON Lines with all there is."""
    if not sys.stdout.isatty():
        for row in rows:
            print(orjson.dumps(row, default=str, option=orjson.OPT_UTC_Z).decode())
        return
    if not rows:
        print("There is nothing to list.")
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    Console().print(table)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}Z"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)

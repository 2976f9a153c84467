"""`python -m store_sync sources`: see, pause, resume; check the file that declares them."""

import asyncio
import getpass
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from inventory_service.domain.errors import ConfigurationError, NotFoundError, UnavailableError
from inventory_service.runtime.console import guarded, run_with, settings
from inventory_service.runtime.shutdown import stop_signal
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.storage import diagnostics, source_state
from inventory_service.storage.postgres import Connection, connected, transaction
from inventory_service.storage.source_state import Verdict
from store_sync.declared import Declared, load_declared
from store_sync.sources.showing import plan, shown, with_declared

app = typer.Typer(add_completion=False, help="Where reports come from: see, pause, resume, check.")

DEADLINE_S = 60.0
REFRESH_S = 1.0
Names = Annotated[list[str], typer.Argument(help="RETAILER SOURCE, or RETAILER/SOURCE.", metavar="SOURCE")]


@app.callback(invoke_without_command=True)
def sources(
    context: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", help="Look again every second until Ctrl-C.")] = False,
) -> None:
    """Lists the sources: last run, lag, counts, and what was refused; JSON lines where there is no terminal."""
    if context.invoked_subcommand is None:
        run_with(_keep_showing if watch else _show_once)


async def _rows(tools: Toolbox) -> list[dict[str, Any]]:
    declared = load_declared(tools.settings.sources)
    async with connected(tools.pool, deadline_s=DEADLINE_S) as connection:
        return with_declared(declared, await diagnostics.overview(connection, tools.clock()))


async def _show_once(tools: Toolbox) -> None:
    rows = await _rows(tools)
    if sys.stdout.isatty():
        Console().print(shown(rows, tools.clock()))
    else:
        _print_lines(rows)


async def _keep_showing(tools: Toolbox) -> None:
    """While the database is away the view says so, and goes on once it is back."""
    stop = stop_signal()
    if not sys.stdout.isatty():
        while not stop.is_set():
            _print_lines(await _rows(tools))
            await _pause(stop)
        return
    with Live(auto_refresh=False) as live:
        while not stop.is_set():
            try:
                live.update(shown(await _rows(tools), tools.clock()), refresh=True)
            except UnavailableError as error:
                live.update(Text(str(error)), refresh=True)
            await _pause(stop)


async def _pause(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(REFRESH_S):
            await stop.wait()


def _print_lines(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        print(orjson.dumps(row, default=str, option=orjson.OPT_UTC_Z).decode(), flush=True)


@app.command()
def pause(names: Names) -> None:
    """Takes nothing new from a source until it is resumed; a file that is half-way in is finished."""
    _decide(names, "pause", "is paused.")


@app.command()
def resume(names: Names) -> None:
    """Goes on with a paused source: what came meanwhile is taken."""
    _decide(names, "resume", "goes on.")


def _decide(names: list[str], verdict: Verdict, outcome: str) -> None:
    async def work(tools: Toolbox) -> None:
        retailer, source = _named(names)
        declared = load_declared(tools.settings.sources)
        async with transaction(tools.pool, deadline_s=DEADLINE_S) as connection:
            source_id = await _source_id(tools, connection, declared, retailer, source)
            decided = await source_state.decide(connection, source_id, verdict, _who(), tools.clock())
        print(f"{retailer}/{source} {outcome if decided else f'already {outcome}'}")

    run_with(work)


async def _source_id(tools: Toolbox, connection: Connection, declared: Declared, retailer: str, source: str) -> int:
    """Raises NotFoundError where the source is neither known nor declared."""
    try:
        return await source_state.find(connection, retailer, source)
    except NotFoundError:
        if declared.of(retailer, source) is None:
            raise
    return await source_state.enrol(connection, retailer, source, tools.clock())


def _named(names: list[str]) -> tuple[str, str]:
    """Raises ConfigurationError."""
    parts = [part for name in names for part in name.split("/")]
    if len(parts) != 2 or not all(parts):
        raise ConfigurationError("Name one source: RETAILER SOURCE, or RETAILER/SOURCE.")
    return parts[0], parts[1]


def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


@app.command()
def check(
    path: Annotated[Path | None, typer.Argument(help="The file; else SOURCES, else sources.toml.")] = None,
) -> None:
    """Reads the file that declares sources, and tells what each does and which environment variables it misses."""

    async def main() -> None:
        declared = load_declared(path or settings().sources)
        for source in declared.sources:
            missing = [name for name in source.variables if not os.environ.get(name)]
            for sentence in plan(source, missing):
                print(f"{source.name}: {sentence}")
        if not declared.sources:
            print("No source is declared.")

    guarded(main)

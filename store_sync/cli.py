"""`python -m store_sync`: feeds in, and what became of them."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.runtime.console import guarded, run_with, settings, show
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.storage import loads, snapshots
from inventory_service.storage.postgres import connected
from store_sync import program
from store_sync.cli_cache import cache_app
from store_sync.cli_sources import sources_app
from store_sync.formats.mapping import shipped_names
from store_sync.formats.registry import FORMATS
from store_sync.holding import drop, release
from store_sync.loading import LoadRequest, load_paths
from store_sync.undoing import undo as take_back

app = typer.Typer(no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
held_app = typer.Typer(no_args_is_help=True, help="Stores that a snapshot would empty: they wait for a person.")
app.add_typer(held_app, name="held")
app.add_typer(sources_app, name="sources")
app.add_typer(cache_app)

DEADLINE_S = 60.0
MAPPING_HELP = f"csv and tsv: a path, or one of {', '.join(shipped_names())}."


@app.command()
def load(
    paths: Annotated[list[str], typer.Argument(help="Files: plain, .gz or .zip; - is standard input.")],
    feed_format: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")],
    retailer: Annotated[str, typer.Option(help="Slug of the retailer; an unknown one is added.")],
    source: Annotated[str | None, typer.Option(help="Name of the source; else the mapping's or format's.")] = None,
    kind: Annotated[str | None, typer.Option(help="stores, products or stock; told by the file if left out.")] = None,
    mapping: Annotated[str | None, typer.Option(help=MAPPING_HELP)] = None,
    as_of: Annotated[str | None, typer.Option(help="ISO 8601 time that the files speak of; else their mtime.")] = None,
    snapshot: Annotated[bool, typer.Option("--snapshot", help="The files list all that their stores have.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen; change nothing.")] = False,
) -> None:
    """Loads files; the last line printed is one JSON object with the tally."""

    async def work(tools: Toolbox) -> None:
        request = LoadRequest(
            retailer=retailer,
            source=source or mapping_name(mapping) or feed_format,
            feed_format=feed_format,
            kind=kind,
            mapping=mapping,
            as_of=parse_time(as_of),
            snapshot=snapshot,
        )
        with progress_bar() as bar:
            tally = await load_paths(tools, request, paths, bar, rehearse=dry_run)
        if tally["held"]:
            print(f"{tally['held']} stores wait for a person: python -m store_sync held list", file=sys.stderr)
        if tally["shared_gtin"]:
            print(f"{tally['shared_gtin']} rows share their GTIN with another item; counts add up.", file=sys.stderr)
        refused = tally.pop("refused")
        for line in (*tally.pop("refusals"), *refused):
            print(line, file=sys.stderr)
        if refused and not tally["loads"] and not dry_run:
            raise typer.Exit(2)
        print(orjson.dumps(tally).decode())
        if refused:
            raise typer.Exit(2)

    run_with(work)


def mapping_name(mapping: str | None) -> str | None:
    """`dir/acme.toml` → `acme`."""
    return mapping and mapping.rpartition("/")[2].removesuffix(".toml")


def parse_time(text: str | None) -> datetime | None:
    """Raises FeedRefusedError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FeedRefusedError(f"--as-of {text} is no ISO 8601 time.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def progress_bar() -> Progress:
    """A bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[tally]}"))
    return Progress(*columns, TimeRemainingColumn(), console=console, disable=not sys.stderr.isatty())


@app.command()
def serve() -> None:
    """Publishes the change log and answers on HOST:SYNC_PORT; runs the demo where there is one."""

    async def main() -> None:
        await program.serve(settings())

    guarded(main)


@app.command()
def rejected(
    retailer: Annotated[str | None, typer.Option(help="Only of this retailer.")] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    load_id: Annotated[int | None, typer.Option("--load", help="Only of this load.")] = None,
    after: Annotated[int, typer.Option(help="Only after this rejected_id.")] = 0,
    limit: Annotated[int, typer.Option(min=1)] = 1_000_000,
) -> None:
    """Lists refused lines with file, line, field and reason."""

    async def work(tools: Toolbox) -> None:
        async with connected(tools.pool, deadline_s=DEADLINE_S) as connection:
            found = await loads.listed(
                connection, retailer=retailer, source=source, load_id=load_id, after=after, limit=limit
            )
        show(found, ("file", "line", "field", "reason", "detail"))

    run_with(work)


@app.command("loads")
def list_loads(
    retailer: Annotated[str | None, typer.Option(help="Only of this retailer.")] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    limit: Annotated[int, typer.Option(min=1)] = 50,
) -> None:
    """Lists loads, newest first: what each brought, and whether it failed or was taken back."""

    async def work(tools: Toolbox) -> None:
        async with connected(tools.pool, deadline_s=DEADLINE_S) as connection:
            found = await loads.newest(connection, retailer=retailer, source=source, limit=limit)
        show(found, ("load_id", "retailer", "source", "file", "started_at", "rows", "applied", "rejected", "undone_at"))

    run_with(work)


@app.command()
def undo(load_id: Annotated[int, typer.Argument(help="Id of the load, as `loads` tells it.")]) -> None:
    """Takes a load back: every level becomes what it would be without it. Nothing is deleted."""

    async def work(tools: Toolbox) -> None:
        with progress_bar() as bar:
            task = bar.add_task(f"undo {load_id}", total=None, tally="")
            undone = await take_back(
                tools.pool, load_id, tools.clock, lambda done, total: bar.update(task, completed=done, total=total)
            )
        print(orjson.dumps(undone).decode())

    run_with(work)


@held_app.command("list")
def held_list() -> None:
    """Lists held stores: which load would empty how many of how many positions."""

    async def work(tools: Toolbox) -> None:
        async with connected(tools.pool, deadline_s=DEADLINE_S) as connection:
            found = await snapshots.listed(connection)
        show(found, ("load_id", "store_id", "retailer", "store_code", "source", "would_empty", "positive"))

    run_with(work)


@held_app.command("release")
def held_release(load_id: int, store_id: int) -> None:
    """The snapshot was right: empties what it left out at this store."""

    async def work(tools: Toolbox) -> None:
        print(f"{await release(tools.pool, load_id, store_id, tools.clock)} positions are empty now.")

    run_with(work)


@held_app.command("drop")
def held_drop(load_id: int, store_id: int) -> None:
    """The snapshot was wrong: keeps what the store had."""

    async def work(tools: Toolbox) -> None:
        await drop(tools.pool, load_id, store_id)
        print("Dropped; the store keeps what it had.")

    run_with(work)

"""`python -m store_sync loads`, `rejected` and `undo`: what became of loads, and taking one back."""

from typing import Annotated

import orjson
import typer

from inventory_service.runtime.console import run_with, show
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.storage import loads
from inventory_service.storage.postgres import connected
from store_sync.bar import progress_bar
from store_sync.undoing import undo as take_back

app = typer.Typer(add_completion=False)

DEADLINE_S = 60.0


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
        show(found, ("load_id", "started_at", "file", "line", "field", "reason", "detail"))

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

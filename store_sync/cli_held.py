"""`python -m store_sync held`: stores that a snapshot would empty."""

from typing import Annotated

import typer

from inventory_service.runtime.console import run_with, show
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.storage import snapshots
from inventory_service.storage.postgres import connected
from store_sync.holding import drop, held_store, release

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Stores that a snapshot would empty: they wait for a person."
)

DEADLINE_S = 60.0
LOAD = typer.Argument(help="Id of the load, as `held list` tells it.")
STORE = typer.Argument(help="The store's code, RETAILER/CODE, or our id, as `held list` tells them.")


@app.command("list")
def held_list() -> None:
    """Lists held stores: which load would empty how many of how many positions."""

    async def work(tools: Toolbox) -> None:
        async with connected(tools.pool, deadline_s=DEADLINE_S) as connection:
            found = await snapshots.listed(connection)
        show(found, ("load_id", "store_id", "retailer", "store_code", "source", "would_empty", "positive"))

    run_with(work)


@app.command("release")
def held_release(load_id: Annotated[int, LOAD], store: Annotated[str, STORE]) -> None:
    """The snapshot was right: empties what it left out at this store."""

    async def work(tools: Toolbox) -> None:
        store_id = await held_store(tools.pool, load_id, store)
        print(f"{await release(tools.pool, load_id, store_id, tools.clock)} positions are empty now.")

    run_with(work)


@app.command("drop")
def held_drop(load_id: Annotated[int, LOAD], store: Annotated[str, STORE]) -> None:
    """The snapshot was wrong: keeps what the store had."""

    async def work(tools: Toolbox) -> None:
        store_id = await held_store(tools.pool, load_id, store)
        await drop(tools.pool, load_id, store_id)
        print("Dropped; the store keeps what it had.")

    run_with(work)

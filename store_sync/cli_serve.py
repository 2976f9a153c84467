"""`python -m store_sync serve`: the syncing program."""

import typer

from inventory_service.runtime.console import guarded, settings
from store_sync import program

app = typer.Typer(add_completion=False)


@app.command()
def serve() -> None:
    """Publishes the change log and answers on HOST:SYNC_PORT; runs the demo where there is one."""

    async def main() -> None:
        await program.serve(settings())

    guarded(main)

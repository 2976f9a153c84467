"""`python -m inventory_service`: serving, and what an operator does by hand."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from inventory_service import launch, place_loading, program
from inventory_service.cli_confidence import confidence_app
from inventory_service.cli_explain import explain_answer
from inventory_service.cli_keys import keys_app
from inventory_service.cli_webhooks import webhooks_app
from inventory_service.lookup.places import Gazetteer
from inventory_service.runtime.console import guarded, run_with, settings, show
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.storage import places, products
from inventory_service.storage.postgres import connected
from inventory_service.web.app import openapi_file

app = typer.Typer(no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
places_app = typer.Typer(no_args_is_help=True, help="Postcodes and cities that `near` understands.")
app.add_typer(keys_app, name="keys")
app.add_typer(webhooks_app, name="webhooks")
app.add_typer(confidence_app, name="confidence")
app.add_typer(places_app, name="places")
app.command("explain")(explain_answer)

DEADLINE_S = 60.0


@app.command()
def serve() -> None:
    """Answers `/v1/availability` and the pages on HOST:PORT."""

    async def main() -> None:
        await program.serve(settings())

    guarded(main)


@app.command()
def run() -> None:
    """Serves both programs, this one and `store_sync`, until stopped."""
    status = 0

    async def main() -> None:
        nonlocal status
        status = await launch.run(settings())

    guarded(main)
    raise typer.Exit(status)


@app.command()
def migrate() -> None:
    """Brings the database to this program's schema."""

    async def work(_tools: Toolbox) -> None:
        print("The schema is current.")

    run_with(work)


@app.command("compile")
def compile_answers() -> None:
    """Makes the machine code that answers need; else the first start does."""
    run_with(program.compile_all)


@app.command("openapi")
def print_openapi() -> None:
    """Prints what stands at /openapi.json."""
    print(openapi_file().decode())


@app.command("stores")
def near_stores(
    near: Annotated[str, typer.Option(help="Postcode, city or lat,lon.")],
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    radius_m: Annotated[float, typer.Option(min=1, max=20_100_000)] = 50_000,
) -> None:
    """Lists the stores nearest to a place."""

    async def work(tools: Toolbox) -> None:
        async with program.service(tools) as service:
            place = service.resolve_place(near)
            found = service.stores_near(place.point, radius_m, limit, frozenset())
        show(
            [
                {
                    "id": one.store.store_id,
                    "retailer": one.store.retailer,
                    "store_code": one.store.store_code,
                    "name": one.store.name,
                    "address": one.store.address,
                    "distance_m": one.distance_m,
                }
                for one in found
            ],
            ("id", "retailer", "store_code", "name", "address", "distance_m"),
        )

    run_with(work)


@app.command("products")
def find_products(
    text: Annotated[str, typer.Argument(help="Words of the name or brand.")],
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
) -> None:
    """Searches the catalogue."""

    async def work(tools: Toolbox) -> None:
        async with connected(tools.pool, deadline_s=DEADLINE_S) as connection:
            found = await products.search(connection, text, limit, 0)
        rows = [{"id": one.product_id, "gtin": one.gtin, "name": one.name, "brand": one.brand} for one in found]
        show(rows, ("id", "gtin", "name", "brand"))

    run_with(work)


@places_app.command("load")
def load_places(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="GeoNames postal files; none: what the packages ship.")
    ] = None,
) -> None:
    """Loads places; a file loaded again stands in place of what it said before."""

    async def work(tools: Toolbox) -> None:
        if not paths:
            print(json.dumps({"added": await place_loading.load_packages(tools.pool, tools.clock)}))
        for path in paths or []:
            loaded = await place_loading.load_file(tools.pool, path, tools.clock)
            for one in loaded.refused:
                print(f"{path}:{one.line}: {one.field}: {one.detail}", file=sys.stderr)
            print(json.dumps({"file": str(path), "added": loaded.added, "rejected": len(loaded.refused)}))

    run_with(work)


@places_app.command("find")
def find_place(text: Annotated[str, typer.Argument(help="Postcode, city or lat,lon.")]) -> None:
    """Tells which place a text means."""

    async def work(tools: Toolbox) -> None:
        async with connected(tools.pool, deadline_s=DEADLINE_S) as connection:
            gazetteer = Gazetteer.of(await places.every(connection), tools.settings.default_country)
        place = gazetteer.resolve(text)
        row = {"label": place.label, "lat": place.point.lat, "lon": place.point.lon, "country": place.country}
        show([row], tuple(row))

    run_with(work)

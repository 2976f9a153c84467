"""`python -m inventory_service explain`: why we said what we said of a shelf at a moment."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from inventory_service.domain.errors import FieldFault, InputError
from inventory_service.explaining.explain import explain
from inventory_service.explaining.explanation import Asked, Shelf
from inventory_service.explaining.naming import shelf, shelf_of_item
from inventory_service.explaining.telling import HEADS, Section, as_json, plain, sections
from inventory_service.runtime.console import run_with
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.storage import learned
from inventory_service.storage.postgres import Connection, connected

DEADLINE_S = 60.0


def explain_answer(
    store: Annotated[str, typer.Option(help="Our id of the store, or RETAILER/CODE.")],
    gtin: Annotated[str | None, typer.Option(help="GTIN of 8, 12, 13 or 14 digits.")] = None,
    item: Annotated[str | None, typer.Option(help="RETAILER/ITEM in the place of a GTIN.")] = None,
    at: Annotated[str | None, typer.Option(help="ISO 8601, UTC where no offset is told; none: now.")] = None,
    quantity: Annotated[int, typer.Option(min=1, max=1_000_000, help="Pieces that were asked for.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="One JSON object instead of sentences.")] = False,
) -> None:
    """Tells why we said what we said of a product at a store at a moment."""

    async def work(tools: Toolbox) -> None:
        moment = _moment(at, tools.clock())
        horizon = timedelta(seconds=tools.settings.horizon_s)
        async with connected(tools.pool, deadline_s=DEADLINE_S) as connection:
            asked = Asked(await _shelf(connection, gtin, item, store), moment, quantity)
            explanation = await explain(connection, asked, await learned.in_force(connection, horizon))
        if json:
            print(orjson.dumps(as_json(explanation)).decode())
        else:
            _print(sections(explanation))

    run_with(work)


async def _shelf(connection: Connection, gtin: str | None, item: str | None, store: str) -> Shelf:
    """Raises InputError, NotFoundError."""
    if gtin is not None and item is None:
        return await shelf(connection, gtin, store)
    if item is not None and gtin is None:
        return await shelf_of_item(connection, item, store)
    raise InputError(FieldFault("gtin", "give either a GTIN or --item RETAILER/ITEM"))


def _moment(text: str | None, now: datetime) -> datetime:
    """Raises InputError."""
    if text is None:
        return now
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(FieldFault("at", f"{text} is no ISO 8601 time, such as 2026-11-22T03:40:12Z")) from None
    moment = told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    if moment > now:
        raise InputError(FieldFault("at", f"{text} is yet to come: it is {now:%Y-%m-%dT%H:%M:%SZ}"))
    return moment


def _print(found: list[Section]) -> None:
    """Tables on a terminal; plain lines elsewhere."""
    if not sys.stdout.isatty():
        print("\n".join(plain(found)).rstrip())
        return
    console = Console()
    for one in found:
        console.print(Text(one.title, style="bold"))
        for sentence in one.sentences:
            console.print(Text(sentence), soft_wrap=True)
        if one.rows:
            table = Table(*HEADS)
            for row in one.rows:
                table.add_row(*map(Text, row))
            console.print(table)
        console.print()

"""`python -m inventory_service keys`."""

import re
import secrets
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from inventory_service.domain.errors import ConfigurationError
from inventory_service.runtime.console import run_with, show
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.storage import changes, keys, stores
from inventory_service.storage.postgres import Connection, connected, transaction

keys_app = typer.Typer(no_args_is_help=True, help="Keys for partners, servers and staff.")

DEADLINE_S = 60.0
KINDS = {"publishable": "pk", "secret": "sk", "staff": "st", "pk": "pk", "sk": "sk", "st": "st"}
ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
SCOPES = ("read", "counts", "ingest")


def _origin_fault(origin: str) -> str | None:
    """Why `origin` is no exact web origin, or None where it is."""
    if ORIGIN.fullmatch(origin):
        return None
    return (
        f"{origin} is no exact web origin: give scheme, host and, if it is not the usual one, port, and nothing else."
    )


@keys_app.command("create")
def create_key(
    kind: Annotated[str, typer.Option(help="publishable (pk_), secret (sk_) or staff (st_).")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
    scope: Annotated[list[str] | None, typer.Option(help=f"{', '.join(SCOPES)}; repeatable.")] = None,
    origin: Annotated[list[str] | None, typer.Option(help="Exact web origin of a publishable key; repeatable.")] = None,
    retailer: Annotated[str | None, typer.Option(help="Staff and ingest: the one retailer.")] = None,
    store: Annotated[
        list[int] | None, typer.Option(help="Staff: id of a store of that retailer; none: all of them; repeatable.")
    ] = None,
) -> None:
    """Creates a key and prints it once; only its hash is kept."""
    prefix = KINDS.get(kind)
    scopes = scope or ["read"]
    if prefix is None or not set(scopes) <= set(SCOPES):
        print(f"kind is one of {', '.join(KINDS)}; scope of {', '.join(SCOPES)}.", file=sys.stderr)
        raise typer.Exit(2)
    if prefix == "pk" and set(scopes) != {"read"}:
        print("A publishable key is seen by everybody: it has the scope read alone.", file=sys.stderr)
        raise typer.Exit(2)
    faults = [*(_origin_fault(one) for one in origin or [])]
    if prefix == "pk" and not origin:
        faults.append("A publishable key needs at least one --origin: the web origins that may use it.")
    if prefix == "st" and retailer is None:
        faults.append("A staff key needs its --retailer.")
    if prefix != "st" and store:
        faults.append("Only a staff key is for some --store alone.")
    for fault in filter(None, faults):
        print(fault, file=sys.stderr)
        raise typer.Exit(2)
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"

    async def work(tools: Toolbox) -> None:
        async with transaction(tools.pool, deadline_s=DEADLINE_S) as connection:
            if retailer is not None and retailer not in await stores.retailer_slugs(connection):
                raise ConfigurationError(f"No retailer {retailer} is known.")
            await _require_own(connection, retailer, store or [])
            key_id = await keys.add(
                connection,
                kind=prefix,
                secret=secret,
                name=name,
                scopes=scopes,
                origins=origin or [],
                retailer=retailer,
                store_ids=store or [],
                now=tools.clock(),
            )
            await changes.append(connection, "keys", [key_id], [], tools.clock())
        print(secret)

    run_with(work)


async def _require_own(connection: Connection, retailer: str | None, store_ids: Sequence[int]) -> None:
    """Raises ConfigurationError for stores that are none of the retailer's."""
    found = await stores.directory(connection, store_ids)
    own = {one.store_id for one in found if one.retailer == retailer}
    strange = [str(one) for one in store_ids if one not in own]
    if strange:
        raise ConfigurationError(f"{retailer or 'Nobody'} has no store {', '.join(strange)}.")


@keys_app.command("list")
def list_keys() -> None:
    """Lists keys, revoked ones too; never the keys themselves."""

    async def work(tools: Toolbox) -> None:
        async with connected(tools.pool, deadline_s=DEADLINE_S) as connection:
            found = await keys.listed(connection)
        show(found, ("key_id", "hint", "name", "scopes", "origins", "retailer", "created_at", "revoked_at"))

    run_with(work)


@keys_app.command("revoke")
def revoke_key(key_id: Annotated[int, typer.Argument(help="As listed.")]) -> None:
    """Ends a key's validity."""

    async def work(tools: Toolbox) -> None:
        async with transaction(tools.pool, deadline_s=DEADLINE_S) as connection:
            if not await keys.revoke(connection, key_id, tools.clock()):
                raise ConfigurationError(f"There is no key {key_id} in force.")
            await changes.append(connection, "keys", [key_id], [], tools.clock())
        print(f"Key {key_id} is revoked.")

    run_with(work)

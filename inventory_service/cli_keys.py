"""`python -m inventory_service keys`."""

import secrets
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

import typer

from inventory_service.domain.errors import ConfigurationError
from inventory_service.key_orders import (
    FIELDS,
    SCOPES,
    KeyOrder,
    end_of,
    kind_of,
    lasting,
    limits_of,
    origin_of,
    require_sound,
)
from inventory_service.runtime.console import run_with, show
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.storage import changes, key_usage, keys, stores
from inventory_service.storage.postgres import Connection, connected, transaction

keys_app = typer.Typer(no_args_is_help=True, help="Keys for partners, servers and staff (docs/KEYS.md).")

DEADLINE_S = 60.0
LATELY_DAYS = 7
MOST = 1_000_000_000
COLUMNS = (
    "key_id",
    "hint",
    "state",
    "name",
    "scopes",
    "origins",
    "retailers",
    "fields",
    "limits",
    "today",
    "last_7_days",
)
Texts = list[str] | None


def _asked_name() -> str:
    """Asked beside the output, which is the key alone; nobody is asked where nobody types."""
    return str(typer.prompt("What is it for", default="", show_default=False, err=True)) if sys.stdin.isatty() else ""


@keys_app.command("create")
def create_key(
    kind: Annotated[str, typer.Option(help="publishable (pk_), secret (sk_) or staff (st_).")],
    name: Annotated[str, typer.Option(default_factory=_asked_name, help="What it is for; on a terminal it is asked.")],
    scope: Annotated[Texts, typer.Option(help=f"{', '.join(SCOPES)}; read if none is given; repeatable.")] = None,
    origin: Annotated[Texts, typer.Option(help="Exact web origin of a publishable key; repeatable.")] = None,
    retailer: Annotated[
        Texts, typer.Option(help="Staff, ingest: the one retailer. Reading: only this one is told of; repeatable.")
    ] = None,
    store: Annotated[
        list[int] | None, typer.Option(help="Staff: id of a store of that retailer; none: all of them; repeatable.")
    ] = None,
    field: Annotated[
        Texts, typer.Option(help=f"Reading: only this field of a result is told: {', '.join(FIELDS)}; repeatable.")
    ] = None,
    per_minute: Annotated[int | None, typer.Option(min=0, max=MOST, help="Requests a minute; 0: any number.")] = None,
    per_day: Annotated[int | None, typer.Option(min=0, max=MOST, help="Requests a UTC day; 0: any number.")] = None,
    per_address_per_minute: Annotated[
        int | None,
        typer.Option(min=0, max=MOST, help="Publishable: requests a minute from one address; 0: any number."),
    ] = None,
    expires: Annotated[str | None, typer.Option(help="When it ends: 90d, or 2027-01-31; else never.")] = None,
) -> None:
    """Creates a key and prints it once; only its hash is kept."""

    async def work(tools: Toolbox) -> None:
        prefix = kind_of(kind)
        order = KeyOrder(
            kind=prefix,
            scopes=_each(scope) or ("read",),
            origins=_each([origin_of(one) for one in origin or ()]),
            retailers=_each(retailer),
            store_ids=tuple(store or ()),
            fields=_each(field),
            limits=limits_of(prefix, per_minute, per_day, per_address_per_minute),
            expires_at=None if expires is None else end_of(expires, tools.clock()),
        )
        require_sound(order)
        print(await _made(tools, order, name))

    run_with(work)


@keys_app.command("list")
def list_keys() -> None:
    """Lists keys, those no longer valid too, with their use; never the keys themselves."""

    async def work(tools: Toolbox) -> None:
        now = tools.clock()
        async with connected(tools.pool, deadline_s=DEADLINE_S) as connection:
            found = await keys.listed(connection)
            used = await key_usage.by_key(connection, now.date(), LATELY_DAYS)
        for one in found:
            use = used.get(one["key_id"])
            one["state"] = "revoked" if one["revoked_at"] else "in force"
            if not one["revoked_at"] and one["expires_at"]:
                one["state"] = "ends" if now < one["expires_at"] else "expired"
            one["limits"] = _limits_told(one)
            one["today"], one["last_7_days"] = (use["today"], use["lately"]) if use else (0, 0)
        show(found, COLUMNS)

    run_with(work)


@keys_app.command("usage")
def tell_usage(
    key_id: Annotated[int, typer.Argument(help="As listed.")],
    days: Annotated[int, typer.Option(min=1, max=3_650, help="How many UTC days back, with today.")] = 30,
) -> None:
    """Tells what a key asked, a line a day: requests, what they counted as, and how many were over a limit."""

    async def work(tools: Toolbox) -> None:
        first = tools.clock().date() - timedelta(days=days - 1)
        async with transaction(tools.pool, deadline_s=DEADLINE_S) as connection:
            if await keys.one(connection, key_id) is None:
                raise ConfigurationError(f"There is no key {key_id}.")
            found = await key_usage.since(connection, key_id, first)
        show(found, ("day", "requests", "spent", "refused"))

    run_with(work)


@keys_app.command("rotate")
def rotate_key(
    key_id: Annotated[int, typer.Argument(help="As listed.")],
    overlap: Annotated[str, typer.Option(help="How long the old one stays valid, such as 24h.")] = "24h",
) -> None:
    """Prints another key with the same rights; the old one stays valid for a while, and then no longer."""

    async def work(tools: Toolbox) -> None:
        now = tools.clock()
        until = now + lasting("--overlap", overlap)
        async with transaction(tools.pool, deadline_s=DEADLINE_S) as connection:
            key = await keys.one(connection, key_id)
            if key is None or key.fault(now) is not None:
                raise ConfigurationError(f"There is no key {key_id} in force.")
            if key.rotated:
                raise ConfigurationError(f"Key {key_id} has been rotated already: rotate the one that took its place.")
            secret = _secret(key.kind)
            new_id = await keys.rotate(connection, key_id, secret, now, until)
            await changes.append(connection, "keys", [key_id, new_id], [], now)
        print(secret)
        ends = min(until, key.expires_at or until)
        print(f"It is key {new_id}. Key {key_id} is valid until {ends:%Y-%m-%d %H:%M:%S} UTC.", file=sys.stderr)

    run_with(work)


@keys_app.command("revoke")
def revoke_key(key_id: Annotated[int, typer.Argument(help="As listed.")]) -> None:
    """Ends a key's validity at once."""

    async def work(tools: Toolbox) -> None:
        async with transaction(tools.pool, deadline_s=DEADLINE_S) as connection:
            if not await keys.revoke(connection, key_id, tools.clock()):
                raise ConfigurationError(f"There is no key {key_id} in force.")
            await changes.append(connection, "keys", [key_id], [], tools.clock())
        print(f"Key {key_id} is revoked.")

    run_with(work)


async def _made(tools: Toolbox, order: KeyOrder, name: str) -> str:
    """The new key itself. Raises ConfigurationError."""
    secret = _secret(order.kind)
    async with transaction(tools.pool, deadline_s=DEADLINE_S) as connection:
        await _require_known(connection, order.retailers)
        await _require_own(connection, order.speaks_for, order.store_ids)
        key_id = await keys.add(
            connection,
            kind=order.kind,
            secret=secret,
            name=name,
            scopes=order.scopes,
            origins=order.origins,
            retailer=order.speaks_for,
            store_ids=order.store_ids,
            now=tools.clock(),
            retailers=order.told_of,
            fields=order.fields,
            limits=order.limits,
            expires_at=order.expires_at,
        )
        await changes.append(connection, "keys", [key_id], [], tools.clock())
    return secret


async def _require_known(connection: Connection, retailers: Sequence[str]) -> None:
    known = await stores.retailer_slugs(connection)
    for strange in [one for one in retailers if one not in known]:
        raise ConfigurationError(f"No retailer {strange} is known.")


async def _require_own(connection: Connection, retailer: str | None, store_ids: Sequence[int]) -> None:
    """Raises ConfigurationError for stores that are none of the retailer's."""
    found = await stores.directory(connection, store_ids)
    own = {one.store_id for one in found if one.retailer == retailer}
    strange = [str(one) for one in store_ids if one not in own]
    if strange:
        raise ConfigurationError(f"{retailer or 'Nobody'} has no store {', '.join(strange)}.")


def _secret(kind: str) -> str:
    return f"{kind}_{secrets.token_urlsafe(32)}"


def _each(given: Sequence[str] | None) -> tuple[str, ...]:
    """Once each, in their order."""
    return tuple(dict.fromkeys(given or ()))


def _limits_told(one: dict[str, Any]) -> str:
    """For people: 6000/min 2000000/day."""
    parts = (("per_minute", "/min"), ("per_day", "/day"), ("per_address_per_minute", "/min each address"))
    return ", ".join(f"{one[name]}{unit}" for name, unit in parts if one[name]) or "none"

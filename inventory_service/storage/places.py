"""SQL of places."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from inventory_service.domain.placenames import PlaceRow
from inventory_service.storage.postgres import Connection, in_turns

COLUMNS = (
    "country",
    "kind",
    "name",
    "region",
    "region_name",
    "postcode",
    "lat",
    "lon",
    "population",
    "origin",
    "aliases",
)
ORIGINS = "SELECT DISTINCT origin FROM place"
FORGET = "DELETE FROM place WHERE origin = $1"
EVERY = f"SELECT {', '.join(COLUMNS)} FROM place ORDER BY place_id"
SHARED = frozenset({"country", "kind", "name", "region", "region_name", "origin"})
AT_ONCE = 10_000
LOCK = "SELECT pg_advisory_xact_lock($1)"
PLACES_LOCK = 0x4E5348_04


async def origins(connection: Connection) -> frozenset[str]:
    """Which packages and files have been loaded."""
    return frozenset(row["origin"] for row in await connection.fetch(ORIGINS))


async def forget(connection: Connection, origin: str) -> None:
    await connection.execute(FORGET, origin)


async def add(connection: Connection, rows: Iterable[PlaceRow]) -> int:
    """Copies rows in; returns how many."""
    added = 0
    for chunk in _chunks(rows):
        records = [tuple(getattr(row, column) for column in COLUMNS) for row in chunk]
        await connection.copy_records_to_table("place", columns=COLUMNS, records=records)
        added += len(chunk)
    return added


async def every(connection: Connection) -> list[PlaceRow]:
    """All rows of all origins, in the order they were loaded."""
    places: list[PlaceRow] = []
    once: dict[str, str] = {}
    async for rows in in_turns(connection, EVERY):
        places += (_place(row, once) for row in rows)
    return places


def _place(row: Any, once: dict[str, str]) -> PlaceRow:
    """`once`: texts that many places share, each held once."""
    values: dict[str, Any] = {
        name: once.setdefault(value, value) if name in SHARED else value for name, value in row.items()
    }
    return PlaceRow(**{**values, "aliases": tuple(row["aliases"])})


def _chunks(rows: Iterable[PlaceRow]) -> Iterator[Sequence[PlaceRow]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, AT_ONCE)):
        yield chunk


async def lock(connection: Connection) -> None:
    """One loader of places at a time; held until the transaction ends."""
    await connection.execute(LOCK, PLACES_LOCK)

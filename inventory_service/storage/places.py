"""SQL of places."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from inventory_service.domain.placenames import PlaceRow
from inventory_service.storage.postgres import Connection

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
    rows = await connection.fetch(EVERY)
    return [PlaceRow(**{**row, "aliases": tuple(row["aliases"])}) for row in rows]


def _chunks(rows: Iterable[PlaceRow]) -> Iterator[Sequence[PlaceRow]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, AT_ONCE)):
        yield chunk


async def lock(connection: Connection) -> None:
    """One loader of places at a time; held until the transaction ends."""
    await connection.execute(LOCK, PLACES_LOCK)

"""SQL of retailers, stores, neighbourhoods and sources."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geo.point import Point
from inventory_service.domain.errors import ForbiddenError
from inventory_service.domain.store import Store
from inventory_service.storage import changes
from inventory_service.storage.postgres import Connection, in_turns

RETAILER = "SELECT retailer_id FROM retailer WHERE slug = $1"
ADD_RETAILER = """
INSERT INTO retailer (slug, name, demo, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (slug) DO UPDATE SET slug = excluded.slug RETURNING retailer_id
"""
SOURCE = "SELECT source_id FROM source WHERE retailer_id = $1 AND slug = $2"
ADD_SOURCE = """
INSERT INTO source (retailer_id, slug) VALUES ($1, $2)
ON CONFLICT (retailer_id, slug) DO UPDATE SET slug = excluded.slug RETURNING source_id
"""

SOURCES_OF = "SELECT count(*) FROM source WHERE retailer_id = $1"
MOST_SOURCES = 1_000
"""A retailer may have: whoever holds a key can name new ones."""
OWN_SOURCE = """
SELECT r.retailer_id, s.source_id, s.paused FROM retailer r JOIN source s USING (retailer_id)
WHERE r.slug = $1 AND s.slug = $2
"""
CATALOGUE = "SELECT catalogue FROM retailer WHERE retailer_id = $1"
NEW_CATALOGUE = "UPDATE retailer SET catalogue = catalogue + 1 WHERE retailer_id = $1"

SOURCES = "SELECT source_id, slug FROM source"
RETAILERS = "SELECT retailer_id, slug, name, demo FROM retailer"

HELD = """
SELECT store_id, store_code, name, street, city, region, postcode, country, lat, lon, phone, timezone, opening_hours,
       as_of
FROM store WHERE retailer_id = $1 AND store_code = ANY ($2::text[])
"""

IDS = "SELECT store_id, store_code FROM store WHERE retailer_id = $1 AND store_code = ANY ($2::text[])"

NEIGHBOURHOODS = """
SELECT n.neighbourhood_id, n.retailer_id, n.next_slot, s.lat, s.lon
FROM neighbourhood n JOIN store s USING (neighbourhood_id)
WHERE n.retailer_id IS NOT DISTINCT FROM $1
"""

OWNERS = "SELECT retailer_id, store_id FROM store WHERE store_id = ANY ($1::int[]) ORDER BY retailer_id, store_id"

OF_RETAILER = "SELECT store_id FROM store WHERE retailer_id = $1 ORDER BY store_id"
COUNT = "SELECT count(*) FROM store WHERE retailer_id = $1"
LOCK_SHARED = "SELECT pg_advisory_xact_lock($1)"
SHARED_LOCK = 0x4E5348_02

ADD_NEIGHBOURHOODS = """
INSERT INTO neighbourhood (retailer_id) SELECT $1 FROM generate_series(1, $2) RETURNING neighbourhood_id
"""

TAKE_SLOTS = """
UPDATE neighbourhood n SET next_slot = taken.next_slot
FROM unnest($1::int[], $2::smallint[]) AS taken (neighbourhood_id, next_slot)
WHERE n.neighbourhood_id = taken.neighbourhood_id
"""

ADD = """
INSERT INTO store (retailer_id, store_code, name, street, city, region, postcode, country, lat, lon, phone, timezone,
                   opening_hours, as_of, neighbourhood_id, slot)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                         $9::float8[], $10::float8[], $11::text[], $12::text[], $13::text[], $14::timestamptz[],
                         $15::int[], $16::smallint[])
RETURNING store_id
"""

CHANGE = """
UPDATE store s SET name = new.name, street = new.street, city = new.city, region = new.region,
       postcode = new.postcode, country = new.country, lat = new.lat, lon = new.lon, phone = new.phone,
       timezone = new.timezone, opening_hours = new.opening_hours, as_of = new.as_of
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::float8[],
            $10::float8[], $11::text[], $12::text[], $13::text[], $14::timestamptz[])
     AS new (store_code, name, street, city, region, postcode, country, lat, lon, phone, timezone, opening_hours, as_of)
WHERE s.retailer_id = $1 AND s.store_code = new.store_code
RETURNING s.store_id
"""

_DIRECTORY = """
SELECT s.*, r.slug AS retailer, r.name AS retailer_name, r.demo FROM store s JOIN retailer r USING (retailer_id)
"""
DIRECTORY = _DIRECTORY + "ORDER BY s.store_id"
DIRECTORY_OF = _DIRECTORY + "WHERE s.store_id = ANY ($1::int[])"
DIRECTORY_OF_RETAILER = _DIRECTORY + "WHERE s.retailer_id = $1"


@dataclass(frozen=True, slots=True)
class RetailerProfile:
    """How a retailer is called, in addresses and by people; `demo`: it is simulated."""

    slug: str
    name: str
    demo: bool = False


@dataclass(frozen=True, slots=True)
class StoreRecord:
    """A store's own columns, as a feed describes them, complete with point and time zone."""

    store_code: str
    name: str
    street: str | None
    city: str | None
    region: str | None
    postcode: str | None
    country: str | None
    point: Point
    phone: str | None
    timezone: str
    opening_hours: str | None
    as_of: datetime


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A neighbourhood with one of its stores."""

    neighbourhood_id: int
    retailer_id: int | None
    next_slot: int
    point: Point


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a store lives in the cache."""

    neighbourhood_id: int
    slot: int


async def ensure_retailer(connection: Connection, profile: RetailerProfile, now: datetime) -> int:
    """The retailer's id; an unknown one is added, and logged so that workers learn of it."""
    found = await connection.fetchval(RETAILER, profile.slug)
    if found is None:
        found = await connection.fetchval(ADD_RETAILER, profile.slug, profile.name, profile.demo, now)
        await changes.append(connection, "stores", [], [], now)
    return int(found)


async def ensure_source(connection: Connection, retailer_id: int, slug: str, now: datetime) -> int:
    """The source's id; an unknown one is added, and logged so that workers learn of it.

    Raises ForbiddenError where the retailer has MOST_SOURCES already.
    """
    found = await connection.fetchval(SOURCE, retailer_id, slug)
    if found is None:
        if await connection.fetchval(SOURCES_OF, retailer_id) >= MOST_SOURCES:
            raise ForbiddenError(f"The retailer has {MOST_SOURCES} sources already: {slug} is one too many.")
        found = await connection.fetchval(ADD_SOURCE, retailer_id, slug)
        await changes.append(connection, "stores", [], [], now)
    return int(found)


@dataclass(frozen=True, slots=True)
class Source:
    """Where reports come from."""

    retailer_id: int
    source_id: int
    paused: bool


async def ensure_own_source(connection: Connection, profile: RetailerProfile, slug: str, now: datetime) -> Source:
    """A retailer's source; unknown ones of both are added."""
    row = await connection.fetchrow(OWN_SOURCE, profile.slug, slug)
    if row is not None:
        return Source(row["retailer_id"], row["source_id"], row["paused"])
    retailer_id = await ensure_retailer(connection, profile, now)
    return Source(retailer_id, await ensure_source(connection, retailer_id, slug, now), paused=False)


async def catalogue(connection: Connection, retailer_id: int) -> int:
    """A number that changes whenever an item of the retailer turns out to be another product."""
    return int(await connection.fetchval(CATALOGUE, retailer_id))


async def renew_catalogue(connection: Connection, retailer_id: int) -> None:
    """Items that somebody remembers have to be looked up again."""
    await connection.execute(NEW_CATALOGUE, retailer_id)


async def source_slugs(connection: Connection) -> dict[int, str]:
    return {row["source_id"]: row["slug"] for row in await connection.fetch(SOURCES)}


async def retailer_slugs(connection: Connection) -> dict[str, int]:
    return {row["slug"]: row["retailer_id"] for row in await connection.fetch(RETAILERS)}


async def held(connection: Connection, retailer_id: int, codes: Sequence[str]) -> dict[str, tuple[int, StoreRecord]]:
    """store_code → (store_id, what is held of it)."""
    rows = await connection.fetch(HELD, retailer_id, list(codes))
    return {row["store_code"]: (row["store_id"], _record(row)) for row in rows}


async def ids(connection: Connection, retailer_id: int, codes: Iterable[str]) -> dict[str, int]:
    """store_code → store_id, for those known."""
    rows = await connection.fetch(IDS, retailer_id, list(codes))
    return {row["store_code"]: row["store_id"] for row in rows}


async def by_retailer(connection: Connection, store_ids: Sequence[int]) -> dict[int, list[int]]:
    """retailer_id → those of the stores that are its own."""
    found: dict[int, list[int]] = {}
    for row in await connection.fetch(OWNERS, list(store_ids)):
        found.setdefault(row["retailer_id"], []).append(row["store_id"])
    return found


async def of_retailer(connection: Connection, retailer_id: int) -> list[int]:
    """Ids of all its stores."""
    return [row["store_id"] for row in await connection.fetch(OF_RETAILER, retailer_id)]


async def count(connection: Connection, retailer_id: int) -> int:
    return int(await connection.fetchval(COUNT, retailer_id))


async def lock_shared_neighbourhoods(connection: Connection) -> None:
    """One writer at a time gives out shared slots; held until the transaction ends."""
    await connection.execute(LOCK_SHARED, SHARED_LOCK)


async def neighbourhood_rows(connection: Connection, retailer_id: int | None) -> list[MemberRow]:
    """One row a member store; None: the shared neighbourhoods."""
    rows = await connection.fetch(NEIGHBOURHOODS, retailer_id)
    return [
        MemberRow(row["neighbourhood_id"], row["retailer_id"], row["next_slot"], Point(row["lat"], row["lon"]))
        for row in rows
    ]


async def add_neighbourhoods(connection: Connection, retailer_id: int | None, count: int) -> list[int]:
    rows = await connection.fetch(ADD_NEIGHBOURHOODS, retailer_id, count)
    return [row["neighbourhood_id"] for row in rows]


async def take_slots(connection: Connection, next_slots: Mapping[int, int]) -> None:
    """Writes each neighbourhood's first free slot."""
    await connection.execute(TAKE_SLOTS, list(next_slots), list(next_slots.values()))


async def add(
    connection: Connection, retailer_id: int, records: Sequence[StoreRecord], seats: Sequence[Seat]
) -> list[int]:
    """Inserts new stores at their seats; returns their ids."""
    places = [seat.neighbourhood_id for seat in seats], [seat.slot for seat in seats]
    rows = await connection.fetch(ADD, retailer_id, *_columns(records), *places)
    return [row["store_id"] for row in rows]


async def change(connection: Connection, retailer_id: int, records: Sequence[StoreRecord]) -> list[int]:
    """Describes known stores anew; returns their ids."""
    rows = await connection.fetch(CHANGE, retailer_id, *_columns(records))
    return [row["store_id"] for row in rows]


async def directory(connection: Connection, store_ids: Sequence[int]) -> list[Store]:
    """Some stores, as everybody may see them."""
    return [_store(row) for row in await connection.fetch(DIRECTORY_OF, list(store_ids))]


async def directory_of_retailer(connection: Connection, retailer_id: int) -> list[Store]:
    """All of a retailer's stores, in any order."""
    return [_store(row) for row in await connection.fetch(DIRECTORY_OF_RETAILER, retailer_id)]


async def every(connection: Connection) -> AsyncIterator[list[Store]]:
    """All stores of one moment by id, a few thousand at once: as objects, all together are a hundred megabytes."""
    async for rows in in_turns(connection, DIRECTORY):
        yield [_store(row) for row in rows]


def _columns(records: Sequence[StoreRecord]) -> list[list[Any]]:
    return [
        [record.store_code for record in records],
        [record.name for record in records],
        [record.street for record in records],
        [record.city for record in records],
        [record.region for record in records],
        [record.postcode for record in records],
        [record.country for record in records],
        [record.point.lat for record in records],
        [record.point.lon for record in records],
        [record.phone for record in records],
        [record.timezone for record in records],
        [record.opening_hours for record in records],
        [record.as_of for record in records],
    ]


def _record(row: Any) -> StoreRecord:
    return StoreRecord(
        store_code=row["store_code"],
        name=row["name"],
        street=row["street"],
        city=row["city"],
        region=row["region"],
        postcode=row["postcode"],
        country=row["country"],
        point=Point(row["lat"], row["lon"]),
        phone=row["phone"],
        timezone=row["timezone"],
        opening_hours=row["opening_hours"],
        as_of=row["as_of"],
    )


def _store(row: Any) -> Store:
    return Store(
        store_id=row["store_id"],
        retailer_id=row["retailer_id"],
        retailer=row["retailer"],
        retailer_name=row["retailer_name"],
        store_code=row["store_code"],
        name=row["name"],
        address=_address(row),
        city=row["city"],
        region=row["region"],
        postcode=row["postcode"],
        country=row["country"],
        point=Point(row["lat"], row["lon"]),
        phone=row["phone"],
        timezone=row["timezone"],
        opening_hours=row["opening_hours"],
        neighbourhood_id=row["neighbourhood_id"],
        slot=row["slot"],
        demo=row["demo"],
    )


def _address(row: Any) -> str:
    """One line for people: street, city, region and postcode."""
    region = " ".join(part for part in (row["region"], row["postcode"]) if part)
    return ", ".join(part for part in (row["street"], row["city"], region) if part)

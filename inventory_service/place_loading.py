"""Places into the database: those of the packages once, GeoNames files whenever somebody loads them."""

import asyncio
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from inventory_service.domain.clock import Clock
from inventory_service.domain.errors import ConfigurationError
from inventory_service.domain.feed import Refusal
from inventory_service.domain.placenames import PlaceRow
from inventory_service.embedded import Servers
from inventory_service.places.geonames import origin_of, read_postal_file
from inventory_service.places.packages import CITIES_ORIGIN, ORIGINS, US_POSTCODES_ORIGIN, us_postcodes, world_cities
from inventory_service.storage import changes, places
from inventory_service.storage.postgres import Pool, connected, transaction

DEADLINE_S = 120.0


@dataclass(slots=True)
class PlacesLoaded:
    """How many places were stored, and the lines that were not."""

    added: int = 0
    refused: list[Refusal] = field(default_factory=list)


async def load_file(pool: Pool, path: Path, clock: Clock) -> PlacesLoaded:
    """Puts a GeoNames postal file in place of what was loaded from it before. Raises FeedRefusedError."""
    loaded = PlacesLoaded()
    loaded.added = await _replace(pool, origin_of(path), _rows(path, loaded), clock)
    return loaded


async def load_packages(pool: Pool, clock: Clock) -> int:
    """Stores what the packages ship, unless it is there already."""
    async with connected(pool, deadline_s=DEADLINE_S) as connection:
        present = await places.origins(connection)
    added = 0
    for origin, read in ((US_POSTCODES_ORIGIN, us_postcodes), (CITIES_ORIGIN, world_cities)):
        if origin not in present:
            added += await _replace(pool, origin, read(), clock)
    return added


async def ensure_packages(pool: Pool, found: Servers) -> None:
    """Has another process load the packages' places where they are missing: their memory goes with it."""
    async with connected(pool, deadline_s=DEADLINE_S) as connection:
        if await places.origins(connection) >= ORIGINS:
            return
    environment = {**os.environ, "DATABASE_URL": found.database_url, "REDIS_URL": found.redis_url}
    command = (sys.executable, "-m", "inventory_service", "places", "load")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, env=environment)
    if await process.wait() != 0:
        raise ConfigurationError("The places that ship with the packages could not be loaded.")


async def _replace(pool: Pool, origin: str, rows: Iterable[PlaceRow], clock: Clock) -> int:
    async with transaction(pool, deadline_s=DEADLINE_S) as connection:
        await places.lock(connection)
        await places.forget(connection, origin)
        added = await places.add(connection, rows)
        await changes.append(connection, "places", [], [], clock())
    return added


def _rows(path: Path, loaded: PlacesLoaded) -> Iterator[PlaceRow]:
    for one in read_postal_file(path):
        if isinstance(one, Refusal):
            loaded.refused.append(one)
        else:
            yield one

"""A product's levels in some neighbourhoods, from the cache or from Postgres, alike to the second."""

from collections.abc import Sequence
from typing import NamedTuple

from inventory_service.lookup.fills import Form, Loaded
from inventory_service.lookup.readthrough import ReadThrough
from inventory_service.storage import shelves
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import encode, is_block
from inventory_service.storage.postgres import Pool, connected

EMPTY = encode(())


class Blocks(NamedTuple):
    """What was read, packed and in the order asked; empty where nothing could be read."""

    packed: Sequence[bytes]
    from_cache: bool


def _lifetime_ms(_block: bytes) -> int:
    """For good, empty ones too: only neighbourhoods of retailers that list the product are ever asked for."""
    return 0


FORM = Form(is_block, _lifetime_ms, EMPTY)


class Levels:
    """The one reader of levels."""

    def __init__(self, through: ReadThrough, pool: Pool, deadline_s: float) -> None:
        self._through, self._pool, self._deadline_s = through, pool, deadline_s

    async def read(self, product_id: int, neighbourhood_ids: Sequence[int]) -> Blocks:
        """Raises StorageError where neither cache nor Postgres can tell, CrowdedError where too many ask."""
        names = keys.blocks(product_id, neighbourhood_ids)

        async def load(missing: Sequence[str]) -> Loaded:
            ids = dict(zip(names, neighbourhood_ids, strict=True))
            async with connected(self._pool, deadline_s=self._deadline_s) as connection:
                held = await shelves.of_product(connection, product_id, [ids[name] for name in missing])
            return Loaded({name: held.block((product_id, ids[name])) for name in missing}, held.horizon)

        packed, from_cache = await self._through.read(names, load, FORM)
        return Blocks(packed, from_cache)

"""A product's levels in some neighbourhoods, from the cache or from Postgres, alike to the second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory_service.lookup.readthrough import Loaded, ReadThrough
from inventory_service.storage import shelves
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import Unpacked, encode, is_block, unpack
from inventory_service.storage.postgres import Pool, connected

NOTHING = unpack(encode(()))


@dataclass(frozen=True, slots=True)
class Blocks:
    """What was read, packed: a search may end before it needs all of it."""

    packed: Mapping[int, bytes]
    from_cache: bool

    def unpacked(self, neighbourhood_id: int) -> Unpacked:
        """Nothing in it where nobody there has the product, or where nothing could be read. Raises CacheError."""
        packed = self.packed.get(neighbourhood_id)
        return unpack(packed) if packed is not None else NOTHING


class Levels:
    """The one reader of levels."""

    def __init__(self, through: ReadThrough, pool: Pool, deadline_s: float) -> None:
        self._through, self._pool, self._deadline_s = through, pool, deadline_s

    async def read(self, product_id: int, neighbourhood_ids: Sequence[int]) -> Blocks:
        """Raises StorageError where neither cache nor Postgres can tell."""
        names = {keys.block(product_id, one): one for one in neighbourhood_ids}

        async def load(missing: Sequence[str]) -> Loaded:
            async with connected(self._pool, deadline_s=self._deadline_s) as connection:
                held = await shelves.of_product(connection, product_id, [names[name] for name in missing])
            return Loaded({name: held.block((product_id, names[name])) for name in missing}, held.horizon)

        values = await self._through.read(list(names), load, _for_good, is_block)
        return Blocks({names[name]: block for name, block in values.by_name.items()}, values.from_cache)


def _for_good(_value: bytes) -> int:
    return 0

"""A product's levels in some neighbourhoods, from the cache or from Postgres, alike to the second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory_service.domain.errors import CacheError
from inventory_service.lookup.readthrough import ReadThrough
from inventory_service.storage import positions
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.block import Entry, decode, encode
from inventory_service.storage.postgres import Pool, connected


@dataclass(frozen=True, slots=True)
class Blocks:
    """Entries by neighbourhood."""

    entries: Mapping[int, list[Entry]]
    from_cache: bool


class Levels:
    """The one reader of levels."""

    def __init__(self, through: ReadThrough, pool: Pool, deadline_s: float) -> None:
        self._through, self._pool, self._deadline_s = through, pool, deadline_s

    async def read(self, product_id: int, neighbourhood_ids: Sequence[int]) -> Blocks:
        """Raises StorageError where neither cache nor Postgres can tell."""
        names = {keys.block(product_id, one): one for one in neighbourhood_ids}

        async def load(missing: Sequence[str]) -> Mapping[str, bytes]:
            async with connected(self._pool, deadline_s=self._deadline_s) as connection:
                found = await positions.of_neighbourhoods(connection, product_id, [names[name] for name in missing])
            return {name: encode(found[names[name]]) for name in missing}

        values = await self._through.read(list(names), load, _for_good)
        try:
            return Blocks({names[name]: decode(value) for name, value in values.by_name.items()}, values.from_cache)
        except CacheError:
            loaded = await load(list(names))
            return Blocks({names[name]: decode(value) for name, value in loaded.items()}, from_cache=False)


def _for_good(_value: bytes) -> int:
    return 0

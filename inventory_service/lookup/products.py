"""A product by its GTIN or id, through the cache; that nobody knows one is cached too."""

from collections.abc import Awaitable, Callable, Sequence

from inventory_service.domain.product import Product
from inventory_service.lookup.fills import Form, Loaded
from inventory_service.lookup.readthrough import ReadThrough
from inventory_service.storage import offered
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.product import (
    UNKNOWN,
    decode,
    encode,
    is_product,
    lifetime_by_id_ms,
    lifetime_ms,
)
from inventory_service.storage.offered import Found
from inventory_service.storage.postgres import Connection, Pool, connected

BY_GTIN, BY_ID = Form(is_product, lifetime_ms, UNKNOWN), Form(is_product, lifetime_by_id_ms, UNKNOWN)


class Products:
    """The one reader of products."""

    def __init__(self, through: ReadThrough, pool: Pool, deadline_s: float) -> None:
        self._through, self._pool, self._deadline_s = through, pool, deadline_s

    async def by_gtin(self, gtin: str, owner_id: int | None) -> Product | None:
        """`owner_id` names the retailer that a restricted GTIN belongs to. Raises StorageError."""

        async def find(connection: Connection) -> Found:
            return await offered.by_gtin(connection, gtin, owner_id)

        return await self._read(keys.gtin(gtin, owner_id), find, BY_GTIN)

    async def by_id(self, product_id: int) -> Product | None:
        """Raises StorageError."""

        async def find(connection: Connection) -> Found:
            return await offered.by_id(connection, product_id)

        return await self._read(keys.product(product_id), find, BY_ID)

    async def _read(self, name: str, find: Callable[[Connection], Awaitable[Found]], form: Form) -> Product | None:
        async def load(_names: Sequence[str]) -> Loaded:
            async with connected(self._pool, deadline_s=self._deadline_s) as connection:
                found = await find(connection)
            return Loaded({name: encode(found.product)}, found.horizon)

        (value,), _ = await self._through.read([name], load, form)
        return decode(value)

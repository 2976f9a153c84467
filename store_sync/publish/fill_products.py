"""Products themselves into Redis, where they are not there yet: each by its GTIN, or by its id where it has none.

Never newer by older, by the same lease that a worker takes for one product. The lease is taken before the product is
read; whoever changes a product, its offers or its GTIN logs that in the same transaction
(inventory_service/storage/describe_items.py), and the publisher then drops value and lease in one command (writer.py).
So a change that this reading has not seen is published after the lease was taken: before the value is stored, and it
is refused, or after, and it is dropped. A GTIN that a product has is for good, so no other key can hold it.
"""

from inventory_service.domain.product import Product
from inventory_service.storage import offered
from inventory_service.storage.cache import keys
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.product import encode, is_product
from inventory_service.storage.offered import Identity
from inventory_service.storage.postgres import Connection

ATTEMPTS = 3


class ProductFiller:
    """Fills products, range after range."""

    def __init__(self, connection: Connection, cache: Cache) -> None:
        self._connection, self._cache = connection, cache

    async def fill(self, first: int, last: int) -> tuple[int, int]:
        """How many of the products from `first` to `last` are cached now, and how many changed too often meanwhile, or
        are being filled by a worker. Raises StorageError, CacheError.
        """
        found = await offered.identities(self._connection, first, last)
        left = {_name(product_id, identity): product_id for product_id, identity in found}
        for _ in range(ATTEMPTS):
            if left:
                left = await self._fill(left)
        return len(found) - len(left), len(left)

    async def _fill(self, wanted: dict[str, int]) -> dict[str, int]:
        """Those that are not there yet."""
        claim = await self._cache.claim(list(wanted))
        cached = {name: value for name, value in zip(wanted, claim.values, strict=True) if value is not None}
        unusable = [name for name, value in cached.items() if not is_product(value)]
        leases = {**claim.leases, **await self._cache.lease(unusable)}
        read = await offered.by_ids(self._connection, [wanted[name] for name in leases])
        values = {_name_of(product): encode(product) for product in read}
        stored = await self._cache.fill({name: leases[name] for name in leases.keys() & values.keys()}, values, 0)
        there = stored | cached.keys() - set(unusable)
        return {name: product_id for name, product_id in wanted.items() if name not in there}


def _name_of(product: Product) -> str:
    return _name(product.product_id, (product.gtin, product.owner_id) if product.gtin else None)


def _name(product_id: int, identity: Identity | None) -> str:
    return keys.product(product_id) if identity is None else keys.gtin(*identity)

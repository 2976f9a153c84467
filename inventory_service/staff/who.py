"""Who of the staff asks, and which stores are theirs: to anybody else a store is not there at all."""

from collections.abc import Mapping
from dataclasses import dataclass

from inventory_service.domain.errors import FieldFault, ForbiddenError, KeyRequiredError, NotFoundError
from inventory_service.domain.key import Key
from inventory_service.domain.store import Store
from inventory_service.storage import stores
from inventory_service.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Staff:
    """A staff key with its retailer."""

    key: Key
    retailer_id: int
    retailer: str

    def may_see(self, store: Store) -> bool:
        own = store.retailer_id == self.retailer_id
        return own and (not self.key.store_ids or store.store_id in self.key.store_ids)


@dataclass(frozen=True, slots=True)
class NamedStore:
    """A store by our id, or else by its retailer's code."""

    store_id: int | None
    store_code: str | None

    @property
    def field(self) -> str:
        return "store_code" if self.store_id is None else "store_id"


def staff_of(key: Key | None, retailers: Mapping[str, int]) -> Staff:
    """`retailers`: ids by slug. Raises KeyRequiredError, ForbiddenError."""
    if key is None:
        raise KeyRequiredError("Send a staff key as Authorization: Bearer KEY.")
    retailer_id = retailers.get(key.retailer or "")
    if key.kind != "st" or key.retailer is None or retailer_id is None:
        raise ForbiddenError("This is for staff: it needs a staff key (st_).")
    return Staff(key, retailer_id, key.retailer)


async def store_of(connection: Connection, staff: Staff, named: NamedStore) -> Store:
    """Raises NotFoundError, in the same words whether there is none or it is somebody else's."""
    store_id = named.store_id
    if store_id is None and named.store_code is not None:
        store_id = (await stores.ids(connection, staff.retailer_id, [named.store_code])).get(named.store_code)
    found = [] if store_id is None else await stores.directory(connection, [store_id])
    own = next((store for store in found if staff.may_see(store)), None)
    if own is None:
        raise NotFoundError("This key has no such store.", FieldFault(named.field, "is none of this key's stores"))
    return own


async def stores_of(connection: Connection, staff: Staff) -> list[Store]:
    """All that are open to the key, by id."""
    if staff.key.store_ids:
        found = await stores.directory(connection, sorted(staff.key.store_ids))
    else:
        found = await stores.directory_of_retailer(connection, staff.retailer_id)
    return sorted(filter(staff.may_see, found), key=lambda store: store.store_id)

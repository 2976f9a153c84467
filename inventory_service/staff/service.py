"""The one door to what staff tell and ask."""

from dataclasses import dataclass
from datetime import datetime

from inventory_service.domain.answered import NOTHING, Answered, Shelf
from inventory_service.domain.clock import Clock
from inventory_service.domain.key import Key
from inventory_service.domain.product import Product
from inventory_service.domain.store import Store
from inventory_service.lookup.memory import Memory
from inventory_service.staff.checks import Stop, walk
from inventory_service.staff.confirming import Confirmed, Order, Terms, Write, confirm, reply_kept, told_of
from inventory_service.staff.naming import NamedProduct, find_product
from inventory_service.staff.taking_back import take_back
from inventory_service.staff.tracing import Page, trace
from inventory_service.staff.who import NamedStore, Staff, staff_of, store_of, stores_of
from inventory_service.storage.idempotency import Request
from inventory_service.storage.postgres import Connection, Pool, connected, persistently


@dataclass(frozen=True, slots=True)
class Position:
    """What is held of a product at a store; `product` None: nobody has told of it."""

    store: Store
    product: Product | None
    told: Answered


@dataclass(frozen=True, slots=True)
class Round:
    """What to look at next, as it was worth it at this moment."""

    now: datetime
    stops: list[Stop]


class StaffService:
    """Every question and word of staff; all raise StorageError, and NotFoundError for what is not theirs."""

    def __init__(self, pool: Pool, memory: Memory, clock: Clock, deadline_s: float) -> None:
        self._pool, self._memory, self._clock, self._deadline_s = pool, memory, clock, deadline_s

    def now(self) -> datetime:
        return self._clock()

    def of(self, key: Key | None) -> Staff:
        """Raises KeyRequiredError, ForbiddenError."""
        return staff_of(key, self._memory.retailers)

    async def confirm(self, staff: Staff, order: Order, request: Request | None, write: Write) -> bytes:
        """The reply, of now or of the first time that this was asked. Raises OtherRequestError."""
        terms = Terms(self._clock, self._memory.learned, write)
        async with connected(self._pool, deadline_s=self._deadline_s) as connection:
            kept = None if request is None else await reply_kept(connection, request)

            async def work() -> bytes:
                return await confirm(connection, staff, order, request, terms)

            return await persistently(connection, work) if kept is None else kept

    async def take_back(self, staff: Staff, confirmation_id: int) -> Confirmed:
        """Raises SettledError."""
        async with connected(self._pool, deadline_s=self._deadline_s) as connection:

            async def work() -> Confirmed:
                return await take_back(connection, staff, confirmation_id, self._clock())

            return await persistently(connection, work)

    async def trace(self, staff: Staff, store_id: int | None, limit: int, before: int | None) -> Page:
        """Confirmations, the newest first; of all the key's stores, or of one."""
        async with connected(self._pool, deadline_s=self._deadline_s) as connection:
            return await trace(connection, staff, store_id, limit, before)

    async def stores(self, staff: Staff) -> list[Store]:
        """Those that are open to the key."""
        async with connected(self._pool, deadline_s=self._deadline_s) as connection:
            return await stores_of(connection, staff)

    async def position(self, staff: Staff, store: NamedStore, product: NamedProduct) -> Position:
        """What an answer would tell of it now."""
        async with connected(self._pool, deadline_s=self._deadline_s) as connection:
            here = await store_of(connection, staff, store)
            known = await find_product(connection, staff.retailer_id, product)
            return Position(here, known, await self._told(connection, here, known))

    async def checks(self, staff: Staff, store: NamedStore, limit: int) -> Round:
        """What to look at next, in the order of one walk."""
        now = self._clock()
        async with connected(self._pool, deadline_s=self._deadline_s) as connection:
            here = await store_of(connection, staff, store)
            return Round(now, await walk(connection, self._memory.learned, here, limit, now))

    async def _told(self, connection: Connection, store: Store, product: Product | None) -> Answered:
        if product is None:
            return NOTHING
        shelf = Shelf(product.product_id, store.store_id, store.retailer_id)
        told, _ = await told_of(connection, self._memory.learned, shelf, self._clock())
        return told

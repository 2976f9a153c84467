"""What all identities have spent: decided here at once, and settled with the other workers through Redis."""

import asyncio

from inventory_service.domain.errors import CacheError
from inventory_service.domain.key import Key, Limits
from inventory_service.runtime.outage import Outage
from inventory_service.spending.lately import Lately
from inventory_service.spending.meter import Meter, per_day, per_minute
from inventory_service.spending.purse import Purse
from inventory_service.storage.cache.cache import Cache
from inventory_service.storage.cache.spent import Spent, settled

EVERY_S, REST_S = 0.1, 1.0
"""Between two round trips, and after one that failed."""
AT_ONCE = 500
"""Meters settled in one round trip: so many cost a worker some 3 % of its time."""
MOST_IDENTITIES = 65_536
"""Addresses held, and addresses of publishable keys; of those not seen for longest nothing is known any more."""
MOST_KEYS = 16_384


class Ledger:
    """One worker's. Nothing in it waits: whoever asks is decided upon by what is known."""

    def __init__(self, anonymous_per_minute: int) -> None:
        """0: who has no key may ask any amount."""
        self._policies = [per_minute(anonymous_per_minute)] if anonymous_per_minute else []
        self._waiting: dict[Meter, None] = {}
        self.strangers: Lately[str, Purse] = Lately(MOST_IDENTITIES, self._stranger)
        self._of_keys: Lately[int, list[Meter]] = Lately(MOST_KEYS, lambda _: [])
        self._guests: Lately[tuple[int, Limits, str], Purse] = Lately(MOST_IDENTITIES, self._guest)
        self._outage = Outage("redis, for limits")

    def purse(self, key: Key | None, network: str) -> Purse:
        """Of `key`, or of the address where there is none."""
        if key is None:
            return self.strangers[network]
        return self._guests[key.key_id, key.limits, network if key.limits.per_address_per_minute else ""]

    @property
    def waiting(self) -> int:
        """Identities whose spending Redis does not know yet."""
        return len(self._waiting)

    async def keep(self, cache: Cache) -> None:
        """Settles again and again until cancelled. While Redis is away each worker counts by itself."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.settle(cache)
            except CacheError as error:
                self._outage.met(error)
                await asyncio.sleep(REST_S)
            else:
                self._outage.over()

    async def settle(self, cache: Cache) -> None:
        """Tells Redis what was spent here, and learns what was spent everywhere. Raises CacheError."""
        meters = [meter for meter, _ in zip(self._waiting, range(AT_ONCE), strict=False)]
        for meter in meters:
            del self._waiting[meter]
        told = [(meter, Spent.of(meter.identity, meter.policy.item, meter.window, meter.unsent)) for meter in meters]
        sent = [(meter, one, meter.spent) for meter, one in told if one.amount]
        for meter, _, _ in sent:
            meter.unsent = 0
        try:
            totals = await settled(cache, [one for _, one, _ in sent])
        except BaseException:
            for meter, one, _ in sent:
                if meter.window == one.window:
                    meter.unsent += one.amount
                    self._waiting[meter] = None
            raise
        for (meter, one, known), total in zip(sent, totals, strict=True):
            if meter.window == one.window:
                meter.spent += max(0, total - known)

    def _stranger(self, network: str) -> Purse:
        return Purse([Meter(f"a:{network}", policy) for policy in self._policies], self._waiting)

    def _guest(self, whose: tuple[int, Limits, str]) -> Purse:
        """Whoever uses a key, with the meters that all have who use it."""
        key_id, limits, network = whose
        meters, identity = self._of_keys[key_id], f"k:{key_id}"
        if not meters:
            meters += [Meter(identity, per_minute(limits.per_minute))] if limits.per_minute else []
            meters += [Meter(identity, per_day(limits.per_day))] if limits.per_day else []
        own = per_minute(limits.per_address_per_minute, "address") if network else None
        return Purse([*meters, Meter(f"{identity}:{network}", own)] if own else meters, self._waiting)

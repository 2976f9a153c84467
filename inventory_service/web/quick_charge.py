"""What quick requests cost, how the limits stand after them, and what is said to who is over."""

import time

from inventory_service.domain.errors import NearshelfError
from inventory_service.domain.key import Key
from inventory_service.lookup.cached import Asked
from inventory_service.lookup.service import Service
from inventory_service.runtime.http.callers import Caller, Callers, Headers
from inventory_service.spending.limit_metrics import LimitMetrics, kind_of
from inventory_service.spending.meter import Meter
from inventory_service.spending.purse import Purse
from inventory_service.web.charging import question_cost, refusal
from inventory_service.web.security import BY_TLS

TLS_LINES = "".join(f"{name}: {value}\r\n" for name, value in BY_TLS.items()).encode()


class Charge:
    """One request's: `short` is the meter that had not so much left, None where it is paid."""

    __slots__ = ("_caller", "_purse", "cost", "key", "now_s", "short")

    def __init__(self, purse: Purse, key: Key | None, cost: int, now_s: float, caller: Caller) -> None:
        self._purse, self._caller, self.key, self.cost, self.now_s = purse, caller, key, cost, now_s
        self.short: Meter | None = purse.spend(cost, now_s)

    def give_back(self) -> None:
        """The usual way is to be taken, and charges too."""
        self._purse.give_back(self.cost)

    def lines(self) -> bytes:
        """The response's headers that tell of it."""
        lines = self._purse.lines(self.now_s)
        return lines + TLS_LINES if self._caller.secure else lines


class Till:
    """Charges those who come without a key, or with a publishable one."""

    def __init__(self, callers: Callers, service: Service, metrics: LimitMetrics) -> None:
        self._callers, self._ledger, self._usage, self._metrics = callers, service.ledger, service.usage, metrics

    def charge(self, question: Asked, key: Key | None, peer: str, headers: Headers) -> Charge:
        caller = self._callers.of(peer, headers)
        cost = question_cost(question[3], question[4])
        return Charge(self._ledger.purse(key, caller.network), key, cost, time.time(), caller)

    def paid(self, charge: Charge) -> None:
        """Counts it, once it is sure that nobody else charges."""
        self._metrics.spent[kind_of(charge.key)] += charge.cost
        if charge.key is not None:
            self._usage.spent(charge.key.key_id, charge.cost)

    def refused(self, charge: Charge, short: Meter) -> NearshelfError:
        """What to say; counted."""
        self._metrics.refused(charge.key, short, charge.cost)
        if charge.key is not None:
            self._usage.refused(charge.key.key_id)
        return refusal(charge.key, short.policy, charge.cost, short.left_s(charge.now_s))

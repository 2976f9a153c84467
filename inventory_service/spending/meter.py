"""What one identity has spent in the present window of one policy, as far as this worker knows."""

import math
from typing import NamedTuple
from zlib import crc32

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute


class Policy(NamedTuple):
    """A limit by the name that `RateLimit` calls it."""

    name: str
    item: RateLimitItem

    @property
    def text(self) -> str:
        """As `RateLimit-Policy` has it."""
        return f'"{self.name}";q={self.item.amount};w={self.item.get_expiry()}'

    @property
    def sentence(self) -> str:
        """For people: 600 a minute."""
        whose = " from one address" if self.name == "address" else ""
        return f"{self.item.amount:,} a {self.item.GRANULARITY.name}{whose}"


def per_minute(quota: int, name: str = "minute") -> Policy:
    return Policy(name, RateLimitItemPerMinute(quota))


def per_day(quota: int) -> Policy:
    return Policy("day", RateLimitItemPerDay(quota))


class Meter:
    """`spent` is what Redis last told of all workers, and what was spent here since; `unsent` it does not know yet.

    All workers cut time into the same windows. A day is one of UTC; minutes begin at another second for each identity,
    so that not everybody comes back at once.
    """

    __slots__ = ("_phase_s", "ends_s", "identity", "policy", "quota", "spent", "unsent", "window")

    def __init__(self, identity: str, policy: Policy) -> None:
        self.identity, self.policy, self.quota = identity, policy, policy.item.amount
        self._phase_s = crc32(identity.encode()) % 60 if policy.item.get_expiry() == 60 else 0
        self.window, self.ends_s, self.spent, self.unsent = 0, 0.0, 0, 0

    def begin(self, now_s: float) -> None:
        """A new window: all of the quota is there again."""
        lasts_s = self.policy.item.get_expiry()
        self.window = math.floor((now_s - self._phase_s) / lasts_s)
        self.ends_s = (self.window + 1) * lasts_s + self._phase_s
        self.spent = self.unsent = 0

    def left_s(self, now_s: float) -> int:
        """Whole seconds until there is more, at least one."""
        return -int((now_s - self.ends_s) // 1) or 1

    @property
    def left(self) -> int:
        return max(0, self.quota - self.spent)

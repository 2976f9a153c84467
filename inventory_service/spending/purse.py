"""Whoever spends, with all the limits that hold for them."""

from collections.abc import Mapping, Sequence

from inventory_service.spending.meter import Meter

MOST_WAITING = 65_536
"""Meters that wait to be settled; what further ones spend is counted by this worker alone."""


class Purse:
    """All of its meters count, or none does."""

    __slots__ = ("_line", "_only", "_start", "_waiting", "meters", "policies")

    def __init__(self, meters: Sequence[Meter], waiting: dict[Meter, None]) -> None:
        """`waiting` takes the meters that have spent what Redis does not know."""
        self.meters, self._waiting = tuple(meters), waiting
        self._only = self.meters[0] if len(self.meters) == 1 else None
        self.policies = ", ".join(meter.policy.text for meter in self.meters)
        self._line = f"RateLimit-Policy: {self.policies}\r\nRateLimit: ".encode()
        self._start = self._line + f'"{self._only.policy.name}";r='.encode() if self._only else b""

    def spend(self, cost: int, now_s: float) -> Meter | None:
        """The meter that has not so much left; None: it is spent."""
        for meter in self.meters:
            if now_s >= meter.ends_s:
                meter.begin(now_s)
            if meter.spent + cost > meter.quota:
                return meter
        for meter in self.meters:
            meter.spent += cost
            if meter.unsent or self._waits(meter):
                meter.unsent += cost
        return None

    def give_back(self, cost: int) -> None:
        """What was spent just now is not, but will be by somebody else."""
        for meter in self.meters:
            meter.spent -= min(cost, meter.spent)
            meter.unsent -= min(cost, meter.unsent)

    def headers(self, now_s: float) -> Mapping[str, str]:
        """What is told of the limits: all of them, and how that stands which is nearest to its end."""
        if not self.meters:
            return {}
        return {"RateLimit-Policy": self.policies, "RateLimit": self._standing(now_s)}

    def lines(self, now_s: float) -> bytes:
        """The same as it goes over the wire."""
        only = self._only
        if only is not None:
            return b"%b%d;t=%d\r\n" % (self._start, only.left, only.left_s(now_s))
        return b"%b%b\r\n" % (self._line, self._standing(now_s).encode()) if self.meters else b""

    def _standing(self, now_s: float) -> str:
        nearest = self._only or min(self.meters, key=_share_left)
        return f'"{nearest.policy.name}";r={nearest.left};t={nearest.left_s(now_s)}'

    def _waits(self, meter: Meter) -> bool:
        waiting = self._waiting
        if len(waiting) >= MOST_WAITING and meter not in waiting:
            return False
        waiting[meter] = None
        return True


def _share_left(meter: Meter) -> float:
    return meter.left / meter.quota

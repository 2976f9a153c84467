"""Webhooks: what a key subscribes to, what is news to it, and when a delivery is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

State = Literal["active", "paused", "ended"]
EndReason = Literal["gone", "failing"]
"""gone: the receiver answered 410; failing: nothing could be delivered for days."""
DeliveryState = Literal["waiting", "delivered", "dead", "replaced"]

CHANGED, TEST = "availability.changed", "webhook.test"
DECISIVE = ("availability", "quantity_band")
"""What has to differ for an event: a probability alone moves too often, and a count within its band is nobody's."""
NOTHING_TOLD: Mapping[str, Any] = {"availability": "unknown", "probability": None, "quantity_band": None, "as_of": None}
"""What is known of a position that nobody has told of."""
HOUR_S = 3_600.0
DAY_S = 24 * HOUR_S
ENDINGS: Mapping[EndReason, str] = {
    "gone": "the receiver answered 410",
    "failing": "nothing could be delivered for days",
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription, without its secret."""

    webhook_id: int
    key_id: int
    url: str
    description: str
    product_ids: tuple[int, ...]
    store_ids: tuple[int, ...]
    retailers: tuple[str, ...]
    """Slugs: all stores of these."""
    state: State
    ended_why: EndReason | None
    ended_at: datetime | None
    created_at: datetime
    watching: bool
    """Whether all that stood there when it was made has been noted: from then on every change is told."""
    failures: int
    failing_since: datetime | None
    """The first of these failures; None: there is none."""
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one webhook, and what became of it."""

    delivery_id: int
    event_id: str
    event: str
    body: str
    state: DeliveryState
    made_at: datetime
    attempts: int
    next_at: datetime | None
    tried_at: datetime | None
    status: int | None
    failure: str | None


def is_news(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a subscriber has to be told: both are what its key may see."""
    return any(before.get(name) != now[name] for name in DECISIVE if name in now)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt went: a status, or why there was none."""

    status: int | None = None
    failure: str | None = None
    retry_after_s: float | None = None

    @property
    def delivered(self) -> bool:
        return self.failure is None

    @property
    def gone(self) -> bool:
        """The receiver wants no more of this webhook."""
        return self.status == 410


@dataclass(frozen=True, slots=True)
class Illness:
    """How often on end a webhook could not be delivered to, and for how long by now."""

    failures: int
    for_s: float


@dataclass(frozen=True, slots=True)
class Backoff:
    """When what failed is tried again. Jitter spreads what failed together."""

    delays_s: tuple[float, ...] = (5.0, 30.0, 120.0, 600.0, HOUR_S, 6 * HOUR_S, 24 * HOUR_S)
    """After each failure of a delivery; after one more it is dead."""
    rests_s: tuple[float, ...] = (0.5, 2.0, 5.0, 15.0, 30.0)
    """How long a whole webhook is left alone after so many failures on end: one that is down is not hammered."""
    jitter: float = 0.2
    longest_asked_s: float = 24 * HOUR_S
    """What a `Retry-After` may ask for at most."""
    patience_s: float = 5 * DAY_S
    """A webhook to which nothing could be delivered for so long is ended,"""
    patience_failures: int = 16
    """and that failed so often: all attempts of two deliveries, so that one bad hour after silent days ends nothing."""

    def after(self, attempts: int, drawn: float, asked_s: float | None = None) -> float | None:
        """Seconds to wait once `attempts` (≥ 1) have failed; None: no more. `drawn` lies in [0, 1)."""
        if attempts > len(self.delays_s):
            return None
        delay_s = self.delays_s[attempts - 1] * (1.0 + self.jitter * (2.0 * drawn - 1.0))
        return max(delay_s, min(asked_s or 0.0, self.longest_asked_s))

    def gives_up(self, illness: Illness) -> bool:
        """Whether the webhook is to be ended."""
        return illness.for_s >= self.patience_s and illness.failures >= self.patience_failures

    def rest_s(self, failures: int) -> float:
        """Seconds to leave a webhook alone after `failures` (≥ 1) on end."""
        return self.rests_s[min(failures, len(self.rests_s)) - 1]

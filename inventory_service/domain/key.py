"""Who asks: kinds, scopes, reach, limits and end of a key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

KeyKind = Literal["pk", "sk", "st"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be spent, most requests counting as 1; 0: any amount."""

    per_minute: int = 0
    per_day: int = 0
    per_address_per_minute: int = 0
    """Publishable keys: by one address (IPv6: /64) of those that use it."""


UNLIMITED = Limits()
USUAL_LIMITS: dict[KeyKind, Limits] = {
    "pk": Limits(per_minute=300_000, per_day=50_000_000, per_address_per_minute=60_000),
    "sk": Limits(per_minute=300_000, per_day=50_000_000),
    "st": Limits(per_minute=60_000, per_day=2_000_000),
}
"""Of new keys, where nothing else is said: what one machine can bear of one, so that there is room for others."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as the service knows it; the secret itself is nowhere kept."""

    key_id: int
    kind: KeyKind
    name: str
    hint: str
    scopes: frozenset[str]
    origins: frozenset[str] = frozenset()
    retailer: str | None = None
    store_ids: frozenset[int] = frozenset()
    retailers: frozenset[str] = frozenset()
    """Reading keys: the only retailers that it is told of; none: all of them."""
    fields: frozenset[str] = frozenset()
    """Reading keys: the only fields of a result that it is told; none: all that its scopes allow."""

    limits: Limits = UNLIMITED
    expires_at: datetime | None = None
    """From when on it is no longer valid; None: it stays so."""
    rotated: bool = False
    """Another key has been made to take its place."""
    revoked: bool = False

    @property
    def sees_counts(self) -> bool:
        """Publishable keys never see counts, whatever they were given."""
        return self.kind != "pk" and "counts" in self.scopes

    def fault(self, now: datetime) -> str | None:
        """Why it is no longer valid, for whoever holds it; None: it is."""
        ended = self._end(now)
        if ended is None:
            return None
        return f"{ended}; another one has taken its place." if self.rotated else f"{ended}."

    def _end(self, now: datetime) -> str | None:
        if self.revoked:
            return "This key was revoked"
        if self.expires_at is None or now < self.expires_at:
            return None
        return f"This key expired at {self.expires_at:%Y-%m-%dT%H:%M:%SZ}"

"""Who asks: kinds, scopes and reach of a key."""

from dataclasses import dataclass
from typing import Literal

KeyKind = Literal["pk", "sk", "st"]


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

    @property
    def sees_counts(self) -> bool:
        """Publishable keys never see counts, whatever they were given."""
        return self.kind != "pk" and "counts" in self.scopes

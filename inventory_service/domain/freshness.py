"""How old what is held is: ages of evidence and coverage, by source and store, and who has fallen silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Ages:
    """Seconds that half, and nine tenths, of `count` things are no older than."""

    count: int
    p50_s: int
    p90_s: int


@dataclass(frozen=True, slots=True)
class SourceFreshness:
    """One source. `evidence`: a sample of its positions; `coverage`: its stores; None where there are none.

    `heard_at`: the newest of what it told, by its own clock; None: it has told nothing yet.
    """

    retailer: str
    source: str
    evidence: Ages | None
    coverage: Ages | None
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoreFreshness:
    """One store. `evidence`: a sample of its positions; `covered_at`: the newest of all its sources."""

    store_id: int
    store_code: str
    name: str
    evidence: Ages | None
    covered_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoreTotals:
    """`stores` there are; `covered` of them a source has covered at some time, and `coverage` tells how old that is.

    `silent`: those of the covered that nobody has covered for longer than the horizon.
    """

    stores: int
    covered: int
    silent: int
    coverage: Ages | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """All of it at one moment; `quietest`: the stores that have gone without coverage longest, where they are told."""

    evidence: Ages | None
    stores: StoreTotals
    sources: tuple[SourceFreshness, ...]
    quietest: tuple[StoreFreshness, ...] = ()


def is_silent(source: SourceFreshness, now: datetime, horizon: timedelta) -> bool:
    """Whether all it holds has become `unknown`, or would have: nothing was heard of it for longer than the horizon."""
    return source.heard_at is None or now - source.heard_at > horizon

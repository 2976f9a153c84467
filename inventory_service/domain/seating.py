"""Seats: which product a retailer's items are, and in which rank; what is told of an item goes with it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from inventory_service.domain.history import History
from inventory_service.domain.level import Shown
from inventory_service.domain.report import Record
from inventory_service.domain.stock import NONE_LEFT


class Seat(NamedTuple):
    """An item's place: the product that it is, and its rank among the retailer's items that are."""

    product_id: int
    rank: int


class Tenant(NamedTuple):
    """An item in its seat."""

    item_id: str
    rank: int
    stands_in: bool = False


class Seating:
    """Gives seats to items that come while others leave. Whoever stays moves up, so that an item alone has rank 0.

    `own`: items of which it is known by now that they do not merely stand in.

    `moves`: from where to where items have moved; `reranked`: the new ranks of those who stayed; `replaced`: items that
    only stood in, and whose seats others have taken.
    """

    def __init__(
        self, tenants: Mapping[int, Sequence[Tenant]], leaving: Collection[str], own: Collection[str] = ()
    ) -> None:
        self.moves: dict[Seat, Seat] = {}
        self.reranked: dict[str, int] = {}
        self.replaced: list[str] = []
        self._next: dict[int, int] = {}
        self._standing_in: dict[int, Tenant] = {}
        for product_id, some in tenants.items():
            staying = [one for one in some if one.item_id not in leaving]
            if len(staying) < len(some):
                staying = self._closed_up(product_id, staying)
            self._next[product_id] = max((one.rank + 1 for one in staying), default=0)
            waiting = [one for one in staying if one.stands_in and one.item_id not in own]
            self._standing_in.update((product_id, one) for one in waiting)

    def take(self, product_id: int) -> int:
        """The rank of one more item that is this product: of one that stood in, or behind all others."""
        if (before := self._standing_in.pop(product_id, None)) is not None:
            self.replaced.append(before.item_id)
            return before.rank
        rank = self._next.get(product_id, 0)
        self._next[product_id] = rank + 1
        return rank

    def _closed_up(self, product_id: int, staying: Sequence[Tenant]) -> list[Tenant]:
        ordered = sorted(staying, key=lambda one: one.rank)
        for rank, one in enumerate(ordered):
            if rank != one.rank:
                self.moves[Seat(product_id, one.rank)] = Seat(product_id, rank)
                self.reranked[one.item_id] = rank
        return [one._replace(rank=rank) for rank, one in enumerate(ordered)]


def apart(history: History) -> tuple[dict[int, History], History]:
    """What was told of each item, by rank; and what somebody saw, which is of the shelf whichever items stand on it."""
    ranks = {one.rank for one in history.standings} | {one.rank for one in history.reports if not _is_look(one)}
    items = {
        rank: replace(
            history,
            reports=tuple(one for one in history.reports if one.rank == rank and not _is_look(one)),
            standings=tuple(one for one in history.standings if one.rank == rank),
        )
        for rank in sorted(ranks)
    }
    return items, replace(history, reports=tuple(filter(_is_look, history.reports)), standings=())


def both(one: History, other: History) -> History:
    """What was told of an item in two seats; of what both have summed up already, the newer counts."""
    summed_up = [history for history in (one, other) if history.standings]
    newer = max(summed_up, key=lambda history: history.standings[-1].anchored_at, default=one)
    return History(
        (*one.reports, *other.reports),
        newer.standings[-1:],
        _closed_at([one, other]),
        one.retracted | other.retracted,
        newer.shown,
    )


def together(items: Mapping[int, History], seen: History) -> History:
    """One position's history out of those of its items, by their ranks, and of what was `seen` there."""
    ranks = sorted(items) or [0]
    told = [replace(one, rank=rank) for rank, item in items.items() for one in item.reports]
    standings = tuple(replace(one, rank=rank) for rank in sorted(items) for one in items[rank].standings)
    history = History(
        (*told, *_shared_out(seen, ranks)),
        standings,
        _closed_at([*items.values(), seen]),
        seen.retracted.union(*(one.retracted for one in items.values())),
        _shown_before([item for item in items.values() if item.standings] or [seen]) if standings else None,
    )
    return history.joined(()) if history.reports else history


def _shared_out(seen: History, ranks: Sequence[int]) -> Iterable[Record]:
    """Of each look, all that was seen goes to the first item, and nothing to the others."""
    looks = [one for one in seen.reports if isinstance(one, Record)]
    for _, some in groupby(looks, key=attrgetter("load_id", "observed_at", "as_of")):
        first = min(some, key=lambda one: one.rank)
        yield replace(first, rank=ranks[0])
        yield from (replace(first, rank=rank, stock=NONE_LEFT) for rank in ranks[1:])


def _shown_before(histories: Sequence[History]) -> Shown | None:
    """What was shown of what is not kept any more: the newest."""
    shown = [one.shown for one in histories if one.shown is not None]
    return max(shown, key=lambda one: (one.observed_at, one.source_id), default=None)


def _closed_at(histories: Sequence[History]) -> datetime | None:
    return max((one.closed_at for one in histories if one.closed_at is not None), default=None)


def _is_look(report: object) -> bool:
    return isinstance(report, Record) and report.kind == "confirmation"

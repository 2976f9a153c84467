"""Items that move to another seat: what is held of them at the retailer's stores goes with them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory_service.domain.history import History
from inventory_service.domain.level import Level
from inventory_service.domain.seating import Seat, Seating, Tenant, apart, both, together
from inventory_service.domain.stock import NOTHING_KNOWN
from inventory_service.storage import changes, positions, stores
from inventory_service.storage.folding import Times, stood_by
from inventory_service.storage.postgres import Connection
from inventory_service.storage.reports import Position

POSITIONS_AT_ONCE = 10_000

TENANTS = """
SELECT item_id, product_id, rank, stands_in FROM item WHERE retailer_id = $1 AND product_id = ANY ($2::int[])
"""
RERANK = """
UPDATE item i SET rank = new.rank FROM unnest($2::text[], $3::smallint[]) AS new (item_id, rank)
WHERE i.retailer_id = $1 AND i.item_id = new.item_id
"""

STRAYS = """
SELECT DISTINCT s.retailer_id, r.slug AS retailer, p.product_id, told.rank
FROM position p JOIN store s USING (store_id) JOIN retailer r USING (retailer_id) CROSS JOIN LATERAL (
    SELECT 0 AS rank WHERE p.reports IS NULL
    UNION SELECT (one->>6)::int FROM jsonb_array_elements(coalesce(p.reports->'r', p.reports)) AS one
    WHERE one->>7 IS DISTINCT FROM 'confirmation'
    UNION SELECT (one->>'k')::int FROM jsonb_array_elements(p.reports->'s') AS one
) AS told
WHERE p.product_id BETWEEN $1 AND $2
  AND NOT EXISTS (SELECT FROM item i
                  WHERE i.product_id = p.product_id AND i.retailer_id = s.retailer_id AND i.rank = told.rank
                    AND i.product_id BETWEEN $1 AND $2)
  AND NOT EXISTS (SELECT FROM product m
                  WHERE m.product_id = p.product_id AND m.merged_into IS NOT NULL AND m.product_id BETWEEN $1 AND $2)
ORDER BY s.retailer_id, p.product_id, told.rank
"""

Moves = Mapping[Seat, Seat | None]
"""From where to where; None: nobody sits there any more, and what was told of it does not count."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A seat with reports and no item: what was told of an item that is another product now."""

    retailer_id: int
    retailer: str
    seat: Seat


async def strays(connection: Connection, first: int, last: int) -> list[Stray]:
    """Those of the products from `first` to `last`."""
    rows = await connection.fetch(STRAYS, first, last)
    return [Stray(row["retailer_id"], row["retailer"], Seat(row["product_id"], row["rank"])) for row in rows]


async def clear(connection: Connection, retailer_id: int, seats: Sequence[Seat], now: datetime) -> int:
    """What was told in seats of nobody no longer counts; returns how many positions are others now.

    Who sits behind them moves up. The caller holds the retailer's lock.
    """
    nobody = [(seat.product_id, Tenant(f"nobody in {seat}", seat.rank)) for seat in seats]
    found = await tenants(connection, retailer_id, sorted({seat.product_id for seat in seats}))
    for product_id, one in nobody:
        found[product_id].append(one)
    seating = Seating(found, {one.item_id for _, one in nobody})
    await rerank(connection, retailer_id, seating.reranked)
    await stores.renew_catalogue(connection, retailer_id)
    return await move(connection, retailer_id, {**seating.moves, **dict.fromkeys(seats)}, now)


async def tenants(connection: Connection, retailer_id: int, product_ids: Sequence[int]) -> dict[int, list[Tenant]]:
    """product_id → the retailer's items that are this product."""
    found: dict[int, list[Tenant]] = {product_id: [] for product_id in product_ids}
    for row in await connection.fetch(TENANTS, retailer_id, list(product_ids)):
        found[row["product_id"]].append(Tenant(row["item_id"], row["rank"], row["stands_in"]))
    return found


async def rerank(connection: Connection, retailer_id: int, ranks: Mapping[str, int]) -> None:
    await connection.execute(RERANK, retailer_id, list(ranks), list(ranks.values()))


async def move(connection: Connection, retailer_id: int, moves: Moves, now: datetime) -> int:
    """Moves what is held from seat to seat, and logs it; returns how many positions are others now.

    A position that nobody tells of any more stays, and tells nothing. The caller holds the retailer's lock.
    """
    product_ids = sorted({seat.product_id for pair in moves.items() for seat in pair if seat is not None})
    store_ids = await stores.of_retailer(connection, retailer_id)
    moved, at_once = 0, max(1, POSITIONS_AT_ONCE // len(product_ids))
    for start in range(0, len(store_ids), at_once):
        some = store_ids[start : start + at_once]
        held = await positions.of_shelves(connection, product_ids, some)
        times = await positions.snapshot_times(connection, sorted({one.store_id for one in held}))
        written = [one for store_id, here in _by_store(held).items() for one in _moved(here, times[store_id], moves)]
        if not written:
            continue
        await positions.write(connection, written)
        keys = [one.product_id for one in written], [one.store_id for one in written]
        await changes.append(connection, "levels", *keys, now)
        moved += len(written)
    return moved


def _by_store(held: Sequence[Position]) -> dict[int, list[Position]]:
    found: dict[int, list[Position]] = defaultdict(list)
    for one in held:
        found[one.store_id].append(one)
    return found


def _moved(held: Sequence[Position], times: Times, moves: Moves) -> list[Position]:
    """Those positions of one store that are others once items have moved."""
    before = {one.product_id: one for one in held}
    items: dict[int, dict[int, History]] = defaultdict(dict)
    seen: dict[int, History] = {}
    touched: set[int] = set()
    for one in held:
        told, seen[one.product_id] = apart(stood_by(one, times))
        for rank, history in told.items():
            seat = Seat(one.product_id, rank)
            to = moves.get(seat, seat)
            if to != seat:
                touched.add(one.product_id)
            if to is not None and to != seat:
                touched.add(to.product_id)
            if to is not None:
                mine = items[to.product_id]
                mine[to.rank] = both(mine[to.rank], history) if to.rank in mine else history
    store_id = held[0].store_id
    return [
        _position(product_id, store_id, together(items[product_id], seen.get(product_id, History())), before)
        for product_id in sorted(touched)
    ]


def _position(product_id: int, store_id: int, history: History, before: Mapping[int, Position]) -> Position:
    told = history.reports or history.standings
    level = history.level if told else _nothing_after(before[product_id].level)
    return Position(product_id, store_id, level, history)


def _nothing_after(level: Level) -> Level:
    """Of a position that nobody tells of any more."""
    told = level.in_bands
    moment = told.observed_at
    return Level(NOTHING_KNOWN, moment, level.as_of, moment, told.source_id, leaning=level.leaning)

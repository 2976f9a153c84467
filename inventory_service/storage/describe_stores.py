"""Stores as feeds describe them: new ones get a seat in a neighbourhood, known ones are described anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from geo.point import Point
from geo.zones import timezone_at
from inventory_service.domain.feed import StoreRow
from inventory_service.domain.neighbourhoods import Neighbourhood, assign
from inventory_service.storage import changes, stores
from inventory_service.storage.postgres import Connection
from inventory_service.storage.stores import Seat, StoreRecord


@dataclass(frozen=True, slots=True)
class Described:
    """store_code → store_id for those known now; the codes that are new, and those that were described anew."""

    ids: Mapping[str, int]
    added: frozenset[str]
    changed: frozenset[str]


NOTHING_DESCRIBED = Described({}, frozenset(), frozenset())


async def describe_stores(
    connection: Connection, retailer_id: int, rows: Sequence[StoreRow], as_of: datetime, now: datetime
) -> Described:
    """Writes what `rows` say, the last one of a code counting. Unknown stores without a point are left out.

    The caller holds the retailer's lock.
    """
    if not rows:
        return NOTHING_DESCRIBED
    latest = _latest(rows)
    held = await stores.held(connection, retailer_id, list(latest))
    fresh = [
        _record(row, row.point, as_of) for code, row in latest.items() if code not in held and row.point is not None
    ]
    changed = [
        record
        for code, (_, before) in held.items()
        if as_of >= before.as_of and (record := _merged(before, latest[code], as_of)) != replace(before, as_of=as_of)
    ]
    added = await _add(connection, retailer_id, fresh)
    if changed:
        await stores.change(connection, retailer_id, changed)
    ids = {**{code: store_id for code, (store_id, _) in held.items()}, **added}
    touched = sorted([*added.values(), *(ids[record.store_code] for record in changed)])
    if touched:
        await changes.append(connection, "stores", touched, [], now)
    return Described(ids, frozenset(added), frozenset(record.store_code for record in changed))


def _latest(rows: Sequence[StoreRow]) -> dict[str, StoreRow]:
    """The last row of a code, with the point of an earlier one where it has none."""
    latest: dict[str, StoreRow] = {}
    for row in rows:
        before = latest.get(row.store_code)
        latest[row.store_code] = replace(row, point=before.point) if before and row.point is None else row
    return latest


async def _add(connection: Connection, retailer_id: int, fresh: Sequence[StoreRecord]) -> dict[str, int]:
    if not fresh:
        return {}
    seats = await _seats(connection, retailer_id, [record.point for record in fresh])
    store_ids = await stores.add(connection, retailer_id, fresh, seats)
    return dict(zip((record.store_code for record in fresh), store_ids, strict=True))


async def _seats(connection: Connection, retailer_id: int, points: Sequence[Point]) -> list[Seat]:
    own = _neighbourhoods(await stores.neighbourhood_rows(connection, retailer_id))
    known = await stores.count(connection, retailer_id)
    await stores.lock_shared_neighbourhoods(connection)
    shared = _neighbourhoods(await stores.neighbourhood_rows(connection, None))
    plan = assign([*own, *shared], retailer_id, known, points)
    founded = {}
    for one in plan.founded:
        (founded[one.temporary_id],) = await stores.add_neighbourhoods(connection, one.retailer_id, 1)
    seats = [Seat(founded.get(one.neighbourhood_id, one.neighbourhood_id), one.slot) for one in plan.assignments]
    next_slots: dict[int, int] = {}
    for seat in seats:
        next_slots[seat.neighbourhood_id] = max(next_slots.get(seat.neighbourhood_id, 0), seat.slot + 1)
    await stores.take_slots(connection, next_slots)
    return seats


def _neighbourhoods(rows: Sequence[stores.MemberRow]) -> list[Neighbourhood]:
    points: dict[int, list[Point]] = {}
    heads: dict[int, stores.MemberRow] = {}
    for row in rows:
        points.setdefault(row.neighbourhood_id, []).append(row.point)
        heads[row.neighbourhood_id] = row
    return [Neighbourhood(one, heads[one].retailer_id, heads[one].next_slot, where) for one, where in points.items()]


def _record(row: StoreRow, point: Point, as_of: datetime) -> StoreRecord:
    return StoreRecord(
        store_code=row.store_code,
        name=row.name,
        street=row.street,
        city=row.city,
        region=row.region,
        postcode=row.postcode,
        country=row.country,
        point=point,
        phone=row.phone,
        timezone=row.timezone or timezone_at(point),
        opening_hours=row.opening_hours,
        as_of=as_of,
    )


def _merged(before: StoreRecord, row: StoreRow, as_of: datetime) -> StoreRecord:
    """What the row tells, over what was held: a row that leaves a field out does not take it back."""
    point = row.point or before.point
    moved = point != before.point
    return StoreRecord(
        store_code=before.store_code,
        name=row.name or before.name,
        street=row.street or before.street,
        city=row.city or before.city,
        region=row.region or before.region,
        postcode=row.postcode or before.postcode,
        country=row.country or before.country,
        point=point,
        phone=row.phone or before.phone,
        timezone=row.timezone or (timezone_at(point) if moved else before.timezone),
        opening_hours=row.opening_hours or before.opening_hours,
        as_of=as_of,
    )

"""A whole answer in one compiled call: the search over the blocks, and its results as JSON."""

from geo.compiled import compiled
from inventory_service.lookup.kernel import DONE, MORE, choose
from inventory_service.web.writing import unready, write

UNREADY = -1
"""A text is missing or no longer right."""


@compiled
def answer(
    lat,
    lon,
    radius_m,
    limit,
    quantity,
    arrival_us,
    horizon_us,
    now_us,
    minute,
    owners,
    data,
    planned,
    origin,
    groups,
    bounds,
    wanted,
    ecef,
    store_ids,
    retailer_ids,
    row_at,
    first_rows,
    sizes,
    sole_owners,
    cov_sources,
    cov_us,
    fresh,
    read,
    kept,
    found,
    stores,
    store_at,
    store_end,
    hours_of,
    hours,
    hours_length,
    stamps,
    demo,
    prices,
    price_at,
    details,
    detail_text,
    sources,
    source_at,
    out,
    lasting,
):
    """(status, results, bytes in `out`, bytes in `lasting`, neighbourhoods needed).

    The status is kernel.choose's, or UNREADY. An answer with a nearest beyond is MORE: it is none of the usual ones.
    """
    status, count, beyonds, _, _, needed = choose(
        lat,
        lon,
        radius_m,
        limit,
        quantity,
        arrival_us,
        horizon_us,
        owners,
        data,
        radius_m,
        planned,
        origin,
        groups,
        bounds,
        wanted,
        ecef,
        store_ids,
        retailer_ids,
        row_at,
        first_rows,
        sizes,
        sole_owners,
        cov_sources,
        cov_us,
        fresh,
        read,
        kept,
        found,
    )
    if status != DONE or beyonds:
        return MORE if status == DONE else status, 0, 0, 0, needed
    stale, unknown = unready(
        found, 0, count, store_at, store_end, hours_of, stamps, minute, data, details, detail_text, now_us
    )
    if stale or unknown >= 0:
        return UNREADY, count, 0, 0, needed
    size, lasts = write(
        found,
        0,
        count,
        now_us,
        stores,
        store_at,
        store_end,
        hours_of,
        hours,
        hours_length,
        demo,
        retailer_ids,
        prices,
        price_at,
        owners,
        details,
        detail_text,
        sources,
        source_at,
        out,
        lasting,
    )
    return (UNREADY, count, 0, 0, needed) if size < 0 else (DONE, count, size, lasts, needed)

"""A whole answer in one compiled call: the search over the blocks, and its results as JSON."""

from geo.compiled import compiled
from inventory_service.lookup.kernel import DONE, choose
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
    within_m,
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
    held,
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
    """(status, results, 1 if a nearest beyond is found, bytes in `out`, bytes in `lasting`, neighbourhoods needed).

    The status is kernel.choose's, or UNREADY: something is found and not written, as is any nearest beyond.
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
        within_m,
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
        held,
        kept,
        found,
    )
    if status != DONE:
        return status, 0, 0, 0, 0, needed
    if beyonds:
        return UNREADY, count - beyonds, beyonds, 0, 0, needed
    stale, unknown = unready(
        found, 0, count, store_at, store_end, hours_of, stamps, minute, data, details, detail_text, now_us
    )
    if stale or unknown >= 0:
        return UNREADY, count, 0, 0, 0, needed
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
    return (UNREADY, count, 0, 0, 0, needed) if size < 0 else (DONE, count, 0, size, lasts, needed)

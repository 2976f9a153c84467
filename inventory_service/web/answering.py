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
    """(status, results, 1 if a nearest beyond is told, where the results end in `out` and in `lasting`, where the
    nearest beyond behind them does, neighbourhoods needed).

    The status is kernel.choose's, or UNREADY: something is found and not written.
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
        return status, 0, 0, 0, 0, 0, 0, needed
    count -= beyonds
    stale, unknown = unready(
        found, 0, count + beyonds, store_at, store_end, hours_of, stamps, minute, data, details, detail_text, now_us
    )
    if stale or unknown >= 0 or (beyonds and found[count].metres < 0):
        return UNREADY, count, beyonds, 0, 0, 0, 0, needed
    parts = (
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
    size, lasts = write(found, 0, count, *parts, 0, 0)
    end, lasts_end = size, lasts
    if beyonds and size >= 0:
        end, lasts_end = write(found, count, count + 1, *parts, size, lasts)
    if size < 0 or end < 0:
        return UNREADY, count, beyonds, 0, 0, 0, 0, needed
    return DONE, count, beyonds, size, lasts, end, lasts_end, needed

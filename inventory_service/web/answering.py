"""A whole answer in one compiled call: the search over the blocks, and its results as JSON."""

from geo.compiled import compiled
from inventory_service.lookup.arrays import open_bench, open_ground
from inventory_service.lookup.kernel import DONE, Ask, choose
from inventory_service.web.text_arrays import open_details, open_page, open_product, open_sources, open_stores
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
    pace,
    now_us,
    minute,
    data,
    at,
    within_m,
    planned,
    groups,
    bounds,
    ground_at,
    bench_at,
    product_at,
    stores_at,
    details_at,
    sources_at,
    page_at,
):
    """(status, results, how many may be the nearest beyond, where the results end in `out` and in `lasting`, where the
    nearest beyond behind them does, neighbourhoods needed).

    `data[at:]` is what Redis has answered for the blocks; the last seven are tables. The status is kernel.choose's, or
    UNREADY: something is found and not written.
    """
    ground, bench, product = open_ground(ground_at), open_bench(bench_at), open_product(product_at)
    stores, details, sources = open_stores(stores_at), open_details(details_at), open_sources(sources_at)
    page, found = open_page(page_at), bench.found
    ask = Ask(lat, lon, radius_m, limit, quantity, arrival_us, pace)
    chosen = choose(ask, product.owners, data, at, within_m, planned, groups, bounds, ground, bench)
    if chosen.status != DONE:
        return chosen.status, 0, 0, 0, 0, 0, 0, chosen.needed
    beyonds, count = chosen.beyonds, chosen.results - chosen.beyonds
    stale, unknown = unready(found, 0, chosen.results, minute, now_us, data, ground.hours_of, stores, details)
    if stale or unknown >= 0 or (beyonds and found[count].metres < 0):
        return UNREADY, count, beyonds, 0, 0, 0, 0, chosen.needed
    ends = _written(found, count, beyonds, now_us, ground, stores, product, details, sources, page)
    return DONE if ends[0] >= 0 else UNREADY, count, beyonds, ends[0], ends[1], ends[2], ends[3], chosen.needed


@compiled
def _written(found, count, beyonds, now_us, ground, stores, product, details, sources, page):
    """Results and the nearest beyond behind them; the first is -1 where the page is too small."""
    size, lasts = write(found, 0, count, now_us, ground, stores, product, details, sources, page, 0, 0)
    if size < 0 or not beyonds:
        return size, lasts, size, lasts
    end, lasts_end = write(
        found, count, count + 1, now_us, ground, stores, product, details, sources, page, size, lasts
    )
    return size if end >= 0 else -1, lasts, end, lasts_end


@compiled
def unready_of(found, last, minute, now_us, data, ground_at, stores_at, details_at):
    """As writing.unready, from the first on."""
    ground, stores, details = open_ground(ground_at), open_stores(stores_at), open_details(details_at)
    return unready(found, 0, last, minute, now_us, data, ground.hours_of, stores, details)


@compiled
def write_found(found, count, beyonds, now_us, ground_at, product_at, stores_at, details_at, sources_at, page_at):
    """So many results and the nearest beyond: where the results end in `out` and in `lasting`, and where that does. The
    first is -1 where the page is too small.
    """
    ground, stores, product = open_ground(ground_at), open_stores(stores_at), open_product(product_at)
    details, sources, page = open_details(details_at), open_sources(sources_at), open_page(page_at)
    return _written(found, count, beyonds, now_us, ground, stores, product, details, sources, page)

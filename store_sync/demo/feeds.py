"""The demo world as files in the formats that retailers send: the demo comes in by the same door as everybody."""

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal
from io import StringIO

from inventory_service.domain.stock import LIMITED_AT_MOST
from store_sync.demo.world import DemoItem, DemoRetailer, DemoStore

STORES_MAPPING = "stores-simple"
"""The shipped mapping that reads the stores' file."""
STORE_COLUMNS = (
    *("store_code", "name", "street", "city", "region", "postcode", "country"),
    *("lat", "lon", "phone", "opening_hours", "timezone"),
)
"""The time zone stays empty: the loader finds it from the point."""
PRODUCT_COLUMNS = ("id", "title", "brand", "gtin", "price", "sale_price", "product_type")
STOCK_COLUMNS = (
    *("store_code", "id", "quantity", "availability", "price", "sale_price"),
    *("pickup_method", "pickup_sla", "instore_product_location"),
)
CURRENCIES = {"US": "USD", "GB": "GBP", "DE": "EUR"}


def stores_feed(retailer: DemoRetailer) -> bytes:
    """CSV for `--kind stores --mapping stores-simple`."""
    return _table(STORE_COLUMNS, (_store_row(store) for store in retailer.stores), delimiter=",")


def products_feed(retailer: DemoRetailer) -> bytes:
    """A Google primary product feed as TSV; prices hold wherever a store says nothing else."""
    return _table(PRODUCT_COLUMNS, (_product_row(item) for item in retailer.items), delimiter="\t")


def stock_feed(retailer: DemoRetailer) -> Iterator[bytes]:
    """The opening stock as a full Google local inventory feed in TSV, in pieces of whole lines, one a store."""
    yield stock_head()
    for store, shelf in retailer.shelves():
        yield b"".join(stock_line(retailer, store, item, quantity) for item, quantity in shelf)


def stock_head() -> bytes:
    return ("\t".join(STOCK_COLUMNS) + "\n").encode()


def stock_line(retailer: DemoRetailer, store: DemoStore, item: DemoItem, quantity: int) -> bytes:
    """One line of a local inventory feed, full or incremental."""
    pickup_method, pickup_sla = retailer.trade.pickup
    values = (
        store.code,
        item.item_id,
        str(quantity),
        _availability(quantity),
        _local(item.price, store),
        _local(item.sale_price, store),
        pickup_method,
        pickup_sla,
        item.aisle,
    )
    return ("\t".join(values) + "\n").encode()


def _availability(quantity: int) -> str:
    if quantity == 0:
        return "out of stock"
    return "limited availability" if quantity <= LIMITED_AT_MOST else "in stock"


def _local(price: Decimal | None, store: DemoStore) -> str:
    """A store abroad has the same figure in its own currency; one at home keeps to the retailer's list."""
    country = store.spot.country
    return "" if price is None or country == "US" else f"{price} {CURRENCIES[country]}"


def _store_row(store: DemoStore) -> list[str]:
    spot = store.spot
    point = [f"{store.lat:.6f}", f"{store.lon:.6f}"]
    place = [store.street, spot.city, spot.region, spot.postcode, spot.country]
    return [store.code, store.name, *place, *point, store.phone, store.opening_hours, ""]


def _product_row(item: DemoItem) -> list[str]:
    article = item.article
    sale_price = "" if item.sale_price is None else f"{item.sale_price} USD"
    price = f"{item.price} USD"
    return [item.item_id, article.title, article.brand, article.gtin, price, sale_price, article.category]


def _table(columns: tuple[str, ...], rows: Iterable[list[str]], *, delimiter: str) -> bytes:
    text = StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()

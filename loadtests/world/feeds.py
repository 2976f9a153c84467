"""A retailer's feeds as it would send them: stores as JSON Lines, Google's product feed, Google's local inventory.

Google's local inventory has no time in its lines: a file speaks of one moment, its own. Each file of a world has
another one, anywhere within the day before the world was begun.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from loadtests.world.assortment import Assortment
from loadtests.world.draws import generator
from loadtests.world.geography import Geography, first_stores
from loadtests.world.gtins import gtins
from loadtests.world.shelves import ITEMS_A_BLOCK, STEPS, blocks, shelves
from loadtests.world.wording import brand, cents, item_id, retailer_slug, store_code, title

ROWS_A_FILE = 1_000_000
DAY = timedelta(hours=24)
PRODUCTS_A_CHUNK = 10_000
HOURS = ("Mo-Su 08:00-22:00", "Mo-Sa 09:00-21:00; Su 10:00-18:00", "24/7", "Mo-Fr 09:00-18:00; Sa 09:00-13:00",
         "Mo-Su 06:00-24:00", "Mo-Sa 10:00-20:00; Su off")  # fmt: skip
PICKUPS = ("\t", "buy\tsame day", "reserve\tnext day", "ship to store\tmulti-week")
OFFERS = 600
"""Different combinations of price exception, pickup and aisle; half have a price, all an aisle."""


Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Feed:
    """A file to be loaded: its bytes in pieces, and the moment that it speaks of."""

    name: str
    as_of: datetime
    pieces: Callable[[], Iterator[bytes]]


class Feeds:
    """The files of one retailer: stores, products, then stock, some blocks of its list in each."""

    def __init__(self, assortment: Assortment, geography: Geography, began_at: datetime, retailer: int) -> None:
        self._assortment, self._geography, self._retailer = assortment, geography, retailer
        self._began_at = began_at
        self.slug = retailer_slug(retailer)

    def all(self, rows_a_file: int = ROWS_A_FILE) -> list[Feed]:
        number, lists = self._retailer, self._assortment
        a_block = max(1, round(lists.world.carried * int(lists.store_counts[number]) * ITEMS_A_BLOCK))
        step, count = max(1, rows_a_file // a_block), blocks(lists, number)
        parts = [range(start, min(start + step, count)) for start in range(0, count, step)]
        earliest = self._began_at - DAY
        described = [Feed("stores.jsonl", earliest, self.stores), Feed("products.tsv", earliest, self.products)]
        ages = generator(lists.world.seed, "times", number).random(len(parts))
        moments = [self._began_at - DAY * float(age) for age in ages]
        return described + [
            Feed(f"stock-{part.start:05d}.tsv", moment, partial(self.stock, part))
            for part, moment in zip(parts, moments, strict=True)
        ]

    def stores(self) -> Iterator[bytes]:
        places, first = self._geography.places, first_stores(self._assortment)[self._retailer]
        name = self.slug.replace("-", " ").title()
        for store in range(int(self._assortment.store_counts[self._retailer])):
            at = int(first) + store
            texts = {key: str(column[at]) for key, column in places.texts.items()}
            line = {
                "kind": "store",
                "store_code": store_code(store),
                "name": f"{name} {texts['city']}".strip(),
                **{key: text for key, text in texts.items() if text},
                "country": "US",
                "lat": str(places.lats[at]),
                "lon": str(places.lons[at]),
                "opening_hours": HOURS[(self._retailer + store % 7 // 6) % len(HOURS)],
            }
            if zone := str(self._geography.timezones[at]):
                line["timezone"] = zone
            if area := str(self._geography.area_codes[at]):
                line["phone"] = f"+1 {area} 555 {100 + at % 100:04d}"
            yield json.dumps(line).encode() + b"\n"

    def products(self) -> Iterator[bytes]:
        listed = self._assortment.listed(self._retailer)
        numbers = gtins(self._assortment.world.seed, listed).tolist()
        rows = enumerate(zip(listed.tolist(), numbers, strict=True))
        yield b"id\ttitle\tbrand\tgtin\tprice\n"
        lines = (
            f"{item_id(self._retailer, item)}\t{title(product)}\t{brand(product)}\t{gtin:014d}"
            f"\t{cents(product, self._retailer) / 100:.2f} USD\n".encode()
            for item, (product, gtin) in rows
        )
        while piece := b"".join(islice(lines, PRODUCTS_A_CHUNK)):
            yield piece

    def stock(self, part: range) -> Iterator[bytes]:
        """Rows of some blocks of the list."""
        lists = self._assortment
        items = _column(f"\t{item_id(self._retailer, item)}" for item in range(int(lists.list_lengths[self._retailer])))
        codes = _column(map(store_code, range(int(lists.store_counts[self._retailer]))))
        yield b"store_code\tid\tquantity\tprice\tpickup_method\tpickup_sla\tinstore_product_location\n"
        for block in part:
            found = shelves(lists, self._retailer, block)
            draw = generator(lists.world.seed, "offers", self._retailer, block)
            drawn = draw.integers(STEPS, size=len(found), dtype=np.uint16)
            offered = drawn < round(lists.world.detailed * STEPS)
            cells = np.empty((len(found), 4), dtype=object)
            cells[:, 0], cells[:, 1] = codes[found.stores], items[found.items]
            cells[:, 2] = _quantities()[found.quantities]
            cells[:, 3] = _offers()[np.where(offered, 1 + drawn % OFFERS, 0)]
            yield b"".join(cells.ravel().tolist())


@cache
def _quantities() -> Texts:
    return _column(f"\t{number}" for number in range(STEPS))


@cache
def _offers() -> Texts:
    """The rest of a line: none, then OFFERS ones."""
    draw = generator(0, "offers")
    rest = ["\t\t\t\t\n"]
    for number in range(OFFERS):
        price = f"{int(draw.integers(1, 80))}.{9 + 10 * int(draw.integers(10)):02d} USD" if number % 2 else ""
        pickup, aisle = PICKUPS[number // 2 % len(PICKUPS)], f"{'ABCDEFGH'[number % 8]}{1 + number % 24}"
        rest.append(f"\t{price}\t{pickup}\t{aisle}\n")
    return _column(rest)


def _column(texts: Iterable[str]) -> Texts:
    encoded = [text.encode() for text in texts]
    column = np.empty(len(encoded), dtype=object)
    column[:] = encoded
    return column

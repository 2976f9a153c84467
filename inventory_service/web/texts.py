"""Parts of answers as JSON, made once and kept: stores with their hours, what retailers ask for a product, sources."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from geo.tables import Table, packed, table_of
from inventory_service.domain.clock import EPOCH, micros
from inventory_service.domain.hours import HoursOf, open_state
from inventory_service.domain.offer import Details, Money, SalePrice
from inventory_service.domain.product import Product
from inventory_service.lookup.ground import Ground
from inventory_service.lookup.telling import kind_of
from inventory_service.storage.cache.product import Told, offer, product_of
from inventory_service.web.presenting import hours_fields, plain_fields, product_fields, source_fields
from inventory_service.web.rendering import counter_fields, price_fields
from inventory_service.web.text_arrays import DETAIL, DetailArrays, ProductArrays, SourceArrays, StoreArrays
from inventory_service.web.writing import detail_place

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
NEVER = -1
FOR_GOOD_US = 1 << 62
ROOM_FOR_A_STORE_BYTES = 384
LONGEST_HOURS_BYTES = 128
LEAST_ROOM_BYTES = 100
MOST_PRICES = 16_384


class StoreTexts:
    """The stores of a ground by row, each once made, without hours and the last brace. `table`: that of `arrays`."""

    def __init__(self, room_for_a_store_bytes: int = ROOM_FOR_A_STORE_BYTES) -> None:
        self._room_for_a_store_bytes = room_for_a_store_bytes
        self._ground: Ground | None = None
        self._at = self._end = np.zeros(0, dtype=np.int64)
        self.arrays: StoreArrays
        self.table: Table

    def of(self, ground: Ground) -> None:
        """From now on those of this ground; what was made of stores that are still the same stays."""
        if ground is self._ground:
            return
        room = LEAST_ROOM_BYTES + len(ground.directory) * self._room_for_a_store_bytes
        if self._ground is None or not len(self._ground.directory) or self._used > room:
            self._begin(len(ground.directory), room)
        else:
            rows = ground.directory.rows_in(self._ground.directory)
            self._at, self._end = (np.where(rows < 0, 0, column[rows]) for column in (self._at, self._end))
        self._ground, self._hours = ground, HoursTexts(ground.hours)
        self._arranged()

    def make(self, rows: Sequence[int], moment: datetime, minute: int) -> None:
        """Makes the texts of these rows, and of their hours in `minute`, the whole minute that `moment` is."""
        assert self._ground is not None
        for row in rows:
            if self._at[row] == self._end[row]:
                self._write(row, orjson.dumps(plain_fields(self._ground.directory.at(row)))[:-1])
            self._hours.renew(int(self._ground.arrays.hours_of[row]), moment, minute)

    def _begin(self, count: int, room: int) -> None:
        self._text: Bytes = np.empty(room, dtype=np.uint8)
        self._at, self._end = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        self._used = 0

    def _write(self, row: int, text: bytes) -> None:
        end = self._used + len(text)
        if end > len(self._text):
            self._text = np.concatenate((self._text, np.empty(max(len(self._text), len(text)), dtype=np.uint8)))
            self._arranged()
        self._text[self._used : end] = np.frombuffer(text, np.uint8)
        self._at[row], self._end[row], self._used = self._used, end, end

    def _arranged(self) -> None:
        hours = self._hours
        self.arrays = StoreArrays(self._text, self._at, self._end, hours.text, hours.length, hours.stamps)
        self.table = table_of(self.arrays)


class HoursTexts:
    """What stores with the same hours and time zone tell of them: `text[number, :length[number]]`, right in the minute
    `stamps[number]`.
    """

    def __init__(self, hours: Sequence[HoursOf]) -> None:
        self._hours = hours
        self.text: Bytes = np.empty((len(hours), LONGEST_HOURS_BYTES), dtype=np.uint8)
        self.length: Places = np.zeros(len(hours), dtype=np.int64)
        self.stamps: Places = np.full(len(hours), NEVER, dtype=np.int64)

    def renew(self, number: int, moment: datetime, minute: int) -> None:
        if self.stamps[number] != minute:
            opening_hours, timezone, country = self._hours[number]
            state = open_state(opening_hours, timezone, moment, country)
            text = b"," + orjson.dumps(hours_fields(state))[1:-1]
            self.text[number, : len(text)] = np.frombuffer(text, np.uint8)
            self.length[number], self.stamps[number] = len(text), minute


@dataclass(frozen=True, slots=True)
class ProductText:
    """A product's part of an answer, and the prices of its retailers: `table` is ProductArrays, packed.

    Right until `until`, when a sale begins or ends.
    """

    text: bytes
    table: Table
    until: datetime | None

    @classmethod
    def made(cls, product: Product, now: datetime) -> "ProductText":
        offers = product.offers.values()
        different = {id(one): one for one in offers}
        texts = {at: _price_text(one.price, one.sale_price, now) for at, one in different.items()}
        turns = [turn for one in different.values() for turn in _turns(one.sale_price) if turn > now]
        each = [texts[id(one)] for one in offers]
        return cls._of(product_fields(product), product.offers, each, min(turns, default=None))

    @classmethod
    def read(cls, told: Told, now: datetime) -> "ProductText":
        """As `made`, of a product as it is cached. Raises CacheError where that is none."""
        prices = told.prices
        if prices is None:
            return cls.made(product_of(told), now)
        texts = map(_lasting_text, prices)
        return cls._of(product_fields(told), map(int, told.offers), texts, None)

    @classmethod
    def _of(
        cls, fields: Mapping[str, Any], owners: Iterable[int], texts: Iterable[bytes], until: datetime | None
    ) -> "ProductText":
        """`texts` are the prices of the owners; the same text is kept but once."""
        spans, each, at = dict[bytes, tuple[int, int]](), [], 0
        for text in (*texts, NO_PRICE):
            span = spans.get(text)
            if span is None:
                span = spans[text] = at, (at := at + len(text))
            each.append(span)
        begins, finishes = zip(*each, strict=True)
        columns = *(array("q", one).tobytes() for one in (owners, begins, finishes)), b"".join(spans)
        return cls(bytes(memoryview(orjson.dumps(fields))), packed(ProductArrays, columns), until)

    def lasts(self, now: datetime) -> bool:
        return self.until is None or now < self.until


class SourceTexts:
    """Sources by id; 0 is that of a source that nobody knows. `table`: that of `arrays`."""

    def __init__(self) -> None:
        self._sources: Mapping[int, str] | None = None
        self._arrange({})

    def of(self, sources: Mapping[int, str]) -> None:
        """From now on these."""
        if sources is not self._sources:
            self._sources = sources
            self._arrange(sources)

    def _arrange(self, sources: Mapping[int, str]) -> None:
        named = [sources.get(one) for one in range(max(sources, default=0) + 1)]
        named[0] = "unknown"
        texts = [b"" if one is None else orjson.dumps(source_fields(kind_of(one), one))[1:-1] for one in named]
        sighting = np.array([one is not None and kind_of(one) == "confirmation" for one in named])
        self.arrays = SourceArrays(joined(texts), ends(texts), sighting)
        self.table = table_of(self.arrays)


class DetailTexts:
    """What stores tell of a product besides counts, by the bytes that it is cached as: the kernel looks for it itself.

    Its arrays' `entries` by `detail_place` of the bytes: the bytes themselves, the price's text (nothing: the
    retailer's price stands) and the rest's, one behind the other in `text`. `table`: that of `arrays`.
    """

    def __init__(self, room: int = 1 << 16) -> None:
        self._arrange(np.zeros(room, dtype=DETAIL), np.zeros(room * 16, dtype=np.uint8))
        self._used = self._count = 0

    def add(self, raw: bytes, details: Details, now: datetime) -> None:
        """`details` are what `raw` says."""
        price = _price_text(details.price, details.sale_price, now) if details.price or details.sale_price else b""
        rest = _rest_text(details)
        written = raw + price + rest
        if self._used + len(written) > len(self.arrays.text) or 2 * self._count > len(self.arrays.entries):
            self._begin_anew(len(written))
        (entries, text), start = self.arrays, self._used
        self._used += len(written)
        text[start : self._used] = np.frombuffer(written, np.uint8)
        place = detail_place(np.frombuffer(raw, np.uint8), 0, len(raw), entries, text)
        self._count += entries[place]["raw_bytes"] == 0
        until_us = min((micros(turn) for turn in _turns(details.sale_price) if turn > now), default=FOR_GOOD_US)
        entries[place] = (start, len(raw), len(price), len(rest), until_us)

    def _begin_anew(self, needed_bytes: int) -> None:
        self.arrays.entries[:] = 0
        self._used = self._count = 0
        if needed_bytes > len(self.arrays.text):
            self._arrange(self.arrays.entries, np.zeros(2 * needed_bytes, dtype=np.uint8))

    def _arrange(self, entries: NDArray[Any], text: Bytes) -> None:
        self.arrays = DetailArrays(entries, text)
        self.table = table_of(self.arrays)


@lru_cache(maxsize=MOST_PRICES)
def _lasting_text(told: str | None) -> bytes:
    """Many products and retailers ask the same. Raises CacheError where that is no price."""
    return _price_text(offer(told).price, None, EPOCH)


def _price_text(price: Money | None, sale: SalePrice | None, now: datetime) -> bytes:
    return orjson.dumps(price_fields(price, sale.at(now) if sale else None))[1:-1]


NO_PRICE = _price_text(None, None, EPOCH)


def _rest_text(details: Details) -> bytes:
    return b"," + orjson.dumps(counter_fields(details))[1:-1]


def joined(texts: Sequence[bytes]) -> Bytes:
    return np.frombuffer(b"".join(texts) or b" ", np.uint8)


def ends(texts: Sequence[bytes]) -> Places:
    """Where each of some joined texts begins, and the last one ends."""
    places = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in texts], out=places[1:])
    return places


def _turns(sale: SalePrice | None) -> list[datetime]:
    return [] if sale is None else [turn for turn in (sale.starts_at, sale.ends_at) if turn is not None]

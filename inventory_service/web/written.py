"""A choice straight to JSON, out of parts made before; byte for byte what `rendering.rendered` makes of its answer."""

from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.tables import table_of
from inventory_service.domain.clock import micros, whole_minute
from inventory_service.lookup.cached import Cached, Known
from inventory_service.lookup.choosing import MINUTE_US, Choice, raw_details
from inventory_service.lookup.ground import Bench, Ground
from inventory_service.lookup.kernel import DONE
from inventory_service.storage.cache.block import read_details
from inventory_service.storage.cache.product import Told
from inventory_service.web.answering import UNREADY, answer, unready_of, write_found
from inventory_service.web.replying import Reply, entity_tag
from inventory_service.web.text_arrays import PageArrays
from inventory_service.web.texts import DetailTexts, ProductText, SourceTexts, StoreTexts
from inventory_service.web.wording import instant_text
from inventory_service.web.writing import SECOND_US

Ends = tuple[int, int, int, int]
BEYOND = b'],"nearest_beyond":'
NONE_BEYOND = b'],"nearest_beyond":null}'
ROOM_BYTES = 1 << 16


class Lot(NamedTuple):
    """What has to be told: of `found`, so many results and then, if that is told, the nearest beyond; `data` is what
    their details stand in.
    """

    ground: Ground
    found: NDArray[Any]
    results: int
    beyonds: int
    data: bytes
    now: datetime
    now_us: int


class Writer:
    """Keeps the parts; one answer at a time, never across an await."""

    def __init__(self) -> None:
        self._stores, self._sources, self._details = StoreTexts(), SourceTexts(), DetailTexts()
        self._bench = Bench()
        self._second, self._moment_text = -1, b""
        self._make_room(ROOM_BYTES)

    @property
    def found(self) -> NDArray[Any]:
        """The working space of `quick_reply`."""
        return self._bench.found

    def reply(self, choice: Choice, place: bytes) -> Reply:
        """For whoever may see bands only; `place` is the origin as JSON."""
        self._stores.of(choice.ground)
        self._sources.of(choice.sources)
        product = ProductText.made(choice.question.product, choice.now)
        count, beyonds, now = choice.count, choice.beyonds, choice.now
        lot = Lot(choice.ground, choice.found, count, beyonds, choice.data, now, micros(now))
        moment, quantity = self._moment(now, lot.now_us), choice.question.quantity
        return self._told(product, place, moment, quantity, beyonds, self._written(lot, product))

    def quick_reply(self, cached: Cached, place: bytes) -> Reply | None:
        """As `reply`, of what is cached; None where more has to be read, or something is not sure.

        Raises CacheError where what is cached is no product.
        """
        self._stores.of(cached.ground)
        self._sources.of(cached.sources)
        product = self._text_of(cached.known, cached.now)
        status, count, beyonds, size, lasting, end, lasting_end, needed = self._answer(cached, product)
        cached.known.needs(needed)
        ends: Ends = (size, lasting, end, lasting_end)
        if status == UNREADY:
            beyonds = cached.settle(self.found[count : count + beyonds])
            lot = Lot(cached.ground, self.found, count, beyonds, cached.data, cached.now, cached.now_us)
            ends = self._written(lot, product)
        elif status != DONE:
            return None
        moment = self._moment(cached.now, cached.now_us)
        return self._told(product, place, moment, cached.asked[5], beyonds, ends)

    def _told(
        self, product: ProductText, place: bytes, moment: bytes, quantity: int, beyonds: int, ends: Ends
    ) -> Reply:
        """`ends`: where the results end on the page, whole and without ages, and the nearest beyond behind them."""
        size, lasting, end, lasting_end = ends
        head = b'{"product":%b,"origin":%b' % (product.text, place)
        tail = b',"quantity":%d,"results":[' % quantity
        results, kept = self._out_view[:size], self._lasting_view[:lasting]
        if not beyonds:
            body = b"".join((head, moment, tail, results, NONE_BEYOND))
            return Reply(body, entity_tag(head, tail, kept, NONE_BEYOND))
        beyond, kept_beyond = self._out_view[size:end], self._lasting_view[lasting:lasting_end]
        body = b"".join((head, moment, tail, results, BEYOND, beyond, b"}"))
        return Reply(body, entity_tag(head, tail, kept, BEYOND, kept_beyond, b"}"))

    def _text_of(self, known: Known, now: datetime) -> ProductText:
        """Raises CacheError where what is cached is no product."""
        text: ProductText | Told = known.text
        if isinstance(text, Told):
            text = known.text = ProductText.read(text, now)
        elif not text.lasts(now):
            text = known.text = ProductText.read(known.product, now)
        return text

    def _moment(self, now: datetime, now_us: int) -> bytes:
        """When an answer is given, made once a second."""
        second = now_us // SECOND_US
        if second != self._second:
            text = instant_text(now.replace(microsecond=0))
            self._second, self._moment_text = second, b',"answered_at":"%b"' % text.encode()
        return self._moment_text

    def _answer(self, cached: Cached, product: ProductText) -> tuple[int, int, int, int, int, int, int, int]:
        _, lat, lon, radius_m, limit, quantity, _ = cached.asked
        answered: tuple[int, int, int, int, int, int, int, int] = answer(
            lat,
            lon,
            radius_m,
            limit,
            quantity,
            cached.arrival_us,
            cached.pace,
            cached.now_us,
            cached.now_us // MINUTE_US,
            cached.data,
            cached.known.blocks_at,
            cached.within_m,
            cached.planned,
            cached.groups,
            cached.bounds,
            cached.ground.table,
            self._bench.table,
            product.table,
            self._stores.table,
            self._details.table,
            self._sources.table,
            self._page_table,
        )
        return answered

    def _written(self, lot: Lot, product: ProductText) -> Ends:
        """Results and the nearest beyond on the page, where they stand until the next ones are written."""
        self._prepare(lot)
        ground, stores, details, sources = lot.ground, self._stores, self._details, self._sources
        of = lot.found, lot.results, lot.beyonds, lot.now_us, ground.table, product.table
        while True:
            ends: Ends = write_found(*of, stores.table, details.table, sources.table, self._page_table)
            if ends[0] >= 0:
                return ends
            self._make_room(2 * len(self._page.out))

    def _make_room(self, size: int) -> None:
        self._page = PageArrays(np.empty(size, dtype=np.uint8), np.empty(size, dtype=np.uint8))
        self._page_table = table_of(self._page)
        self._out_view, self._lasting_view = self._page.out.data, self._page.lasting.data

    def _prepare(self, lot: Lot) -> None:
        """Brings the texts that these need up to date."""
        minute, last = lot.now_us // MINUTE_US, lot.results + lot.beyonds
        stores, details = self._stores, self._details
        while True:
            tables = lot.ground.table, stores.table, details.table
            stale, unknown = unready_of(lot.found, last, minute, lot.now_us, lot.data, *tables)
            if stale:
                stores.make(lot.found["row"][:last].tolist(), whole_minute(lot.now), minute)
            elif unknown >= 0:
                raw = raw_details(lot.data, lot.found[unknown])
                details.add(raw, read_details(raw), lot.now)
            else:
                return

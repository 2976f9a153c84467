"""A choice straight to JSON, out of parts made before; byte for byte what `rendering.rendered` makes of its answer."""

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.tables import table_of
from inventory_service.domain.clock import micros, whole_minute
from inventory_service.lookup.cached import Cached, Known
from inventory_service.lookup.choosing import MINUTE_US, Choice
from inventory_service.lookup.ground import Bench
from inventory_service.lookup.kernel import DONE
from inventory_service.web.answering import UNREADY, answer, unready_of, write_found
from inventory_service.web.replying import Reply, entity_tag
from inventory_service.web.text_arrays import PageArrays
from inventory_service.web.texts import DetailTexts, ProductText, SourceTexts, StoreTexts
from inventory_service.web.wording import instant_text
from inventory_service.web.writing import SECOND_US

Buffer = bytes | memoryview
BEYOND = b'],"nearest_beyond":'
NONE_BEYOND = b'],"nearest_beyond":null}'
ROOM_BYTES = 1 << 16


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
        return self._reply(choice, place, ProductText.made(choice.question.product, choice.now))

    def _reply(self, choice: Choice, place: bytes, product: ProductText) -> Reply:
        now, question = choice.now, choice.question
        self._stores.of(choice.ground)
        self._sources.of(choice.sources)
        results, lasting = self._written(choice, 0, choice.count, product)
        beyond: Buffer = b"null"
        lasting_beyond: Buffer = b"null"
        if choice.beyonds:
            results, lasting = bytes(results), bytes(lasting)
            beyond, lasting_beyond = self._written(choice, choice.count, choice.count + 1, product)
        head = b'{"product":%b,"origin":%b' % (product.text, place)
        tail = b',"quantity":%d,"results":[' % question.quantity
        moment = b',"answered_at":"%b"' % instant_text(now.replace(microsecond=0)).encode()
        return Reply(
            b"".join((head, moment, tail, results, BEYOND, beyond, b"}")),
            entity_tag(head, tail, lasting, BEYOND, lasting_beyond, b"}"),
        )

    def quick_reply(self, cached: Cached, place: bytes) -> Reply | None:
        """As `reply`, of what is cached; None where more has to be read, or something is not sure."""
        self._stores.of(cached.ground)
        self._sources.of(cached.sources)
        product = self._text_of(cached.known, cached.now)
        status, count, beyonds, size, lasting, end, lasting_end, needed = self._answer(cached, product)
        cached.known.needs(needed)
        if status == UNREADY:
            return self._reply(cached.choice(self.found, count, beyonds), place, product)
        if status != DONE:
            return None
        head = b'{"product":%b,"origin":%b' % (product.text, place)
        tail = b',"quantity":%d,"results":[' % cached.asked[5]
        results, kept = self._out_view[:size], self._lasting_view[:lasting]
        if not beyonds:
            body = b"".join((head, self._moment(cached), tail, results, NONE_BEYOND))
            return Reply(body, entity_tag(head, tail, kept, NONE_BEYOND))
        beyond, kept_beyond = self._out_view[size:end], self._lasting_view[lasting:lasting_end]
        body = b"".join((head, self._moment(cached), tail, results, BEYOND, beyond, b"}"))
        return Reply(body, entity_tag(head, tail, kept, BEYOND, kept_beyond, b"}"))

    def _text_of(self, known: Known, now: datetime) -> ProductText:
        text: ProductText | None = known.text
        if text is None or not text.lasts(now):
            text = known.text = ProductText.made(known.product, now)
        return text

    def _moment(self, cached: Cached) -> bytes:
        """When an answer is given, made once a second."""
        second = cached.now_us // SECOND_US
        if second != self._second:
            text = instant_text(cached.now.replace(microsecond=0))
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
            cached.horizon_us,
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

    def _written(self, choice: Choice, first: int, last: int, product: ProductText) -> tuple[Buffer, Buffer]:
        """Some results, whole and without their ages; they stand until the next ones are written."""
        now_us = micros(choice.now)
        self._prepare(choice, first, last, now_us)
        while True:
            size, lasting = self._write(choice, first, last, now_us, product)
            if size >= 0:
                return self._out_view[:size], self._lasting_view[:lasting]
            self._make_room(2 * len(self._page.out))

    def _make_room(self, size: int) -> None:
        self._page = PageArrays(np.empty(size, dtype=np.uint8), np.empty(size, dtype=np.uint8))
        self._page_table = table_of(self._page)
        self._out_view, self._lasting_view = self._page.out.data, self._page.lasting.data

    def _write(self, choice: Choice, first: int, last: int, now_us: int, product: ProductText) -> tuple[int, int]:
        parts = choice.ground, product, self._stores, self._details, self._sources
        tables = (part.table for part in parts)
        size, lasting = write_found(choice.found, first, last, now_us, *tables, self._page_table)
        return size, lasting

    def _prepare(self, choice: Choice, first: int, last: int, now_us: int) -> None:
        """Brings the texts that these results need up to date."""
        minute, found, details, stores = now_us // MINUTE_US, choice.found, self._details, self._stores
        while True:
            tables = choice.ground.table, stores.table, details.table
            stale, unknown = unready_of(found, first, last, minute, now_us, choice.data, *tables)
            if stale:
                stores.make(found["row"][first:last].tolist(), whole_minute(choice.now), minute)
            elif unknown >= 0:
                details.add(choice.raw_details(found[unknown]), choice.details(found[unknown]), choice.now)
            else:
                return

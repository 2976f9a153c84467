"""Fields of a mapping that are more than one text: times, prices, sales and points, tied to a file's header."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from geo.point import Point
from inventory_service.domain.offer import Money, SalePrice
from store_sync.formats import places, values
from store_sync.formats.expression import Cells, Expression, FieldReader, Header
from store_sync.formats.mapping import PointSource, Price, ProductMapping, Source, StockMapping, Time
from store_sync.formats.reasons import Unusable

T = TypeVar("T")
Part = Callable[[Cells], T]
"""Reads one thing from a row's cells. Raises Unusable."""


def nothing(_: Cells) -> None:
    """The part that a mapping leaves out."""


class Fields:
    """Makes parts of sources, for one header."""

    def __init__(self, header: Header) -> None:
        self._header = header

    def text(self, source: Source | None) -> Expression:
        return self._header.compile(source)

    def field(self, name: str, source: Source | None, meaning: Callable[[str], T]) -> FieldReader[T]:
        return FieldReader(name, self._header.compile(source), meaning, source is not None and source.required)

    def time(self, name: str, source: Time | None) -> FieldReader[datetime]:
        zone = ZoneInfo(source.zone) if source and source.zone != "UTC" else UTC
        return self.field(name, source, _time_reader(source.format if source else None, zone))

    def price(self, name: str, source: Price | None) -> Part[Money | None]:
        if source is None:
            return nothing
        if source.currency is None:
            return self.field(name, source, values.money).read
        amount = self.field(name, source, str)
        currency = self.field(name, source.currency, str)

        def read(cells: Cells) -> Money | None:
            if (number := amount.read(cells)) is None:
                return None
            try:
                return values.price(number, currency.need(cells))
            except Unusable as fault:
                raise fault.at(amount.column(cells)) from None

        return read

    def sale_price(self, mapping: ProductMapping | StockMapping) -> Part[SalePrice | None]:
        if mapping.sale_price is None:
            return nothing
        price = self.price("sale_price", mapping.sale_price)
        starts_at = self.time("sale_starts_at", mapping.sale_starts_at)
        ends_at = self.time("sale_ends_at", mapping.sale_ends_at)

        def read(cells: Cells) -> SalePrice | None:
            reduced = price(cells)
            return SalePrice(reduced, starts_at.read(cells), ends_at.read(cells)) if reduced else None

        return read

    def point(self, source: PointSource | None) -> Part[Point | None]:
        if source is None:
            return nothing
        if source.wkt is not None:
            wkt = self.field("point", source.wkt, places.wkt_point)
            return wkt.need if source.required else wkt.read
        lat = self.field("lat", source.lat, str)
        lon = self.field("lon", source.lon, str)

        def read(cells: Cells) -> Point | None:
            if lat.read(cells) is None and lon.read(cells) is None and not source.required:
                return None
            try:
                return places.point(lat.need(cells), lon.need(cells))
            except Unusable as fault:
                raise fault.at(lat.column(cells)) from None

        return read


def _time_reader(pattern: str | None, zone: tzinfo) -> Callable[[str], datetime]:
    if pattern is None:
        return lambda text: values.moment(text, zone)
    if pattern == "unix":
        return values.unix_time

    @lru_cache(maxsize=65_536)
    def formatted(text: str) -> datetime:
        return values.formatted_time(text, pattern, zone)

    return formatted

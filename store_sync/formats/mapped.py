"""Any delimited text through a mapping: one line may yield a store, a product and its stock."""

from collections.abc import Iterator

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import ProductRow, Refusal, Row, StockRow, StoreRow
from inventory_service.domain.offer import NO_DETAILS, Details
from inventory_service.domain.stock import MAX_QUANTITY, Stock
from store_sync.formats import places, values
from store_sync.formats.expression import Cells, FieldReader, Header
from store_sync.formats.fields import Fields, Part, nothing
from store_sync.formats.lines import ByteSource
from store_sync.formats.mapping import MappingFile, ProductMapping, Quantity, Source, StockMapping, StoreMapping
from store_sync.formats.reasons import Unusable
from store_sync.formats.table import Record, Table, read_rows


def parse(stream: ByteSource, mapping: MappingFile, kind: str | None, delimiter: str | None) -> Iterator[Row | Refusal]:
    """Rows of a file, of all parts that the mapping has or of `kind` alone. Raises FeedRefusedError."""
    table = Table(stream, mapping.delimiter or delimiter, mapping.encoding)
    header = Header(table.header)
    fields = Fields(header)
    store = _store(fields, mapping.store, mapping.retailer) if mapping.store and kind in (None, "stores") else nothing
    product = _product(fields, mapping.product) if mapping.product and kind in (None, "products") else nothing
    stock = _stock(fields, mapping.stock, mapping) if mapping.stock and kind in (None, "stock") else nothing
    _check(header)

    position = _position(fields, mapping) if mapping.stock and kind in (None, "stock") else nothing

    def read(record: Record) -> Row:
        cells = record.cells
        try:
            return Row(record.line, store(cells), product(cells), stock(cells), record.raw)
        except Unusable as fault:
            raise fault.of(*(position(cells) or (None, None)))  # noqa: B904 - the same fault

    return read_rows(table, read)


def _check(header: Header) -> None:
    found = ", ".join(name[:60] for name in header.names[:30])
    if header.lacking:
        lacking = ", ".join(dict.fromkeys(header.lacking))
        raise FeedRefusedError(f"The mapping needs the columns {lacking}; the file has: {found}.")
    if header.ambiguous:
        raise FeedRefusedError(f"The header names {', '.join(dict.fromkeys(header.ambiguous))} twice; it has: {found}.")


def _store(fields: Fields, mapping: StoreMapping, retailer_source: Source | None) -> Part[StoreRow]:
    retailer = _retailer(fields, retailer_source)
    code = fields.field("store_code", mapping.store_code, values.code)
    name = fields.field("name", mapping.name, values.label)
    street = fields.field("street", mapping.street, values.label)
    city = fields.field("city", mapping.city, values.label)
    region = fields.field("region", mapping.region, values.label)
    postcode = fields.field("postcode", mapping.postcode, values.label)
    country = fields.field("country", mapping.country, places.country)
    point = fields.point(mapping.point)
    phone = fields.field("phone", mapping.phone, str)
    timezone = fields.field("timezone", mapping.timezone, places.timezone)
    hours = fields.field("opening_hours", mapping.opening_hours, places.hours)

    def read(cells: Cells) -> StoreRow:
        land = country.read(cells)
        return StoreRow(
            store_code=code.need(cells),
            name=name.need(cells),
            retailer=retailer(cells),
            street=street.read(cells),
            city=city.read(cells),
            region=region.read(cells),
            postcode=places.postcode(postcode.read(cells) or "", land) or None,
            country=land,
            point=point(cells),
            phone=_phone(phone, land, cells),
            timezone=timezone.read(cells),
            opening_hours=hours.read(cells),
        )

    return read


def _product(fields: Fields, mapping: ProductMapping) -> Part[ProductRow]:
    gtin = fields.field("gtin", mapping.gtin, values.gtin)
    item_id = fields.field("item_id", mapping.item_id or mapping.gtin, values.code)
    goes_by_gtin = _goes_by_gtin(mapping.item_id, item_id, gtin)
    name = fields.field("name", mapping.name, values.label)
    brand = fields.field("brand", mapping.brand, values.label)
    image_url = fields.field("image_url", mapping.image_url, values.image_url)
    category = fields.field("category", mapping.category, values.label)
    price = fields.price("price", mapping.price)
    sale_price = fields.sale_price(mapping)

    def read(cells: Cells) -> ProductRow:
        named, number = item_id.need(cells), gtin.read(cells)
        return ProductRow(
            item_id=named,
            gtin=number,
            name=name.read(cells),
            brand=brand.read(cells),
            image_url=image_url.read(cells),
            category=category.read(cells),
            price=price(cells),
            sale_price=sale_price(cells),
            stands_in=number is not None and goes_by_gtin(cells),
        )

    return read


def _goes_by_gtin(source: Source | None, item_id: FieldReader[str], gtin: FieldReader[str]) -> Part[bool]:
    """Tells rows whose item goes by its GTIN for want of an id: `source` names none, or falls back on that column."""
    if source is not None and not source.first_of:
        return lambda _: False
    return lambda cells: item_id.column(cells) == gtin.column(cells)


def _address(fields: Fields, mapping: StockMapping, whole: MappingFile) -> tuple[FieldReader[str], FieldReader[str]]:
    """Readers of the store's code and of the item's id."""
    described = whole.product
    shop = mapping.store_code or (whole.store.store_code if whole.store else None)
    item = mapping.item_id or (described.item_id if described else None)
    number = mapping.gtin or (described.gtin if described else None)
    return fields.field("store_code", shop, values.code), fields.field("item_id", item or number, values.code)


def _position(fields: Fields, whole: MappingFile) -> Part[tuple[str | None, str | None] | None]:
    """What a line that is refused speaks of, as far as it can be read."""
    assert whole.stock is not None
    code, item_id = _address(fields, whole.stock, whole)

    def read(cells: Cells) -> tuple[str | None, str | None] | None:
        try:
            return code.read(cells), item_id.read(cells)
        except Unusable:
            return None

    return read


def _stock(fields: Fields, mapping: StockMapping, whole: MappingFile) -> Part[StockRow]:
    described = whole.product
    retailer = _retailer(fields, whole.retailer)
    code, item_id = _address(fields, mapping, whole)
    gtin = fields.field("gtin", mapping.gtin or (described.gtin if described else None), values.gtin)
    goes_by_gtin = _goes_by_gtin(mapping.item_id or (described.item_id if described else None), item_id, gtin)
    level = _level(fields, mapping)
    observed_at = fields.time("observed_at", mapping.observed_at)
    details = _details(fields, mapping)

    def read(cells: Cells) -> StockRow:
        named, number = item_id.need(cells), gtin.read(cells)
        return StockRow(
            store_code=code.need(cells),
            item_id=None if number is not None and goes_by_gtin(cells) else named,
            stock=level(cells),
            gtin=number,
            observed_at=observed_at.read(cells),
            details=details(cells),
            retailer=retailer(cells),
        )

    return read


def _retailer(fields: Fields, source: Source | None) -> Part[str | None]:
    return fields.field("retailer", source, places.slug).need if source else nothing


def _level(fields: Fields, mapping: StockMapping) -> Part[Stock]:
    quantity = fields.field("quantity", mapping.quantity, values.count)
    availability = fields.field("availability", mapping.availability, lambda text: values.stock(text, ""))
    times = _times(fields, mapping.quantity)

    def read(cells: Cells) -> Stock:
        units, claimed = quantity.read(cells), availability.read(cells)
        if units is not None:
            counted = Stock.exactly(_pieces(units * times(cells), quantity, cells))
            return counted if claimed is None else counted.lower_of(claimed)
        if claimed is None:
            raise quantity.empty(cells) if mapping.quantity else availability.empty(cells)
        return claimed

    return read


def _times(fields: Fields, quantity: Quantity | None) -> Part[int]:
    factor = quantity.times if quantity else 1
    if isinstance(factor, int):
        return lambda _: factor
    return fields.field("quantity", Source(column=factor), values.count).need


def _pieces(pieces: int, quantity: FieldReader[int], cells: Cells) -> int:
    if pieces > MAX_QUANTITY:
        raise Unusable("invalid_number", f"{pieces} pieces are more than {MAX_QUANTITY}.", quantity.column(cells))
    return pieces


def _details(fields: Fields, mapping: StockMapping) -> Part[Details]:
    price = fields.price("price", mapping.price)
    sale_price = fields.sale_price(mapping)
    availability = fields.text(mapping.availability)
    method = fields.text(mapping.pickup_method)
    sla = fields.text(mapping.pickup_sla)
    aisle = fields.field("aisle", mapping.aisle, values.aisle)

    def read(cells: Cells) -> Details:
        how, how_soon = method.text(cells), sla.text(cells)
        return Details(
            price=price(cells),
            sale_price=sale_price(cells),
            pickup=values.pickup(how, how_soon) if how or how_soon else None,
            aisle=aisle.read(cells),
            order_in_store=values.word(availability.text(cells)) == values.ORDER_IN_STORE,
        )

    named = mapping.model_fields_set - {"store_code", "item_id", "gtin", "quantity", "observed_at"}
    return read if named else lambda _: NO_DETAILS


def _phone(phone: FieldReader[str], country: str | None, cells: Cells) -> str | None:
    if (number := phone.read(cells)) is None:
        return None
    try:
        return places.phone(number, country)
    except Unusable as fault:
        raise fault.at(phone.column(cells)) from None

"""Stores and products as JSON objects: the fields of the mappings stores-simple and products-simple."""

from geo.point import Point
from inventory_service.domain.feed import ProductRow, StoreRow
from store_sync.formats import google, places, values
from store_sync.formats.json_text import Members
from store_sync.formats.reasons import Unusable
from store_sync.formats.values import missing


def store_row(members: Members) -> StoreRow:
    """Raises Unusable."""
    country = members.maybe("country", places.country)
    return StoreRow(
        store_code=members.needed_code("store_code"),
        name=members.must("name", values.label),
        street=members.maybe("street", values.label),
        city=members.maybe("city", values.label),
        region=members.maybe("region", values.label),
        postcode=members.maybe("postcode", lambda text: places.postcode(values.label(text), country)),
        country=country,
        point=_point(members),
        phone=members.maybe("phone", lambda text: places.phone(text, country)),
        timezone=members.maybe("timezone", places.timezone),
        opening_hours=members.maybe("opening_hours", places.hours),
    )


def product_row(members: Members) -> ProductRow:
    """`item_id` is the GTIN as it came where there is none: it stands in. Raises Unusable."""
    named = members.filled("item_id", "gtin")
    gtin = members.maybe("gtin", values.gtin)
    item_id = members.code(named)
    if item_id is None:
        raise missing("item_id")
    price, sale_price = google.prices(
        members.money("price"), members.money("sale_price"), members.text("sale_price_effective_date")
    )
    return ProductRow(
        item_id=item_id,
        gtin=gtin,
        name=members.maybe("name", values.label),
        brand=members.maybe("brand", values.label),
        image_url=members.maybe("image_url", values.image_url),
        category=members.maybe("category", values.label),
        price=price,
        sale_price=sale_price,
        stands_in=named == "gtin",
    )


def _point(members: Members) -> Point:
    lat, lon = members.needed("lat"), members.needed("lon")
    try:
        return places.point(lat, lon)
    except Unusable as fault:
        raise fault.at("lat") from None

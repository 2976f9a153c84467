"""The same answer in schema.org's words: a Product with an Offer per store."""

from collections.abc import Mapping
from typing import Any

from inventory_service.web.models import AvailabilityAnswer, Evidence, Result, Store

MEDIA_TYPE = "application/ld+json"
WORDS = {"in_stock": "InStock", "limited_availability": "LimitedAvailability", "out_of_stock": "OutOfStock"}
"""`unknown` has no word at schema.org: such an offer says nothing of availability."""


def linked_data(answer: AvailabilityAnswer, names: Mapping[str, str]) -> dict[str, Any]:
    """Made from the body that the asker may see, so it can tell no more than that. `names`: of retailers, by slug."""
    product = answer.product
    return _told(
        {
            "@context": "https://schema.org",
            "@type": "Product",
            "productID": str(product.id),
            "gtin": product.gtin,
            "name": product.name,
            "brand": _told({"@type": "Brand", "name": product.brand}) if product.brand else None,
            "image": product.image_url,
            "offers": [_offer(result, names) for result in answer.results],
        }
    )


def _offer(result: Result, names: Mapping[str, str]) -> dict[str, Any]:
    """Of what the asker may see: a field that a key is not told of is None."""
    price = result.sale_price or result.price
    word = WORDS.get(result.availability)
    return _told(
        {
            "@type": "Offer",
            "availability": f"https://schema.org/{word}" if word else None,
            "price": price.amount if price else None,
            "priceCurrency": price.currency if price else None,
            "validFrom": result.as_of,
            "seller": {"@type": "Organization", "name": names[result.store.retailer]} if result.store else None,
            "availableAtOrFrom": _place(result.store) if result.store else None,
            "inventoryLevel": _level(result),
            "additionalProperty": [_sighting(one) for one in result.evidence or () if one.seen is not None] or None,
        }
    )


def _sighting(of: Evidence) -> dict[str, Any]:
    """Somebody looked, and it was there or not; when that was is the offer's `validFrom`."""
    return {"@type": "PropertyValue", "propertyID": of.kind, "name": of.source, "value": of.seen}


def _place(store: Store) -> dict[str, Any]:
    return _told(
        {
            "@type": "Store",
            "name": store.name,
            "branchCode": store.store_code,
            "address": store.address,
            "telephone": store.phone,
            "geo": {"@type": "GeoCoordinates", "latitude": store.lat, "longitude": store.lon},
        }
    )


def _level(result: Result) -> dict[str, Any] | None:
    return None if result.quantity is None else {"@type": "QuantitativeValue", "value": result.quantity}


def _told(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}

"""From the domain's things to the bodies that everybody may see."""

from datetime import datetime
from typing import Any

from inventory_service.domain import availability, offer, place, product, store
from inventory_service.lookup.service import NearStore
from inventory_service.storage.cache.product import Told
from inventory_service.web import models
from inventory_service.web.wording import instant_text, money_text


def product_seen(of: product.Product) -> models.Product:
    return models.Product(**product_fields(of))


def product_detail(of: product.Product) -> models.ProductDetail:
    return models.ProductDetail(**product_fields(of), category=of.category)


def store_seen(of: store.Store, hours: availability.OpenState) -> models.Store:
    return models.Store(**store_fields(of, hours))


def nearby_store(near: NearStore, hours: availability.OpenState) -> models.NearbyStore:
    return models.NearbyStore(**store_fields(near.store, hours), distance_m=near.distance_m)


def store_detail(of: store.Store, hours: availability.OpenState) -> models.StoreDetail:
    return models.StoreDetail(
        **store_fields(of, hours),
        retailer_name=of.retailer_name,
        city=of.city,
        region=of.region,
        postcode=of.postcode,
        country=of.country,
        opening_hours=of.opening_hours,
    )


def place_seen(of: place.Place) -> models.Place:
    return models.Place(
        label=of.label,
        lat=of.point.lat,
        lon=of.point.lon,
        country=of.country,
        kind=of.kind,
        population=of.population,
    )


def money_seen(of: offer.Money | None) -> models.Money | None:
    return None if of is None else models.Money(amount=money_text(of.amount, of.currency), currency=of.currency)


def pickup_seen(of: offer.Pickup | None) -> models.Pickup | None:
    return None if of is None else models.Pickup(method=of.method, sla=of.sla)


def instant_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else instant_text(moment)


def product_fields(of: product.Product | Told) -> dict[str, Any]:
    """Those of models.Product, in its order."""
    return {"id": of.product_id, "gtin": of.gtin, "name": of.name, "brand": of.brand, "image_url": of.image_url}


def store_fields(of: store.Store, hours: availability.OpenState) -> dict[str, Any]:
    """Those of models.Store that are set, in its order."""
    fields = {**plain_fields(of), **hours_fields(hours)}
    return {**fields, "demo": True} if of.demo else fields


def plain_fields(of: store.Store) -> dict[str, Any]:
    """Those that are always the same."""
    return {
        "id": of.store_id,
        "retailer": of.retailer,
        "store_code": of.store_code,
        "name": of.name,
        "address": of.address,
        "lat": of.point.lat,
        "lon": of.point.lon,
        "phone": of.phone,
        "timezone": of.timezone,
    }


def hours_fields(hours: availability.OpenState) -> dict[str, Any]:
    """Those that change with the minute."""
    return {
        "open_now": hours.open_now,
        "closes_at": instant_or_none(hours.closes_at),
        "opens_at": instant_or_none(hours.opens_at),
    }


def source_fields(kind: str, source: str) -> dict[str, Any]:
    """Those of models.Evidence that are the same for all that a source tells, in its order."""
    return {"kind": kind, "source": source}

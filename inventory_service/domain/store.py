"""A place with shelves."""

from dataclasses import dataclass

from geo.point import Point


@dataclass(frozen=True, slots=True)
class Store:
    """One store as everybody may see it. `retailer` is the retailer's slug, `address` one line for people."""

    store_id: int
    retailer_id: int
    retailer: str
    retailer_name: str
    store_code: str
    name: str
    address: str
    city: str | None
    region: str | None
    postcode: str | None
    country: str | None
    point: Point
    phone: str | None
    timezone: str
    opening_hours: str | None
    neighbourhood_id: int
    slot: int
    """Place within the neighbourhood, 0–127; never reused."""
    demo: bool = False

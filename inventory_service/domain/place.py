"""A postcode or a city that people may name instead of coordinates."""

from dataclasses import dataclass

from geo.point import Point


@dataclass(frozen=True, slots=True)
class Place:
    """`label` is for people: "Seattle, WA 98101" or "Atlanta, GA"; `country` is ISO 3166-1 alpha-2."""

    label: str
    point: Point
    country: str
    kind: str
    """postcode, city or point."""
    population: int = 0

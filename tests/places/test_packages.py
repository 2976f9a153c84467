"""Installed packages alone name every US postcode and the cities of the world."""

from geo.point import Point
from inventory_service.places.packages import us_postcodes, world_cities


def test_every_us_postcode_has_a_point_and_a_state():
    by_code = {row.postcode: row for row in us_postcodes()}
    assert len(by_code) > 41_000
    seattle = by_code["98101"]
    assert (seattle.country, seattle.name, seattle.region, seattle.region_name) == ("US", "Seattle", "WA", "Washington")
    assert all(Point(row.lat, row.lon) and (row.lat, row.lon) != (0, 0) for row in by_code.values())
    assert by_code["00601"].region_name == "Puerto Rico"


def test_the_cities_of_the_world_have_a_population_and_large_ones_their_other_names():
    cities = list(world_cities())
    assert len(cities) > 30_000
    munich = next(row for row in cities if row.name == "Munich" and row.country == "DE")
    assert munich.population > 1_000_000
    assert "München" in munich.aliases or "Munchen" in munich.aliases
    assert all(alias.strip() for row in cities for alias in row.aliases)
    toronto = next(row for row in cities if row.name == "Toronto" and row.country == "CA")
    assert (toronto.region, toronto.region_name) == ("ON", "Ontario")

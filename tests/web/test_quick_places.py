"""A place's name means on the quick way what it means on the usual one, and nothing where that refuses it."""

from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.errors import InputError
from inventory_service.domain.placenames import PlaceRow
from inventory_service.lookup.places import Gazetteer
from inventory_service.lookup.service import Service
from inventory_service.runtime.http.query_string import read_query_string
from inventory_service.web import quick_places
from inventory_service.web.asking import origin_of
from inventory_service.web.models import Origin
from inventory_service.web.queries import AvailabilityQuery
from inventory_service.web.quick_places import NamedPlaces
from inventory_service.web.reading import read_query

ATLANTA = PlaceRow("US", "city", "Atlanta", "GA", "Georgia", "", 33.749, -84.388, 498_715, "here")
ROWS = [
    ATLANTA,
    PlaceRow("US", "postcode", "Seattle", "WA", "Washington", "98101", 47.6114, -122.3305, 0, "here"),
    PlaceRow("DE", "postcode", "Nirgends", "BW", "", "75001", 48.9, 8.7, 0, "here"),
    PlaceRow("FR", "postcode", "Paris", "IDF", "", "75001", 48.8592, 2.3417, 0, "here"),
    PlaceRow("BR", "city", "São Paulo", "SP", "", "", -23.55, -46.63, 12_300_000, "here"),
]
PIECES = st.sampled_from(
    ["98101", "Atlanta", "%2C+", "GA", "75001", "FR", "S%C3%A3o", "Sao", "+", "%20", "Paulo", "atl", "%", "%2", "%FF",
     "%00", "1.5", ",", "-2", "91", "=", ";", "x" * 70]
)  # fmt: skip


class World(Service):
    """Of places alone."""

    def __init__(self, rows: list[PlaceRow]) -> None:
        self.places = Gazetteer.of(rows, "US")

    @property
    def gazetteer(self) -> Gazetteer:
        return self.places


WORLD = World(ROWS)
NAMED = NamedPlaces(WORLD)


def usual(near: str, world: Service) -> Origin | None:
    asked = read_query_string(f"/v1/availability?gtin=96385074&near={near}")
    try:
        return origin_of(read_query(AvailabilityQuery, asked, {}), world)
    except InputError:
        return None


@given(st.lists(PIECES, min_size=1, max_size=5).map("".join))
def test_a_name_means_what_it_means_on_the_usual_way(near: str) -> None:
    expected = usual(near, WORLD)
    for _ in range(2):
        assert NAMED.origin(near.encode()) == expected


def test_names_are_resolved_anew_once_other_places_are_known() -> None:
    world = World(ROWS)
    named = NamedPlaces(world)
    assert named.origin(b"Atlanta") == Origin(lat=33.749, lon=-84.388, label="Atlanta, GA")
    assert named.origin(b"Decatur") is None
    moved = PlaceRow("US", "city", "Atlanta", "TX", "Texas", "", 33.11, -94.16, 900_000, "here")
    decatur = PlaceRow("US", "city", "Decatur", "GA", "Georgia", "", 33.77, -84.29, 24_000, "here")
    world.places = Gazetteer.of([*ROWS, moved, decatur], "US")
    assert named.origin(b"Atlanta") == Origin(lat=33.11, lon=-94.16, label="Atlanta, TX")
    assert named.origin(b"Decatur") == usual("Decatur", world) is not None


def test_however_many_names_are_asked_for_only_so_many_are_held() -> None:
    named = NamedPlaces(WORLD)
    for number in range(quick_places.MOST_NAMES + 5):
        named.origin(b"%d,2" % number)
    assert len(named._known) == quick_places.MOST_NAMES
    assert named.origin(b"1,2") == usual("1,2", WORLD) is not None

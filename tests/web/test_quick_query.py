"""What is read quickly is what the query's model reads; what the model refuses is never read quickly."""

from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.errors import InputError
from inventory_service.domain.gtin import check_digit
from inventory_service.lookup.service import Service
from inventory_service.runtime.http.query_string import read_query_string
from inventory_service.web.asking import origin_of, place_text
from inventory_service.web.models import Origin
from inventory_service.web.queries import AvailabilityQuery
from inventory_service.web.quick_query import read_quickly
from inventory_service.web.reading import read_query

START = len("/v1/availability?")
ODD = st.sampled_from(
    ["", "-", ".", "1.", "-0", "+1", "1e2", "00012", "%31", "1 ", "١", "0.1.2", "--1", "12,5", "1" * 16]
)
BODIES = st.sampled_from([7, 11, 12, 13]).flatmap(lambda size: st.text("0123456789", min_size=size, max_size=size))
GTINS = BODIES.map(lambda body: body + check_digit(body))
NUMBERS = st.floats(-200, 600_000).map(lambda value: f"{value:.7f}") | st.integers(-200, 600_000).map(str)
VALUES = {
    "gtin": GTINS | BODIES | ODD,
    "lat": st.floats(-90, 90).map(lambda value: f"{value:.8f}") | NUMBERS | ODD,
    "lon": st.floats(-180, 180).map(lambda value: f"{value:.5f}") | NUMBERS | ODD,
    "radius_m": st.integers(1, 500_000).map(str) | NUMBERS | ODD,
    "limit": st.integers(0, 60).map(str) | ODD,
    "quantity": st.integers(0, 5).map(str) | ODD,
    "arrive_in_s": st.integers(-1, 700_000).map(str) | ODD,
    "open_now": st.sampled_from(["1", "0"]),
    "Lat": st.just("1"),
    "near": st.sampled_from(
        ["98101", "Atlanta%2C%20GA", "S%C3%A3o+Paulo", "", "+", "%2", "a#b", "São", "a=b", "%00", "1,2"]
    ),
}
PIECES = st.sampled_from(sorted(VALUES)).flatmap(lambda name: VALUES[name].map(lambda value: f"{name}={value}"))
SOMEWHERE = Origin(lat=1.25, lon=-2.5, label="Somewhere")
NAMED = st.tuples(GTINS, VALUES["near"]).map(lambda asked: [f"gtin={asked[0]}", f"near={asked[1]}"])
WHOLE = st.tuples(GTINS, st.floats(-90, 90), st.floats(-180, 180), st.integers(1, 7)).map(
    lambda asked: [f"gtin={asked[0]}", f"lat={asked[1]:.{asked[3]}f}", f"lon={asked[2]:.{asked[3]}f}"]
)


@given(WHOLE | NAMED | st.just([]), st.lists(PIECES | st.just("") | st.just("limit"), max_size=4))
def test_what_is_read_quickly_is_what_the_model_reads(whole: list[str], more: list[str]) -> None:
    target = "/v1/availability?" + "&".join([*whole, *more])
    quick = read_quickly(target, START)
    if quick is not None:
        asked = read_query_string(target)
        try:
            slow = read_query(AvailabilityQuery, asked, {})
        except InputError as error:
            if quick.near and {fault.pointer for fault in error.faults} == {"near"}:
                return
            raise AssertionError(f"{target} is wrong, but was read: {error.faults}") from error
        expected = (
            int(slow.gtin or ""),
            slow.lat,
            slow.lon,
            slow.radius_m,
            slow.limit,
            slow.quantity,
            slow.arrive_in_s,
        )
        if quick.near:
            assert (slow.lat, slow.lon) == (None, None)
            assert read_query_string(f"?near={quick.near.decode()}").values("near") == asked.values("near")
            quick = quick.at(SOMEWHERE)
            expected = (expected[0], SOMEWHERE.lat, SOMEWHERE.lon, *expected[3:])
            assert quick.origin() == SOMEWHERE
            assert quick.place == place_text(SOMEWHERE)
        else:
            assert quick.place == place_text(origin_of(slow, Service.__new__(Service)))
            assert quick.origin() == origin_of(slow, Service.__new__(Service))
        assert quick.question == expected
        assert not slow.open_now


@given(GTINS.filter(lambda gtin: gtin.strip("0") != ""), st.floats(-90, 90), st.floats(-180, 180))
def test_a_usual_question_is_read_quickly(gtin: str, lat: float, lon: float) -> None:
    target = f"/v1/availability?gtin={gtin}&lat={lat:.5f}&lon={lon:.5f}&limit=20&radius_m=12500.5"
    quick = read_quickly(target, START)
    assert quick is not None
    assert quick.question == (int(gtin), float(f"{lat:.5f}"), float(f"{lon:.5f}"), 12_500.5, 20, 1, 0)


@given(
    GTINS.filter(lambda gtin: gtin.strip("0") != ""), st.sampled_from(["98101", "Atlanta%2C%20GA", "S%C3%A3o+Paulo"])
)
def test_a_place_named_beside_other_parameters_is_read_quickly_as_it_stands(gtin: str, near: str) -> None:
    quick = read_quickly(f"/v1/availability?radius_m=1500.25&near={near}&gtin={gtin}&quantity=2", START)
    assert quick is not None
    assert quick.near == near.encode()
    assert quick.at(SOMEWHERE).question == (int(gtin), 1.25, -2.5, 1500.25, 10, 2, 0)

"""Whatever a client sends is answered with a problem that names the field, never with our own failure."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.errors import FieldFault, InputError
from inventory_service.runtime.http.query_string import read_query_string
from inventory_service.web.queries import AvailabilityQuery
from inventory_service.web.reading import read_query
from tests.web.conftest import QUESTION, Ask

GTIN = "gtin=00300691085301"


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        (f"{GTIN}&lat=NaN&lon=0", ["lat"]),
        (f"{GTIN}&lat=inf&lon=-Infinity", ["lat", "lon"]),
        (f"{GTIN}&lat=1e309&lon=0", ["lat"]),
        (f"{GTIN}&lat=91&lon=0", ["lat"]),
        (f"{GTIN}&lat=0&lon=-180.0001", ["lon"]),
        (f"{GTIN}&lat=0x10&lon=1_0", ["lat", "lon"]),
        (f"{GTIN}&lat=1", ["lon"]),
        (f"{GTIN}&lon=1", ["lat"]),
        (f"{GTIN}&lat=1&near=98101", ["lat", "near"]),
        (GTIN, ["near"]),
        ("near=98101", ["gtin"]),
        ("", ["gtin", "near"]),
        (f"{GTIN}&product=17&near=98101", ["gtin", "product"]),
        (f"{GTIN}&near=", ["near"]),
        (f"{GTIN}&near=%20%20", ["near"]),
        (f"{GTIN}&near=a%00b", ["near"]),
        (f"{GTIN}&near=%ED%A0%80", ["near"]),
        (f"{GTIN}&near=%ff", ["near"]),
        (f"{GTIN}&near=%zz", ["near"]),
        (f"{GTIN}&near=100%", ["near"]),
        (f"{GTIN}&near=Nowhere", ["near"]),
        (f"{GTIN}&near={'x' * 10_000}", ["near"]),
        (f"{GTIN}&near=98101&near=98101", ["near"]),
        ("gtin=&near=98101", ["gtin"]),
        ("gtin=00300691085302&near=98101", ["gtin"]),
        ("gtin=123&near=98101", ["gtin"]),
        (f"gtin={quote('٠٠٣٠٠٦٩١٠٨٥٣٠١')}&near=98101", ["gtin"]),
        ("gtin=2000000000015&near=98101", ["gtin"]),
        ("gtin=2000000000015&near=98101&retailer=cvs&retailer=indie", ["gtin"]),
        ("scan=2000000000015&near=98101", ["scan"]),
        ("scan=nonsense&near=98101", ["scan"]),
        (f"scan={'x' * 3_000}&near=98101", ["scan"]),
        ("product=0&near=98101", ["product"]),
        ("product=9999999999999999999&near=98101", ["product"]),
        ("product=1.0&near=98101", ["product"]),
        (f"{GTIN}&near=98101&limit=51", ["limit"]),
        (f"{GTIN}&near=98101&limit=0", ["limit"]),
        (f"{GTIN}&near=98101&limit=1.0", ["limit"]),
        (f"{GTIN}&near=98101&limit=%D9%A1", ["limit"]),
        (f"{GTIN}&near=98101&limit=%201", ["limit"]),
        (f"{GTIN}&near=98101&radius_m=500001", ["radius_m"]),
        (f"{GTIN}&near=98101&radius_m=0.5", ["radius_m"]),
        (f"{GTIN}&near=98101&quantity=-1", ["quantity"]),
        (f"{GTIN}&near=98101&quantity=1000001", ["quantity"]),
        (f"{GTIN}&near=98101&arrive_in_s=604801", ["arrive_in_s"]),
        (f"{GTIN}&near=98101&open_now=yes", ["open_now"]),
        (f"{GTIN}&near=98101&open_now=", ["open_now"]),
        (f"{GTIN}&near=98101&retailer=CVS", ["retailer"]),
        (f"{GTIN}&near=98101&retailer=nobody", ["retailer"]),
        (f"{GTIN}&near=98101&{'&'.join(['retailer=cvs'] * 51)}", ["retailer"]),
        (f"{GTIN}&near=98101&colour=red", ["colour"]),
        (f"{GTIN}&near=98101&Limit=1", ["Limit"]),
        (f"{GTIN}&near=98101&%ED%A0%80=1", ["%ED%A0%80"]),
        (f"{GTIN}&near=98101&key=a&key=b", ["key"]),
        ("gtin=1&lat=99&lon=x&limit=a&colour=red", ["colour", "gtin", "lat", "limit", "lon"]),
    ],
)
async def test_each_wrong_field_is_named(ask: Ask, query: str, pointers: list[str]) -> None:
    heard = await ask(f"/v1/availability?{query}")
    assert heard.status == 400
    assert heard.headers["Content-Type"] == "application/problem+json"
    assert (heard.json["type"], heard.json["status"]) == ("/problems/invalid-input", 400)
    assert heard.pointers == pointers


@pytest.mark.parametrize(
    ("target", "status", "pointers"),
    [
        ("/v1/stores/abc", 400, ["id"]),
        ("/v1/stores/%ED%A0%80", 400, ["id"]),
        ("/v1/stores/99999999999", 400, ["id"]),
        ("/v1/stores/1?id=1", 400, ["id"]),
        ("/v1/stores/77", 404, ["id"]),
        ("/v1/stores", 400, ["near"]),
        ("/v1/products?q=", 400, ["q"]),
        ("/v1/products?q=a&cursor=abc", 400, ["cursor"]),
        ("/v1/products?q=a&cursor=99999999999", 400, ["cursor"]),
        ("/v1/places", 400, ["q"]),
        ("/v1/places?q=%FF", 400, ["q"]),
        ("/v1/products/4006381333932", 400, ["gtin"]),
        ("/v1/products/2000000000015", 400, ["gtin"]),
        ("/v1/products/4006381333931", 404, ["gtin"]),
        ("/v1/availability?gtin=4006381333931&near=98101", 404, ["gtin"]),
        ("/v1/availability?scan=4006381333931&near=98101", 404, ["scan"]),
        ("/v1/availability?product=4711&near=98101", 404, ["product"]),
    ],
)
async def test_other_addresses_name_their_fields_too(ask: Ask, target: str, status: int, pointers: list[str]) -> None:
    heard = await ask(target)
    assert heard.headers["Content-Type"] == "application/problem+json"
    assert (heard.status, heard.pointers) == (status, pointers)


@given(
    pairs=st.lists(
        st.tuples(
            st.one_of(st.sampled_from(sorted(AvailabilityQuery.model_fields)), st.text(max_size=5)),
            st.one_of(st.text(max_size=30), st.floats().map(str), st.integers().map(str)),
        ),
        max_size=8,
    )
)
def test_any_parameters_are_either_a_query_or_named_faults(pairs: list[tuple[str, str]]) -> None:
    outcome = read(urlencode(pairs, errors="surrogatepass"))
    if isinstance(outcome, AvailabilityQuery):
        assert outcome.near is not None or None not in (outcome.lat, outcome.lon)
    else:
        assert outcome
        assert all(fault.detail for fault in outcome)


def read(raw: str) -> AvailabilityQuery | tuple[FieldFault, ...]:
    try:
        return read_query(AvailabilityQuery, read_query_string(f"/?{raw}"), {})
    except InputError as error:
        return error.faults


@given(raw=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=60))
def test_any_raw_query_is_read_or_refused_by_name(raw: str) -> None:
    asked = read_query_string(f"/?{raw}")
    assert len(asked.pairs) + len(asked.faults) == len([piece for piece in raw.split("&") if piece])


async def test_a_plus_and_an_escaped_space_are_the_same_place(ask: Ask) -> None:
    assert (await ask("/v1/places?q=a+b")).body == (await ask("/v1/places?q=a%20b")).body


async def test_a_good_question_is_answered_beside_all_that(ask: Ask) -> None:
    assert (await ask(QUESTION)).status == 200

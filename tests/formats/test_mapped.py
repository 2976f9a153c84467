"""Any delimited text through a mapping file."""

import io
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.point import Point
from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal, Row
from inventory_service.domain.offer import Money
from inventory_service.domain.stock import NONE_LEFT, Stock
from store_sync.formats import parser_for


def results(text: str, mapping: str | Path, kind: str | None = None, format_name: str = "csv") -> list[Row | Refusal]:
    return list(parser_for(format_name, kind, str(mapping))(io.BytesIO(text.encode())))


def only(rows: list[Row | Refusal]) -> Row:
    (row,) = rows
    assert isinstance(row, Row), row
    return row


def refused(rows: list[Row | Refusal]) -> tuple[str | None, str]:
    (row,) = rows
    assert isinstance(row, Refusal), row
    return row.field, row.reason


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return tmp_path / "own.toml"


THERAPEUTICS = (
    "provider_name,address1,address2,city,county,state_code,zip,national_drug_code,order_label,courses_available,"
    "geocoded_address,last_report_date\n"
)


def therapeutic(**changed: str) -> str:
    cells = {
        "provider_name": "Berkshire  Medical Center",
        "address1": "725 North Street",
        "address2": "Floor 2",
        "city": "Pittsfield",
        "county": "Berkshire",
        "state_code": "MA",
        "zip": "1201-2222",
        "national_drug_code": "00069-1085-30",
        "order_label": "Paxlovid",
        "courses_available": "22.0",
        "geocoded_address": "POINT (-73.25 42.45)",
        "last_report_date": "2022-03-11T00:00:00.000",
    }
    return THERAPEUTICS + ",".join((cells | changed).values()) + "\n"


def test_one_line_yields_a_store_a_product_and_its_stock() -> None:
    row = only(results(therapeutic(), "therapeutics"))
    assert row.store is not None
    assert row.product is not None
    assert row.stock is not None
    assert row.store.store_code == "BERKSHIRE MEDICAL CENTER|725 NORTH STREET|PITTSFIELD|MA|01201"
    assert row.store.street == "725 North Street, Floor 2"
    assert (row.store.postcode, row.store.country, row.store.point) == ("01201-2222", "US", Point(42.45, -73.25))
    assert (row.product.item_id, row.product.gtin, row.product.name) == ("00300691085301", "00300691085301", "Paxlovid")
    assert (row.stock.store_code, row.stock.item_id) == (row.store.store_code, row.product.item_id)
    assert row.stock.stock == Stock.exactly(22)
    assert row.stock.observed_at == datetime(2022, 3, 11, tzinfo=UTC)


def test_kind_restricts_what_is_read_and_what_is_needed() -> None:
    row = only(results(therapeutic(courses_available=""), "therapeutics", "stores"))
    assert row.store is not None
    assert row.product is row.stock is None


def test_a_place_without_a_point_still_yields_its_stock() -> None:
    row = only(results(therapeutic(geocoded_address=""), "therapeutics"))
    assert row.store is not None
    assert row.store.point is None
    assert row.stock is not None


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("courses_available", "", "missing"),
        ("courses_available", "-2", "negative"),
        ("last_report_date", "", "missing"),
        ("last_report_date", "0216-03-11T00:00:00.000", "invalid_time"),
        ("last_report_date", "soon", "invalid_time"),
        ("national_drug_code", "0069108530X", "invalid_gtin"),
        ("geocoded_address", "POINT (42.45)", "invalid_point"),
        ("geocoded_address", "POINT (-73.25 91)", "invalid_point"),
        ("geocoded_address", "POINT (nan inf)", "invalid_point"),
        ("geocoded_address", "POINT (0 0)", "invalid_point"),
        ("provider_name", "", "missing"),
    ],
)
def test_a_faulty_value_refuses_the_row_and_names_the_files_own_column(column: str, text: str, reason: str) -> None:
    assert refused(results(therapeutic(**{column: text}), "therapeutics")) == (column, reason)


def test_a_row_shifted_by_one_column_is_refused() -> None:
    assert refused(results(therapeutic(provider_name="a,b"), "therapeutics")) == (None, "columns")


def test_missing_columns_refuse_the_file_and_are_named() -> None:
    with pytest.raises(FeedRefusedError, match=r"zip, .*courses_available_date or last_report_date; the file has: pro"):
        results("provider_name,address1,address2,city,state_code,order_label,geocoded_address\n", "therapeutics")


def test_a_column_that_stands_twice_is_ambiguous() -> None:
    with pytest.raises(FeedRefusedError, match="store_code twice"):
        results("store_code,Store_Code ,gtin,quantity\n", "stock-simple")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_by_the_header(delimiter: str) -> None:
    text = "store_code,gtin,quantity\n1,4006381333931,3\n".replace(",", delimiter)
    row = only(results(text, "stock-simple"))
    assert row.stock is not None
    assert (row.stock.item_id, row.stock.gtin) == (None, "04006381333931")


def test_simple_stock_takes_its_own_ids_times_and_prices() -> None:
    text = "store_code,item_id,quantity,observed_at,price,currency\n1,A,3,2026-01-01T10:00+02:00,5.50,EUR\n"
    row = only(results(text, "stock-simple"))
    assert row.stock is not None
    assert row.stock.observed_at == datetime(2026, 1, 1, 8, tzinfo=UTC)
    assert row.stock.details.price == Money(Decimal("5.50"), "EUR")


STORES = "store_code,name,street,country,lat,lon,phone,opening_hours,timezone\n"


def test_a_simple_store_has_its_phone_and_hours_checked() -> None:
    text = STORES + "1,Shop,Main St 1,United Kingdom,51.5,-0.1,020 7946 0000,Mo-Fr 09:00-18:00,Europe/London\n"
    store = only(results(text, "stores-simple")).store
    assert store is not None
    assert (store.country, store.phone, store.timezone) == ("GB", "+442079460000", "Europe/London")


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ("1,Shop,,US,51.5,-0.1,12,,", "phone", "invalid_phone"),
        ("1,Shop,,US,51.5,-0.1,,9 to 5,", "opening_hours", "invalid_hours"),
        ("1,Shop,,US,51.5,-0.1,,,Mars/Olympus", "timezone", "invalid_value"),
        ("1,Shop,,Atlantis,51.5,-0.1,,,", "country", "invalid_value"),
        ("1,Shop,,US,,,,,", "lat", "missing"),
        ("1,Shop,,US,1e3,0,,,", "lat", "invalid_point"),
        ("1,,,US,51.5,-0.1,,,", "name", "missing"),
    ],
)
def test_a_store_is_taken_whole_or_refused_whole(line: str, field: str, reason: str) -> None:
    assert refused(results(STORES + line + "\n", "stores-simple")) == (field, reason)


def test_several_chains_in_one_file_are_told_apart() -> None:
    text = (
        "chain\tstore_id\tname\taddress\tcity\tregion\tpostcode\tcountry\tlat\tlon\tsource\n"
        'Macy\'s\t\t\t"1 Main St\r\nSuite 2"\tSpokane\tWA\t\tNorway\t47.6\t-117.3\tx\n'
    )
    store = only(results(text, "stores-tsv")).store
    assert store is not None
    assert (store.retailer, store.store_code) == ("macy-s", "1 MAIN ST SUITE 2|SPOKANE")
    assert (store.street, store.country) == ("1 Main St Suite 2", "NO")


OWN = """
[store]
store_code = "shop"
name = "shop"

[stock]
item_id = { column = "sku", split = "/", part = 2, as = ["lower", "collapse"] }
quantity = { column = "cases", times = "per_case" }
availability = { column = "state", words = { yes = "in stock", no = "out of stock" } }
observed_at = { column = "at", format = "%d.%m.%Y %H:%M", zone = "Europe/Berlin" }
"""


def test_splits_words_units_and_local_times_are_converted(mapping: Path) -> None:
    mapping.write_text(OWN)
    text = "shop,sku,cases,per_case,state,at\n1,X/ABC,2,12,Yes,02.01.2026 10:30\n1,X/ABC,2,12,no,02.01.2026 10:30\n"
    first, second = results(text, mapping, "stock")
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert first.stock is not None
    assert second.stock is not None
    assert (first.stock.item_id, first.stock.stock) == ("abc", Stock.exactly(24))
    assert first.stock.observed_at == datetime(2026, 1, 2, 9, 30, tzinfo=UTC)
    assert second.stock.stock == NONE_LEFT


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[store", "no TOML"),
        ("", "at least one of"),
        ('[store]\nstore_code = "a"\n', "store.name"),
        ('[store]\nstore_code = "a"\nname = "b"\ncolour = "c"\n', "store.colour"),
        ('[product]\nitem_id = { colunm = "a" }\n', "product.item_id.colunm"),
        ('[product]\nitem_id = { column = "a", constant = "b" }\n', "exactly one"),
        ('[product]\nitem_id = { column = "a", as = "shout" }\n', "none of the conversions"),
        ('[product]\nname = "a"\n', "item_id or gtin"),
        ('[stock]\nquantity = "a"\nitem_id = "b"\n', "stock.store_code"),
        (OWN.replace("Berlin", "Bonn"), "no IANA time zone"),
    ],
)
def test_a_faulty_mapping_is_refused_and_names_its_key(toml: str, says: str, mapping: Path) -> None:
    mapping.write_text(toml)
    with pytest.raises(FeedRefusedError, match=says):
        results("a\n", mapping)


@pytest.mark.parametrize(
    ("format_name", "kind", "name", "says"),
    [
        ("cvs", None, None, "google, .*csv, tsv"),
        ("csv", None, None, "therapeutics"),
        ("csv", None, "therapeutic", "stores-tsv, therapeutics"),
        ("csv", "shops", "therapeutics", "stores, products, stock"),
        ("csv", "stock", "stores-tsv", "yields no stock"),
        ("google", "stores", None, "no stores"),
        ("google-products", "stock", None, "holds products"),
    ],
)
def test_unknown_names_are_answered_with_those_that_are(
    format_name: str, kind: str | None, name: str | None, says: str
) -> None:
    with pytest.raises(FeedRefusedError, match=says):
        parser_for(format_name, kind, name)


@given(st.binary(max_size=300), st.sampled_from(["therapeutics", "stock-simple", "stores-simple", "products-simple"]))
def test_whatever_the_bytes_only_the_whole_file_is_ever_refused_by_raising(data: bytes, name: str) -> None:
    headers = {
        "therapeutics": THERAPEUTICS,
        "stock-simple": "store_code,gtin,quantity\n",
        "stores-simple": STORES,
        "products-simple": "gtin,name\n",
    }
    parse = parser_for("csv", None, name)
    with suppress(FeedRefusedError):
        lines = [row.line for row in parse(io.BytesIO(headers[name].encode() + data))]
        assert lines == sorted(set(lines))


_CELL = st.text(st.characters(exclude_characters='",\n\r\0', codec="utf-8"), max_size=12)


@given(st.lists(st.lists(_CELL, min_size=9, max_size=9), max_size=4))
def test_any_cells_give_one_row_or_refusal_a_line(rows: list[list[str]]) -> None:
    lines = [",".join(cells) for cells in rows]
    found = results(STORES + "\n".join(lines), "stores-simple")
    assert [row.line for row in found] == list(range(2, len(lines) + 2))


@pytest.mark.parametrize(
    ("item_id", "found"),
    [
        ('item_id = { first_of = ["sku", "ean"] }', None),
        ("", None),
        ('item_id = "ean"', "4006381333931"),
    ],
)
def test_an_item_goes_by_its_gtin_only_where_the_mapping_names_no_id_of_its_own(
    mapping: Path, item_id: str, found: str | None
) -> None:
    mapping.write_text(f'[stock]\nstore_code = "store"\nquantity = "n"\ngtin = "ean"\n{item_id}\n')
    row = only(results("store,sku,ean,n\n1,,4006381333931,3\n", mapping))
    assert row.stock is not None
    assert (row.stock.item_id, row.stock.gtin) == (found, "04006381333931")


def test_an_id_that_stands_in_its_own_column_is_taken_whatever_it_looks_like(mapping: Path) -> None:
    mapping.write_text(
        '[stock]\nstore_code = "store"\nquantity = "n"\ngtin = "ean"\nitem_id = { first_of = ["sku", "ean"] }\n'
    )
    row = only(results("store,sku,ean,n\n1,4006381333931,4006381333931,3\n", mapping))
    assert row.stock is not None
    assert row.stock.item_id == "4006381333931"

"""Feeds that nobody here made; `real_data` skips with a word where they are absent."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory_service.domain.feed import Refusal, Row
from store_sync.files import open_feeds
from store_sync.formats import parser_for

pytestmark = pytest.mark.real


def parsed(path: Path, mapping: str, format_name: str = "csv") -> Iterator[Row | Refusal]:
    parse = parser_for(format_name, None, mapping)
    for feed in open_feeds(str(path)):
        yield from parse(feed.stream)


def test_every_row_of_all_therapeutics_files_is_used_or_refused_for_want_of_a_quantity(real_data: Path) -> None:
    verdicts: Counter[str] = Counter()
    for path in sorted((real_data / "therapeutics").glob("*.csv.gz")):
        for row in parsed(path, "therapeutics"):
            verdicts[f"{row.reason} {row.field}" if isinstance(row, Refusal) else "row"] += 1
    assert verdicts == {"row": 53_091, "missing courses_available": 7_167}


def test_both_spellings_of_the_drug_code_are_one_item(real_data: Path) -> None:
    items = {
        row.stock.item_id
        for path in (real_data / "therapeutics").glob("paxlovid_*.csv.gz")
        for row in parsed(path, "therapeutics")
        if isinstance(row, Row) and row.stock
    }
    assert items == {"00300691085301"}


def test_a_place_and_day_with_two_quantities_occurs_36_times(real_data: Path) -> None:
    """35 times by the ZIPs as written; once more where only one of two files lost a ZIP's leading zero."""
    quantities = defaultdict(set)
    for path in (real_data / "therapeutics").glob("paxlovid_*.csv.gz"):
        for row in parsed(path, "therapeutics"):
            if isinstance(row, Row) and row.stock:
                quantities[row.stock.store_code, row.stock.observed_at].add(row.stock.stock)
    assert sum(len(found) > 1 for found in quantities.values()) == 36


def test_all_88_397_stores_are_read(real_data: Path) -> None:
    rows = list(parsed(real_data / "stores" / "stores.tsv.gz", "stores-tsv", "tsv"))
    stores = [row.store for row in rows if isinstance(row, Row) and row.store]
    assert len(rows) == len(stores) == 88_397
    assert len({store.retailer for store in stores}) == 36
    assert all(store.point and store.country and len(store.country) == 2 for store in stores)
    assert sum("|" in store.store_code for store in stores) == 19_275
    assert "CVS" in {store.name for store in stores}


def test_no_zip_of_a_us_store_lacks_its_leading_zero(real_data: Path) -> None:
    rows = parsed(real_data / "stores" / "stores.tsv.gz", "stores-tsv", "tsv")
    zips = [row.store.postcode for row in rows if isinstance(row, Row) and row.store and row.store.country == "US"]
    assert not [code for code in zips if code and code.isdigit() and len(code) < 5]

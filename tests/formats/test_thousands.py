"""A number that may be a thousand or one with three decimals is asked about, never guessed."""

import io

import pytest

from inventory_service.domain.feed import Refusal, Row
from inventory_service.domain.stock import Stock
from store_sync.formats import json_lines, mapped, values
from store_sync.formats.mapping import MappingFile, load_mapping
from store_sync.formats.reasons import Unusable


@pytest.mark.parametrize("text", ["1.000", "12.000", "999.000", "1.234", "-1.000"])
def test_a_quantity_that_may_be_thousands_is_refused(text: str) -> None:
    with pytest.raises(Unusable) as fault:
        values.pieces(text)
    assert "may be" in fault.value.detail


def test_the_sentence_names_both_numbers() -> None:
    with pytest.raises(Unusable) as fault:
        values.count("1.000")
    assert fault.value.detail == "“1.000” may be 1 or 1000 pieces: write it without the three decimals."


@pytest.mark.parametrize(
    ("text", "pieces"), [("22.0", 22), ("22.00", 22), ("0.000", 0), ("1234.000", 1234), ("1.0000", 1), ("5.000000", 5)]
)
def test_a_quantity_that_is_plainly_whole_is_taken(text: str, pieces: int) -> None:
    assert values.count(text) == pieces


@pytest.mark.parametrize("price", ["1.234 EUR", "29.990 USD", "1.000 JPY"])
def test_a_price_that_may_be_thousands_is_refused(price: str) -> None:
    with pytest.raises(Unusable) as fault:
        values.money(price)
    assert fault.value.reason == "invalid_price"
    assert "may be" in fault.value.detail


@pytest.mark.parametrize("price", ["1.234 KWD", "0.234 EUR", "1234.567 EUR", "1.2345 EUR", "1.23 EUR", "29.9900 USD"])
def test_a_price_that_can_be_nothing_else_is_taken(price: str) -> None:
    assert str(values.money(price).amount) == price.partition(" ")[0]


@pytest.mark.parametrize(("written", "taken"), [("1.000", True), ('"1.000"', False)])
def test_in_json_a_number_is_unmistakable_and_a_text_is_not(written: str, taken: bool) -> None:
    line = f'{{"store_code": "1", "item_id": "a", "quantity": {written}}}\n'
    (result,) = json_lines.parse(io.BytesIO(line.encode()))
    assert isinstance(result, Row) is taken
    if isinstance(result, Row):
        assert result.stock is not None
        assert result.stock.stock == Stock.exactly(1)


def test_a_price_in_json_keeps_its_two_decimals() -> None:
    line = '{"store_code": "1", "item_id": "a", "quantity": 1, "price": 29.900, "currency": "EUR"}\n'
    (result,) = json_lines.parse(io.BytesIO(line.encode()))
    assert isinstance(result, Row)
    assert result.stock is not None
    assert str(result.stock.details.price and result.stock.details.price.amount) == "29.90"


def test_a_mapping_may_say_that_its_points_stand_before_decimals() -> None:
    plain = load_mapping("stock-simple").model_dump(mode="json", by_alias=True, exclude_unset=True)
    text = b"store_code,item_id,quantity\n1,a,1.000\n"
    assert isinstance(next(mapped.parse(io.BytesIO(text), MappingFile.model_validate(plain), None, None)), Refusal)
    plain["stock"]["quantity"] = {"column": "quantity", "as": "decimal"}
    row = next(mapped.parse(io.BytesIO(text), MappingFile.model_validate(plain), None, None))
    assert isinstance(row, Row)
    assert row.stock is not None
    assert row.stock.stock == Stock.exactly(1)

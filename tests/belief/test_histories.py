"""Histories as JSON Lines, and what was known at a moment of them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from inventory_service.domain.belief.asking import answers
from inventory_service.domain.belief.gathering import gathered
from inventory_service.domain.belief.lines import read
from inventory_service.domain.belief.model import PRIOR
from inventory_service.domain.belief.walking import Sight, Walk
from inventory_service.domain.errors import InputError
from inventory_service.domain.stock import NONE_LEFT, Stock

HOUR_S = 3_600.0
NAMED = {"retailer": "acme", "store": "1", "product": "soap"}


def at(hour: float) -> str:
    return f"2026-03-02T{int(hour):02d}:{round(hour % 1 * 60):02d}:00Z"


def told(kind: str, hour: float, **more: Any) -> dict[str, Any]:
    return NAMED | {"kind": kind, "source": "till", "observed_at": at(hour)} | more


def lines(*statements: dict[str, Any]) -> Iterable[bytes]:
    return map(orjson.dumps, statements)


def sight(hour: int, *statements: dict[str, Any]) -> Sight | None:
    histories, _ = read(lines(*statements))
    (position,) = histories.positions.values()
    moment = datetime(2026, 3, 2, hour, tzinfo=UTC)
    walk = Walk(histories, position.place)
    for report in position.reports:
        if report.observed_at <= moment:
            walk.take(report)
    return walk.sight(moment)


def test_a_sale_is_news_and_coverage_ends_silence() -> None:
    now = sight(9, told("record", 1, quantity=5), told("sale", 3, quantity=2), told("coverage", 7))
    assert now is not None
    assert (now.stock, now.still_s, now.silent_s) == (Stock.exactly(3), 4 * HOUR_S, 2 * HOUR_S)
    assert (now.sold, now.exposed_s) == (2, 2 * HOUR_S)


def test_a_repeated_record_is_coverage_and_no_news() -> None:
    now = sight(9, told("record", 1, quantity=5), told("record", 6, quantity=5))
    assert now is not None
    assert (now.still_s, now.silent_s, now.sold) == (5 * HOUR_S, 3 * HOUR_S, 0)


def test_a_record_that_fell_tells_of_sales_and_one_that_rose_does_not() -> None:
    now = sight(9, told("record", 1, quantity=5), told("record", 4, quantity=2), told("record", 6, quantity=8))
    assert now is not None
    assert (now.stock, now.sold) == (Stock.exactly(8), 3)


def test_what_staff_saw_stays_while_the_till_repeats_what_they_contradicted() -> None:
    looked = told("confirmation", 3, shelf="none")
    now = sight(9, told("record", 1, quantity=5), looked, told("record", 6, quantity=5), told("coverage", 8))
    assert now is not None
    assert (now.stock, now.anchor, now.still_s, now.silent_s) == (NONE_LEFT, "confirmation", 5 * HOUR_S, HOUR_S)


def test_a_sale_from_a_shelf_that_staff_saw_empty_brings_the_tills_count_back() -> None:
    looked = told("confirmation", 3, shelf="none")
    now = sight(9, told("record", 1, quantity=5), looked, told("sale", 6, quantity=1))
    assert now is not None
    assert (now.stock, now.anchor) == (Stock.exactly(4), "record")


def test_an_answer_knows_nothing_of_what_is_told_later() -> None:
    asked = NAMED | {"kind": "question", "at": at(5), "quantity": 1}
    earlier = [told("record", 1, quantity=1)]
    later = [told("sale", 6, quantity=1), told("confirmation", 7, shelf="none"), told("coverage", 8)]
    found = [next(iter(answers(*read(lines(*some, asked)), PRIOR))) for some in (earlier, earlier + later)]
    assert found[0].probability == found[1].probability
    assert found[0].judged == found[1].judged


def test_of_a_position_that_nobody_told_of_all_is_unknown() -> None:
    (answer,) = answers(*read(lines(NAMED | {"kind": "question", "id": "q", "at": at(5)})), PRIOR)
    assert (answer.judged.availability, answer.probability) == ("unknown", None)


def test_looks_teach_by_what_was_held_just_before_them() -> None:
    histories, _ = read(lines(told("record", 1, quantity=5), told("confirmation", 4, quantity=0)))
    (look,) = (one for one in gathered(histories).looks if one.looked)
    assert (look.before.stock, look.before.anchor, look.found) == (Stock.exactly(5), "record", NONE_LEFT)


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b'{"kind": "record"}', orjson.dumps(told("record", 1)), orjson.dumps(told("rumour", 1, quantity=2))],
)
def test_a_line_that_says_nothing_is_named(line: bytes) -> None:
    with pytest.raises(InputError, match="line 2"):
        read([*lines(told("record", 1, quantity=5)), line])

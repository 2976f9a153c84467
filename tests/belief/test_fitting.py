"""What is learned from histories, and what is not."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import orjson
import pytest

from inventory_service.domain.belief.fitting import Truth, fit
from inventory_service.domain.belief.lines import read
from inventory_service.domain.belief.pace import STEP, Rate, class_of, per_day, told_as
from inventory_service.domain.belief.parameters import Parameters, Rates
from inventory_service.domain.errors import ConfigurationError

BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
PRODUCTS, DAYS = 50, 40


def told(product: int, kind: str, day: float, **more: Any) -> bytes:
    named = {"retailer": "acme", "store": "1", "product": f"p{product}", "category": f"c{product % 2}"}
    moment = (BEGAN + timedelta(days=day)).isoformat()
    return orjson.dumps(named | {"kind": kind, "source": "till", "observed_at": moment} | more)


def store(seed: int, phantoms: float, per_day: tuple[float, float] = (0.2, 1.0)) -> Iterator[bytes]:
    """Sales as they come; a look at every shelf in the end, of which a share `phantoms` is empty and sells nothing."""
    chance = random.Random(seed)
    for product in range(PRODUCTS):
        stops = 20.0 if chance.random() < phantoms else float(DAYS)
        yield told(product, "record", 0.0, quantity=90)
        moment = chance.expovariate(per_day[product % 2])
        while moment < stops:
            yield told(product, "sale", moment, quantity=1)
            moment += chance.expovariate(per_day[product % 2])
        shelf = "none" if stops < DAYS else "seen"
        yield told(product, "confirmation", DAYS, shelf=shelf)
    for day in range(DAYS):
        yield told(0, "coverage", day)


def fitted(*parts: bytes, prior: Parameters | None = None) -> Parameters:
    return fit(read(parts)[0], prior or Parameters())


@cache
def honest() -> Parameters:
    return fitted(*store(1, phantoms=0.0))


def test_a_category_sells_as_fast_as_it_was_seen_to() -> None:
    rates = honest().rates
    assert rates.categories["c0"].per_day == pytest.approx(0.2, rel=0.3)
    assert rates.categories["c1"].per_day == pytest.approx(1.0, rel=0.3)


def test_pieces_that_sell_one_by_one_are_no_lumps() -> None:
    assert honest().rates.categories["c1"].lump == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("are_counts", [False, True])
@pytest.mark.parametrize("pieces", [1, 12])
def test_how_many_pieces_sell_at_once_is_learned_from_sales_and_from_counts(pieces: int, are_counts: bool) -> None:
    assert fitted(*in_lumps(pieces, are_counts)).rates.usual.lump == pytest.approx(pieces, rel=0.25)


def in_lumps(pieces: int, are_counts: bool) -> Iterator[bytes]:
    """One sale of so many `pieces` every other day on average; told one by one, or as what is left every five days."""
    chance = random.Random(7)
    for product in range(PRODUCTS):
        left, moment, count_at = 100_000, 0.0, 5.0
        yield told(product, "record", 0.0, quantity=left)
        while moment < 4 * DAYS:
            moment += chance.expovariate(0.5)
            while are_counts and count_at <= moment:
                yield told(product, "record", count_at, quantity=left)
                count_at += 5.0
            left -= pieces
            if not are_counts:
                yield told(product, "sale", moment, quantity=pieces)


def test_a_store_of_empty_shelves_is_doubted_more_than_one_of_full_ones() -> None:
    lying = fitted(*store(2, phantoms=0.5))
    assert lying.sources["acme/till"].doubt > honest().sources["acme/till"].doubt


def test_the_same_histories_give_the_same_parameters_one_revision_on() -> None:
    lines = list(store(3, phantoms=0.2))
    once, again = fitted(*lines), fitted(*lines)
    assert once == again
    assert once.revision == 1
    assert fitted(prior=once).revision == 2


def test_nothing_told_changes_nothing_but_the_revision() -> None:
    assert fitted() == replace(Parameters(), revision=1)


def test_a_little_changes_little() -> None:
    few = fitted(told(1, "record", 0, quantity=5), told(1, "confirmation", 1, shelf="none"))
    prior = Parameters().constants
    assert few.constants.phantom_at_one == pytest.approx(prior.phantom_at_one, abs=0.1)
    assert few.rates == Parameters().rates


def test_where_nobody_looks_the_next_record_may_count_as_a_look() -> None:
    turns = [
        told(one, "record", day, quantity=9 * ((day // 4 + one) % 2)) for one in range(40) for day in range(0, 40, 2)
    ]
    histories, _ = read(turns)
    by_shelf, by_record = (
        fit(histories, Parameters(), truth).sources["acme/till"] for truth in (Truth.SHELF, Truth.RECORD)
    )
    assert (by_shelf.doubt, by_shelf.overlooked) == (0.0, 0.0)
    assert by_record.doubt > 0.1


def test_facts_that_turn_often_have_a_shorter_horizon() -> None:
    def horizon(every: int) -> float:
        turns = [told(one, "record", day, quantity=day // every % 2) for one in range(20) for day in range(40)]
        return fitted(*turns).sources["acme/till"].horizon_s

    assert horizon(1) < horizon(8)


def test_parameters_survive_json() -> None:
    assert Parameters.of_json(orjson.loads(orjson.dumps(honest().as_json()))) == honest()


@pytest.mark.parametrize("held", [{}, {"format": 99}, {"format": 1}, {**Parameters().as_json(), "usual": 3}])
def test_what_are_no_parameters_is_refused(held: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Parameters.of_json(held)


@pytest.mark.parametrize("pace", [1, 7, 32])
def test_a_rate_is_told_within_half_a_step(pace: int) -> None:
    assert class_of(per_day(pace) * STEP**0.49) == pace == class_of(per_day(pace) / STEP**0.49)


def test_own_sales_outweigh_the_category_with_time() -> None:
    rate = Rate(1.0, 2.0)
    assert rate.after(0, 1.0).per_day == pytest.approx(2 / 3)
    assert rate.after(30, 300.0).per_day == pytest.approx(0.1, rel=0.1)


def test_what_sells_in_lumps_moves_a_rate_less() -> None:
    assert Rate(1.0, 2.0, lump=10.0).after(30, 10.0).per_day == pytest.approx(Rate(1.0, 2.0).after(3, 1.0).per_day)


def test_a_position_sells_in_the_lumps_of_its_category() -> None:
    rates = Rates(categories={"tyres": Rate(1.0, 2.0, lump=4.0)})
    assert rates.of("tyres", "winter", "acme/1").lump == 4.0


def test_a_rate_that_is_hardly_known_is_told_as_slower() -> None:
    assert told_as(Rate(1.0, 0.5), 2.5) < told_as(Rate(1.0, 2.5), 2.5) == class_of(1.0) < told_as(Rate(1.0, 60.0), 2.5)

"""What was learned from what is held judges the answers of every worker, on either way to them."""

from typing import Any

import orjson
import pytest

from inventory_service import learning
from inventory_service.domain.belief.verdict import Thresholds
from inventory_service.domain.errors import ConfigurationError
from inventory_service.storage import learned
from inventory_service.storage.postgres import connected, transaction
from tests.answers.conftest import House
from tests.answers.doors import Door, same
from tests.sync.world import GTIN, NOW, at, count, item, shop, stopped_clock

DAY = 24 * 60
NEAR = f"/v1/availability?gtin={GTIN}&lat=47.6&lon=-122.3"


async def seller(house: House) -> None:
    """A store whose till told a sale every six hours for ten days, of ten products."""
    gtins = [GTIN, *[None] * 9]
    await house.sync.load([shop("s1"), *(item(f"i{one}", gtin, category="Milk") for one, gtin in enumerate(gtins))])
    for hours in range(240, 0, -6):
        left = 60 - (240 - hours) // 6
        rows = [count("s1", f"i{one}", left, at(hours * 60 + one), gtin=gtin) for one, gtin in enumerate(gtins)]
        await house.sync.load(rows, as_of=at(hours * 60))


async def told(door: Door) -> Any:
    return orjson.loads((await same(door, NEAR))[2])["results"][0]


async def test_a_fit_to_what_is_held_is_in_force_in_every_worker(house: House, door: Door) -> None:
    await seller(house)
    await house.current()
    memory = house.service._parts.memory
    before = memory.ground.learned
    lesson = await learning.learn(house.sync.pool, stopped_clock())
    assert lesson is not None
    assert (lesson.fit.positions, lesson.fit.parameters.revision) == (10, 1)
    await house.current()
    now = memory.ground.learned
    assert before.model.parameters.revision == 0
    assert now is memory.learned
    assert now.model.parameters == lesson.fit.parameters
    assert now.paces == lesson.fit.paces
    assert set(now.paces.products) == {product_id for product_id in now.paces.products if now.pace_of(product_id) > 0}
    assert len(now.paces.products) == 10
    assert (await told(door))["availability"] == "in_stock"


async def test_a_store_is_known_by_how_much_faster_it_sells_and_its_source_by_how_long_its_word_lasts(
    house: House,
) -> None:
    await seller(house)
    lesson = await learning.learn(house.sync.pool, stopped_clock())
    assert lesson is not None
    await house.current()
    knows = house.service._parts.memory.learned
    async with connected(house.sync.pool, deadline_s=5.0) as connection:
        names = await learned.source_names(connection)
    horizons = {name: knows.speaker(source_id).traits.horizon_s for source_id, name in names.items()}
    assert horizons == {name: one.horizon_s for name, one in lesson.fit.parameters.sources.items()}


async def test_nothing_is_learned_where_nothing_was_told(house: House) -> None:
    assert await learning.learn(house.sync.pool, stopped_clock()) is None


async def test_a_retailer_sets_where_its_probabilities_become_words(house: House, door: Door) -> None:
    await house.sync.load([shop("s1"), item("i", GTIN), count("s1", "i", 5, at(DAY))])
    await house.current()
    assert (await told(door))["availability"] == "in_stock"
    async with transaction(house.sync.pool, deadline_s=5.0) as connection:
        assert await learned.set_thresholds(connection, "acme", Thresholds(0.1, 0.98, 0.99), NOW)
        assert not await learned.set_thresholds(connection, "nobody", None, NOW)
    await house.current()
    cautious = await told(door)
    assert (cautious["availability"], cautious["probability"]) == ("unknown", None)
    async with transaction(house.sync.pool, deadline_s=5.0) as connection:
        assert await learned.set_thresholds(connection, "acme", None, NOW)
    await house.current()
    assert (await told(door))["availability"] == "in_stock"


@pytest.mark.parametrize("limits", [(0.5, 0.5, 0.6), (0.2, 0.7, 0.6), (-0.1, 0.5, 0.6), (0.2, 0.5, 1.1)])
def test_thresholds_out_of_order_are_refused(limits: tuple[float, float, float]) -> None:
    with pytest.raises(ConfigurationError, match="in order"):
        Thresholds(*limits)


def test_how_many_classes_faster_a_store_sells() -> None:
    assert learning.faster(1.0) == 0
    assert learning.faster(2.0) == -learning.faster(0.5) == 2

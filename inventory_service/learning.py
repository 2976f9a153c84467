"""Parameters fitted to what the database holds, and put in force in every worker."""

import asyncio
import math
from dataclasses import dataclass

from inventory_service.domain.belief.fitting import fit
from inventory_service.domain.belief.histories import Histories
from inventory_service.domain.belief.learned import Paces
from inventory_service.domain.belief.pace import STEP, told_as
from inventory_service.domain.belief.parameters import Parameters
from inventory_service.domain.clock import Clock
from inventory_service.storage import learned
from inventory_service.storage.histories import histories
from inventory_service.storage.learned import Fit
from inventory_service.storage.postgres import Pool, connected, transaction

DEADLINE_S = 600.0
MOST_POSITIONS = 200_000


@dataclass(frozen=True, slots=True)
class Lesson:
    """A fit and its id; None where there was nothing to learn from."""

    learned_id: int
    fit: Fit


async def learn(pool: Pool, clock: Clock, most: int = MOST_POSITIONS) -> Lesson | None:
    """Goes on from what was learned before. Raises StorageError, ConfigurationError."""
    async with connected(pool, deadline_s=DEADLINE_S) as connection:
        prior, _ = await learned.newest(connection)
        held = await histories(connection, most)
    if not held.positions:
        return None
    found = await asyncio.to_thread(fitted, held, prior)
    async with transaction(pool, deadline_s=DEADLINE_S) as connection:
        return Lesson(await learned.add(connection, found, clock()), found)


def fitted(held: Histories, prior: Parameters) -> Fit:
    parameters = fit(held, prior)
    looks = sum(one.kind == "confirmation" for position in held.positions.values() for one in position.reports)
    return Fit(parameters, paces_of(held, parameters), len(held.positions), looks)


def paces_of(held: Histories, parameters: Parameters) -> Paces:
    """Of the products and stores that were told apart. A product's is that in a store like any other."""
    rates, shape = parameters.rates, parameters.constants.known_shape
    categories = {place.product: position.category for place, position in held.positions.items()}
    usual = next(iter(rates.stores), "")
    factor = rates.stores.get(usual, 1.0)
    products = {
        int(product): told_as(rates.of(categories[product], product, usual).scaled(1.0 / factor), shape)
        for product in rates.products
        if product in categories
    }
    stores = {int(name.rpartition("/")[2]): faster(factor) for name, factor in rates.stores.items()}
    return Paces(products, {store_id: classes for store_id, classes in stores.items() if classes})


def faster(factor: float) -> int:
    """How many classes of pace a factor is."""
    return round(math.log(factor) / math.log(STEP))

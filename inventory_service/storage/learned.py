"""SQL of what has been learned: fits of the model, and retailers' own thresholds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from inventory_service.domain.belief.learned import Learned, Paces
from inventory_service.domain.belief.model import Model
from inventory_service.domain.belief.parameters import Parameters
from inventory_service.domain.belief.verdict import Thresholds
from inventory_service.storage import changes
from inventory_service.storage.postgres import Connection

NEWEST_ID = "SELECT max(learned_id) FROM learned"
NEWEST = "SELECT parameters, products, stores FROM learned ORDER BY learned_id DESC LIMIT 1"
ADD = """
INSERT INTO learned (fitted_at, parameters, products, stores, positions, looks) VALUES ($1, $2, $3, $4, $5, $6)
RETURNING learned_id
"""
THRESHOLDS = "SELECT retailer_id, thresholds FROM retailer WHERE thresholds IS NOT NULL"
SET_THRESHOLDS = "UPDATE retailer SET thresholds = $2 WHERE slug = $1 RETURNING retailer_id"
SOURCE_NAMES = """
SELECT s.source_id, r.slug || '/' || s.slug AS name FROM source s JOIN retailer r USING (retailer_id)
"""


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learned, and from how many positions and looks of staff."""

    parameters: Parameters
    paces: Paces
    positions: int
    looks: int


async def newest_id(connection: Connection) -> int:
    """0: nothing has been learned yet."""
    return int(await connection.fetchval(NEWEST_ID) or 0)


async def newest(connection: Connection) -> tuple[Parameters, Paces]:
    """The priors where nothing has been learned yet. Raises ConfigurationError where it cannot be read."""
    row = await connection.fetchrow(NEWEST)
    if row is None:
        return Parameters(), Paces()
    return Parameters.of_json(row["parameters"]), Paces(_by_id(row["products"]), _by_id(row["stores"]))


async def in_force(connection: Connection, horizon: timedelta) -> Learned:
    """By what answers are judged now; `horizon` serves until any has been learned."""
    parameters, paces = await newest(connection)
    names, limits = await source_names(connection), await thresholds(connection)
    return Learned.of(Model.of(parameters), paces, names, limits, horizon)


async def add(connection: Connection, fit: Fit, now: datetime) -> int:
    """In force in every worker once the caller has committed; returns its id."""
    paces = _by_text(fit.paces.products), _by_text(fit.paces.stores)
    learned_id = await connection.fetchval(ADD, now, fit.parameters.as_json(), *paces, fit.positions, fit.looks)
    await changes.append(connection, "learned", [], [], now)
    return int(learned_id)


async def thresholds(connection: Connection) -> dict[int, Thresholds]:
    """Of the retailers that have set their own, by id."""
    return {row["retailer_id"]: Thresholds(**row["thresholds"]) for row in await connection.fetch(THRESHOLDS)}


async def set_thresholds(connection: Connection, retailer: str, limits: Thresholds | None, now: datetime) -> bool:
    """None: the usual ones again. False where there is no such retailer."""
    known = await connection.fetchval(SET_THRESHOLDS, retailer, None if limits is None else asdict(limits))
    if known is not None:
        await changes.append(connection, "learned", [], [], now)
    return known is not None


async def source_names(connection: Connection) -> dict[int, str]:
    """`retailer/source` by source id."""
    return {row["source_id"]: row["name"] for row in await connection.fetch(SOURCE_NAMES)}


def _by_id(held: Mapping[str, int]) -> dict[int, int]:
    return {int(one): value for one, value in held.items()}


def _by_text(held: Mapping[int, int]) -> dict[str, int]:
    return {str(one): value for one, value in held.items()}

"""POST /v1/basket: which single store, or which two, has most of a shopping list.

Without scope counts stores are compared by what is told: the word and the probability in steps of 0.05.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.point import Point
from inventory_service.domain import offer
from inventory_service.domain.availability import Question
from inventory_service.domain.errors import FieldFault, ForbiddenError, InputError
from inventory_service.domain.product import RetailPrice
from inventory_service.lookup.arrays import FOUND
from inventory_service.lookup.baskets import BILLION, Pick, Shelves, best_pairs, best_singles
from inventory_service.lookup.judging import LIMITED, STEPS, TIE, UNKNOWN
from inventory_service.lookup.survey import Survey, probability_of, word_of
from inventory_service.lookup.telling import price_of
from inventory_service.web.asked_bodies import BasketBody, Wanted
from inventory_service.web.asking import naming_product, origin_of, point_of, retailers_of
from inventory_service.web.availability import OPEN_QUANTITY, named_product, product_of
from inventory_service.web.batch import own_problem, read_codes
from inventory_service.web.bodies import naming_fields, pointer
from inventory_service.web.charging import question_cost
from inventory_service.web.inquiring import Inquirer, Inquiry
from inventory_service.web.models import (
    BasketAnswer,
    BasketItem,
    BasketPair,
    BasketPlan,
    BasketStore,
    Money,
    ShelfItem,
)
from inventory_service.web.presenter import told_to
from inventory_service.web.presenting import money_seen, product_seen, store_seen
from inventory_service.web.queries import AvailabilityQuery
from inventory_service.web.reach import require_stores, retailers_within
from inventory_service.web.wording import instant_text, public_probability

STEP = BILLION // int(STEPS)
NOWHERE = -1
UNTOLD = dict.fromkeys(ShelfItem.model_fields)
"""What stands for a field that is not told, and is left out of the body."""


@dataclass(frozen=True, slots=True)
class Around:
    """Where and when everything on the list is looked for."""

    point: Point
    radius_m: float
    arrive_in: timedelta
    retailers: frozenset[str]
    now: datetime


async def basket(asked: Inquirer[BasketBody]) -> bytes:
    body, service = asked.body, asked.service
    require_stores(asked.key)
    with naming_fields():
        retailers = retailers_within(retailers_of(body.retailer, service), asked.key)
        origin, now = origin_of(body, service), service.now()
    around = Around(point_of(origin), body.radius_m, timedelta(seconds=body.arrive_in_s), retailers, now)
    looked = await asyncio.gather(*(_look(asked, around, place) for place in range(len(body.items))))
    surveys = [survey for _, survey in looked]
    _require_each_once(surveys)
    listed = Listed(asked, surveys)
    pairs = await asyncio.to_thread(best_pairs, listed.shelves, body.limit)
    answer = BasketAnswer(
        items=[item for item, _ in looked],
        origin=origin,
        answered_at=instant_text(now),
        stores_looked_at=len(listed.shelves.store_ids),
        best=[listed.store(pick) for pick in best_singles(listed.shelves, body.limit)],
        pairs=[listed.pair(pick) for pick in pairs],
    )
    return answer.model_dump_json(exclude_unset=True).encode()


async def _look(asked: Inquirer[BasketBody], around: Around, place: int) -> tuple[BasketItem, Survey | None]:
    """One product of the list, wherever it is."""
    wanted = asked.body.items[place]
    try:
        async with asyncio.timeout_at(asked.until_s):
            survey = await asked.service.survey(await _question(wanted, asked, around), around.now)
    except Exception as error:
        problem = own_problem(error, "items", place)
        return BasketItem(status=problem.status, quantity=wanted.quantity, problem=problem), None
    product = survey.question.product
    asked.service.demand.count(product.product_id)
    return BasketItem(status=200, quantity=wanted.quantity, product=product_seen(product)), survey


def _require_each_once(surveys: Sequence[Survey | None]) -> None:
    """Raises InputError: judged apart, the same product twice would be promised twice from one shelf."""
    first: dict[int, int] = {}
    faults = []
    for place, survey in enumerate(surveys):
        if survey is not None:
            before = first.setdefault(survey.question.product.product_id, place)
            if before != place:
                twice = f"is the same product as {pointer('items', before)}: name it once, with the whole quantity"
                faults.append(FieldFault(pointer("items", place), twice))
    if faults:
        raise InputError(*faults)


async def _question(wanted: Wanted, asked: Inquirer[BasketBody], around: Around) -> Question:
    """Raises NearshelfError."""
    if wanted.quantity > OPEN_QUANTITY and not asked.sees_counts:
        raise ForbiddenError(f"Asking for quantity above {OPEN_QUANTITY} needs a key with scope counts.")
    query = AvailabilityQuery.model_construct(product=wanted.product, **read_codes(wanted))
    with naming_product(named_product(query)):
        product = await product_of(query, around.retailers, asked.service)
    return Question(
        product=product,
        origin=around.point,
        radius_m=around.radius_m,
        quantity=wanted.quantity,
        arrive_in=around.arrive_in,
        retailers=around.retailers,
    )


def told_chances(found: NDArray[Any], *, counted: bool) -> NDArray[np.int64]:
    """The probabilities that are told, in billionths; 0 for `unknown`."""
    exact, known = np.clip(found["probability"], 0.0, 1.0), found["word"] != UNKNOWN
    if counted:
        return np.where(known, np.rint(exact * BILLION), 0).astype(np.int64)
    steps = STEPS * exact
    told = np.where(known, np.rint(steps) * STEP, 0).astype(np.int64)
    for place in np.flatnonzero(known & (np.abs(steps - np.floor(steps) - 0.5) <= TIE)).tolist():
        told[place] = round(public_probability(float(exact[place])) * STEPS) * STEP
    return told


class Listed:
    """A list as it was found: a row a store, a column an item."""

    def __init__(self, asked: Inquirer[BasketBody], surveys: Sequence[Survey | None]) -> None:
        self._asked, self._surveys = asked, surveys
        found = [survey.found for survey in surveys if survey is not None]
        joined = np.concatenate([np.zeros(0, dtype=FOUND), *found])
        ids, first = np.unique(joined["store_id"], return_index=True)
        self._at = np.full((len(ids), len(surveys)), NOWHERE, dtype=np.int64)
        """Where in its survey each item's level stands."""
        likely, chances = np.zeros(self._at.shape, dtype=np.bool_), np.zeros(self._at.shape, dtype=np.int64)
        for column, survey in enumerate(surveys):
            if survey is not None:
                places = np.searchsorted(ids, survey.found["store_id"])
                self._at[places, column] = np.arange(len(survey.found))
                likely[places, column] = survey.found["word"] <= LIMITED
                chances[places, column] = told_chances(survey.found, counted=asked.sees_counts)
        self.shelves = Shelves(likely, chances, joined["metres"][first], ids)

    def store(self, pick: Pick) -> BasketStore:
        (row,) = pick.rows
        return self._store(row, np.flatnonzero(self.shelves.likely[row]).tolist())

    def pair(self, pick: Pick) -> BasketPair:
        one, other = pick.rows
        shelves = self.shelves
        likely = shelves.likely[one] | shelves.likely[other]
        from_other = shelves.likely[other] & (~shelves.likely[one] | (shelves.chances[other] > shelves.chances[one]))
        where = {column: other if from_other[column] else one for column in np.flatnonzero(likely).tolist()}
        items = [self._item(row, column) for column, row in where.items()]
        ids = shelves.store_ids
        return BasketPair(
            stores=[self.store(Pick((row,), 0, 0)) for row in pick.rows],
            likely=pick.likely,
            expected=_expected(pick.chances),
            plan=[BasketPlan(item=column, store=int(ids[row])) for column, row in where.items()],
            missing=np.flatnonzero(~likely).tolist(),
            totals=self._totals(items),
            unpriced=_unpriced(items),
        )

    def _store(self, row: int, columns: list[int]) -> BasketStore:
        shelves, items = self.shelves, [self._item(row, column) for column in columns]
        store = self._asked.service.store(int(shelves.store_ids[row]))
        return BasketStore(
            store=store_seen(store, self._asked.service.hours(store)),
            distance_m=round(float(shelves.distances_m[row])),
            likely=len(items),
            expected=_expected(int(shelves.chances[row].sum())),
            items=items,
            missing=np.flatnonzero(~shelves.likely[row]).tolist(),
            totals=self._totals(items),
            unpriced=_unpriced(items),
        )

    def _item(self, row: int, column: int) -> ShelfItem:
        survey = self._surveys[column]
        assert survey is not None
        one = survey.found[self._at[row, column]]
        candidate, product = survey.candidate(one), survey.question.product
        price = price_of(candidate.level.details, product.offers.get(candidate.store.retailer_id, RetailPrice()))
        sale = price.sale_price.at(survey.now) if price.sale_price else None
        exact, stock = probability_of(one), candidate.level.stock
        told = told_to(self._asked.key)
        fields = {
            "availability": word_of(one),
            "probability": exact if exact is None else told.probability(exact),
            "quantity_band": stock.band,
            "price": money_seen(price.price),
            "sale_price": money_seen(sale),
            **told.count(stock),
        }
        seen = {"item": column, **told.result(fields)}
        return ShelfItem.model_construct(set(seen), **{**UNTOLD, **seen})

    def _totals(self, items: Sequence[ShelfItem]) -> list[Money]:
        """By currency, in alphabetical order."""
        sums: dict[str, Decimal] = {}
        for one in items:
            if price := one.sale_price or one.price:
                pieces = self._asked.body.items[one.item].quantity
                sums[price.currency] = sums.get(price.currency, Decimal(0)) + pieces * Decimal(price.amount)
        told = [money_seen(offer.Money(sums[currency], currency)) for currency in sorted(sums)]
        return [one for one in told if one is not None]


def _unpriced(items: Sequence[ShelfItem]) -> list[int]:
    return [one.item for one in items if one.price is None and one.sale_price is None]


def _expected(chances: int) -> float:
    return round(chances / BILLION, 4)


def _cost(body: BasketBody) -> int:
    return len(body.items) * question_cost(body.radius_m, body.limit)


INQUIRY = Inquiry(
    path="/v1/basket",
    summary="Which single store near a place, or which two, has most of a shopping list?",
    body=BasketBody,
    document=BasketAnswer,
    answer=basket,
    cost=_cost,
)

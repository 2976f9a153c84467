"""What an answer tells of a store that the search has found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from inventory_service.domain.availability import Backing, Evidence, Found, Question
from inventory_service.domain.belief.verdict import Judgement
from inventory_service.domain.clock import whole_minute
from inventory_service.domain.confirmation import STAFF
from inventory_service.domain.hours import open_state
from inventory_service.domain.level import Level, Shown
from inventory_service.domain.offer import Details
from inventory_service.domain.product import RetailPrice
from inventory_service.domain.stock import NOTHING_KNOWN, Stock
from inventory_service.domain.store import Store

LIKELY = frozenset(("in_stock", "limited_availability"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """One store that has a level of the product; whatever stands by the level covers it."""

    store: Store
    level: Level
    distance_m: float
    judgement: Judgement

    @property
    def likely(self) -> bool:
        return self.judgement.availability in LIKELY

    @property
    def order(self) -> tuple[float, int]:
        return (self.distance_m, self.store.store_id)


def told(candidate: Candidate, question: Question, sources: Mapping[int, str], now: datetime) -> Found:
    """All of it that may be told; `sources` by id."""
    store, level = candidate.store, candidate.level
    price = price_of(level.details, question.product.offers.get(store.retailer_id, RetailPrice()))
    return Found(
        store=store,
        hours=open_state(store.opening_hours, store.timezone, whole_minute(now), store.country),
        distance_m=round(candidate.distance_m),
        availability=candidate.judgement.availability,
        probability=candidate.judgement.probability,
        stock=level.stock,
        exact=_backing(level.stock, level.own, sources),
        shown=_backing(level.stock, level.in_bands, sources),
        price=price.price,
        sale_price=price.sale_price.at(now) if price.sale_price else None,
        pickup=level.details.pickup,
        aisle=level.details.aisle,
        order_in_store=level.details.order_in_store,
    )


def _backing(stock: Stock, by: Shown, sources: Mapping[int, str]) -> Backing:
    """No evidence where staff have taken back the only word there was."""
    source = sources.get(by.source_id, "unknown")
    kind = kind_of(source)
    taken_back = kind == "confirmation" and stock == NOTHING_KNOWN
    evidence = () if taken_back else (Evidence(kind, source, stock, by.observed_at),)
    return Backing(by.observed_at, by.covered_at, evidence)


def kind_of(source: str) -> str:
    """What its word is: a record, or what somebody saw."""
    return "confirmation" if source == STAFF else "record"


def price_of(details: Details, retail: RetailPrice) -> RetailPrice:
    """The store's own price where it has one, else the retailer's."""
    own = RetailPrice(details.price, details.sale_price)
    return retail if own == RetailPrice() else own

"""Canned answers in the shape of the public contract: every word and every oddity that the page has to show."""

from copy import deepcopy
from typing import Any

Json = dict[str, Any]

ANSWERED_AT = "2026-11-22T03:40:12Z"
"""Saturday evening, 22:40, in Atlanta."""
GTIN = "00300691085301"
UNREPORTED = "04006381333931"
FAR = "00036000291452"
DOWN = "00012345678905"
PRIVATE_ID = 77

PRODUCTS: list[Json] = [
    {"id": 17, "gtin": GTIN, "name": "Paxlovid 300 mg / 100 mg, 20 tablets", "brand": "Pfizer", "image_url": None},
    {
        "id": 18,
        "gtin": "00300691085318",
        "name": "Paxlovid 150 mg / 100 mg, 10 tablets",
        "brand": "Pfizer",
        "image_url": None,
    },
    {"id": 21, "gtin": UNREPORTED, "name": "Stabilo Boss highlighter, yellow", "brand": "Stabilo", "image_url": None},
    {"id": 22, "gtin": FAR, "name": "Kleenex tissues, 85 sheets", "brand": "Kleenex", "image_url": None},
    {"id": 23, "gtin": DOWN, "name": "Lamp that is always down", "brand": None, "image_url": None},
    {
        "id": PRIVATE_ID,
        "gtin": None,
        "name": "House-brand oat bar",
        "brand": None,
        "image_url": "https://elsewhere.example/oat.png",
    },
]
PLACES: list[Json] = [
    {"label": "Atlanta, GA", "lat": 33.749, "lon": -84.38798, "country": "US", "kind": "city"},
    {"label": "Atlanta, GA 30303", "lat": 33.7525, "lon": -84.3888, "country": "US", "kind": "postcode"},
    {"label": "Atlantic City, NJ", "lat": 39.36428, "lon": -74.42293, "country": "US", "kind": "city"},
    {"label": "Berlin, Berlin", "lat": 52.52437, "lon": 13.41053, "country": "DE", "kind": "city"},
]


def _store(store_id: int, name: str, address: str, **more: Any) -> Json:
    usual: Json = {
        "id": store_id,
        "retailer": "cvs",
        "store_code": str(1000 + store_id),
        "name": name,
        "address": address,
        "lat": 33.75 + store_id / 1000,
        "lon": -84.4,
        "phone": "+14045550100",
        "timezone": "America/New_York",
        "open_now": True,
        "closes_at": "2026-11-22T05:00:00Z",
        "opens_at": None,
    }
    return usual | more


def _result(store: Json, distance_m: int, word: str, probability: float | None, band: str | None, **more: Any) -> Json:
    usual: Json = {
        "store": store,
        "distance_m": distance_m,
        "availability": word,
        "probability": probability,
        "quantity_band": band,
        "price": None,
        "sale_price": None,
        "pickup": None,
        "aisle": None,
        "order_in_store": False,
        "as_of": "2026-11-22T03:31:10Z",
        "covered_at": None,
        "age_s": 542,
        "evidence": [_record(band, "2026-11-22T03:31:10Z")],
    }
    return usual | more


def _record(band: str | None, observed_at: str) -> Json:
    return {"kind": "record", "source": "cvs-inventory", "quantity_band": band, "observed_at": observed_at}


def _usd(amount: str) -> Json:
    return {"amount": amount, "currency": "USD"}


RESULTS: list[Json] = [
    _result(
        _store(9, "CVS Pharmacy, Peachtree Center", "235 Peachtree St NE, Atlanta, GA 30303"),
        812,
        "in_stock",
        0.95,
        "3+",
        price=_usd("34.99"),
        sale_price=_usd("29.99"),
        pickup={"method": "buy", "sla": "same_day"},
        aisle="7",
        evidence=[
            _record("3+", "2026-11-22T03:31:10Z"),
            {
                "kind": "confirmation",
                "source": "staff",
                "quantity_band": None,
                "seen": True,
                "observed_at": "2026-11-22T01:10:00Z",
            },
        ],
    ),
    _result(
        _store(
            12,
            "Kroger, Ponce de Leon",
            "725 Ponce de Leon Ave NE, Atlanta, GA 30306",
            retailer="kroger",
            closes_at=None,
        ),
        3_460,
        "limited_availability",
        0.7,
        "1-2",
        price=_usd("31.5"),
        pickup={"method": "reserve", "sla": "2_day"},
        as_of="2026-11-22T01:00:00Z",
        covered_at="2026-11-22T02:40:00Z",
        age_s=3_612,
    ),
    _result(
        _store(
            15,
            "Walgreens, Decatur",
            "1 Clairemont Ave, Decatur, GA 30030",
            open_now=False,
            closes_at=None,
            opens_at="2026-11-22T13:00:00Z",
        ),
        9_120,
        "in_stock",
        1.0,
        "3+",
        aisle="Aisle 12B",
    ),
    _result(
        _store(
            31, "Publix, Tucker", "4650 Hugh Howell Rd, Tucker, GA 30084", phone=None, open_now=None, closes_at=None
        ),
        21_300,
        "unknown",
        None,
        "3+",
        as_of="2022-03-16T00:00:00Z",
        age_s=147_843_612,
        evidence=[_record("3+", "2022-03-16T00:00:00Z")],
    ),
    _result(
        _store(27, "Target, Midtown", "375 18th St NW, Atlanta, GA 30363", closes_at="2026-11-22T04:00:00Z"),
        2_040,
        "out_of_stock",
        0.05,
        "0",
        price=_usd("33.00"),
        order_in_store=True,
        evidence=[
            {
                "kind": "confirmation",
                "source": "staff",
                "quantity_band": "0",
                "seen": False,
                "observed_at": "2026-11-22T03:00:00Z",
            },
            {
                "kind": "shopper",
                "source": "shopper",
                "quantity_band": None,
                "seen": False,
                "observed_at": "2026-11-22T02:00:00Z",
            },
        ],
    ),
]

BEYOND = _result(
    _store(88, "CVS Pharmacy, Macon", "1 Mulberry St, Macon, GA 31201", demo=True), 126_000, "in_stock", 0.85, "3+"
)


def answer(product: Json, origin: Json) -> Json:
    """What the service would say of this product, whatever the place."""
    results, beyond = deepcopy(RESULTS), None
    if product["gtin"] == UNREPORTED:
        results = []
    if product["gtin"] == FAR:
        results, beyond = [deepcopy(RESULTS[3]), deepcopy(RESULTS[4])], deepcopy(BEYOND)
    return {
        "product": product,
        "origin": origin,
        "answered_at": ANSWERED_AT,
        "quantity": 1,
        "results": results,
        "nearest_beyond": beyond,
    }
